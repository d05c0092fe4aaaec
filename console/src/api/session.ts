/** Who is logged in here. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { Refused, setToken, told } from './ask';
import { forgetHeld, heldIsOf } from './held';
import { type OwnSession, sessionEnd, sessionShow } from './operations';
import { ROLES_OF } from './roles';

export type OperationName = keyof typeof ROLES_OF;

export const SESSION_KEY = ['session'] as const;

/** The session of this browser; null if nobody is logged in. @throws Refused if it cannot be asked. */
async function readSession(): Promise<OwnSession | null> {
  try {
    return await told(sessionShow());
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
}

/** Asked anew whenever the person comes back to this page: in another tab another person may have logged in meanwhile. */
export function useSessionQuery() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: readSession,
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: 'always',
  });
}

const SessionContext = createContext<OwnSession | null>(null);

/** The session of the pages within it. They keep it until they are taken away, also where it has just ended. */
export const SessionProvider = SessionContext.Provider;

/** The person who is logged in. @throws Error outside of a page. */
export function useSession(): OwnSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error('nobody is logged in');
  return session;
}

/** Whether the person's roles allow an operation. The API decides in any case; pages leave out what it would refuse. */
export function useMay(): (operation: OperationName) => boolean {
  const { roles } = useSession();
  return operation => ROLES_OF[operation].some((role: string) => roles.includes(role));
}

/** Who is logged in from now on; null for nobody. */
export const changeSession = (queries: QueryClient, session: OwnSession | null): void => {
  queries.setQueryData(SESSION_KEY, session);
};

/**
 * Keeps what belongs to one session to that one: its CSRF token, and all that was read or asked with it. So nobody sees what another person saw
 * in this browser, and no change is sent in the name of another one.
 */
export function followSession(queries: QueryClient): void {
  let known: string | undefined;
  queries.getQueryCache().subscribe(({ query }) => {
    if (query.queryKey[0] !== SESSION_KEY[0]) return;
    const session = (query.state.data as OwnSession | null | undefined) ?? null;
    setToken(session);
    if (known === session?.session_number) return;
    known = session?.session_number;
    if (session) heldIsOf(session.name);
    queries.getMutationCache().clear();
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
  });
}

/** Ends the session. @throws Refused if the service did not end it: then the person is still logged in. */
export function useLogOut(): () => Promise<void> {
  const queries = useQueryClient();
  const end = async () => {
    const session = await queries.fetchQuery({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: 0 });
    if (session) await told(sessionEnd({ xCsrfToken: session.csrf_token }));
  };
  return async () => {
    await end().catch((error: unknown) => {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
    });
    forgetHeld();
    changeSession(queries, null);
  };
}
