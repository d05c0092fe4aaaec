import type { Account } from '../../api/operations';
import { type Mood, State } from '../../parts/shown';
import { useWords } from './words';

const MOODS = {
  active: 'ours',
  blocked: 'wrong',
  expired: 'attention',
  closed: 'quiet',
} as const satisfies Record<Account['status'], Mood>;

/** What a call that starts now would meet. */
export function AccountState({ status }: Pick<Account, 'status'>) {
  const accounts = useWords();
  return <State mood={MOODS[status]}>{accounts.status[status]}</State>;
}
