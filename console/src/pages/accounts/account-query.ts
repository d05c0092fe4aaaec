/** The questions of these pages, each under one key, so that a change knows what is old after it. */
import { useQuery } from '@tanstack/react-query';
import { told, toldWithVersion } from '../../api/ask';
import { type AccountShown, accountShow, deckList } from '../../api/operations';
import { useMay } from '../../api/session';

export const ACCOUNTS_KEY = ['accounts'] as const;
/** Begins the key of everything that is shown of one account. */
export const accountKey = (accountcode: string) => ['account', accountcode] as const;

/** Money moves while a page is looked at. */
const LOOK_MS = 5_000;

export interface AccountNow {
  account: AccountShown;
  /** Of its settings: `If-Match` takes it. */
  version: string;
}

export const readAccount = async (accountcode: string): Promise<AccountNow> => {
  const { facts, version } = await toldWithVersion(accountShow({ accountcode, limit: 1 }));
  return { account: facts, version };
};

export const useAccount = (accountcode: string) =>
  useQuery({
    queryKey: [...accountKey(accountcode), 'now'],
    queryFn: () => readAccount(accountcode),
    refetchInterval: LOOK_MS,
  });

/** The names of the decks; none for those who may not list them. */
export function useDecks(): readonly string[] {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ['decks', 'names'],
    queryFn: async () => (await told(deckList({ limit: 1_000 }))).items.map(({ deck }) => deck),
    enabled: may('deckList'),
    staleTime: 60_000,
  });
  return data ?? [];
}
