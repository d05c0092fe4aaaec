/** Who is logged in here. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { Refused, setToken, told } from './ask';
import { type OwnSession, sessionEnd, sessionShow } from './operations';
import { ROLES_OF } from './roles';

export type OperationName = keyof typeof ROLES_OF;

export const SESSION_KEY = ['session'] as const;

/** The session of this browser; null if nobody is logged in. @throws Refused if it cannot be asked. */
export async function readSession(): Promise<OwnSession | null> {
  try {
    const session = await told(sessionShow());
    setToken(session);
    return session;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
}

export function useSessionQuery() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: 5 * 60_000 });
}

/** The person who is logged in. @throws Error where nobody is: the shell shows no page then. */
export function useSession(): OwnSession {
  const { data } = useSessionQuery();
  if (!data) throw new Error('nobody is logged in');
  return data;
}

/** Whether the person's roles allow an operation. The API decides in any case; pages leave out what it would refuse. */
export function useMay(): (operation: OperationName) => boolean {
  const { roles } = useSession();
  return operation => ROLES_OF[operation].some((role: string) => roles.includes(role));
}

/** Who is logged in from now on; null for nobody. What another person saw in this browser is forgotten. */
export function changeSession(queries: QueryClient, session: OwnSession | null): void {
  setToken(session);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
  queries.setQueryData(SESSION_KEY, session);
}

export function useLogOut(): () => Promise<void> {
  const queries = useQueryClient();
  const { csrf_token: xCsrfToken } = useSession();
  return async () => {
    await told(sessionEnd({ xCsrfToken })).catch(() => undefined);
    changeSession(queries, null);
  };
}
