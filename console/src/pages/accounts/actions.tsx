/** What stops calls, or the account: each says what happens before it does. */
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { type AccountShown, accountBlock, accountClose, accountHangup, accountUnblock } from '../../api/operations';
import { readable } from '../../parts/amounts';
import { Panel } from '../../parts/form';
import { useReading } from '../../texts/texts';
import { ACCOUNTS_KEY, accountKey } from './account-query';
import { useWords } from './words';

export interface ActionProps {
  account: AccountShown;
  /** What was done, in a sentence. */
  onDone: (text: string, mood?: 'ours' | 'attention') => void;
  onCancel: () => void;
}

export const staleAfter = (accountcode: string) => [accountKey(accountcode), ACCOUNTS_KEY];

export function useUnblock({ accountcode }: AccountShown, onDone: (text: string) => void) {
  const words = useWords();
  return useChange({
    run: (code: string, idempotencyKey) => told(accountUnblock({ accountcode: code, idempotencyKey })),
    stale: staleAfter(accountcode),
    onDone: ({ status }) => onDone(status === 'expired' ? words.unblockedButExpired : words.unblocked),
  });
}

export function Block({ account: { accountcode, active_calls: calls }, onDone, onCancel }: ActionProps) {
  const words = useWords();
  const block = useChange({
    run: (code: string, idempotencyKey) => told(accountBlock({ accountcode: code, idempotencyKey })),
    stale: staleAfter(accountcode),
    onDone: answer => onDone(words.blocked(answer.calls.length)),
  });
  return (
    <Panel
      title={words.act.block}
      lead={words.blockLead(calls)}
      go={words.act.block}
      isDanger
      isBusy={block.isPending}
      error={block.error}
      onGo={() => block.mutate(accountcode)}
      onCancel={onCancel}
    />
  );
}

export function HangUp({ account: { accountcode, active_calls: calls }, onDone, onCancel }: ActionProps) {
  const words = useWords();
  const hangUp = useChange({
    run: (code: string, idempotencyKey) => told(accountHangup({ accountcode: code, idempotencyKey })),
    stale: staleAfter(accountcode),
    onDone: answer => onDone(words.hungUp(answer.calls.length)),
  });
  return (
    <Panel
      title={words.act.hangup}
      lead={words.hangupLead(calls)}
      go={words.act.hangup}
      isDanger
      isBusy={hangUp.isPending}
      confirm={accountcode}
      error={hangUp.error}
      onGo={() => hangUp.mutate(accountcode)}
      onCancel={onCancel}
    />
  );
}

export function Close({ account: { accountcode, balance, currency }, onDone, onCancel }: ActionProps) {
  const { language } = useReading();
  const words = useWords();
  const close = useChange({
    run: (code: string, idempotencyKey) => told(accountClose({ accountcode: code, idempotencyKey })),
    stale: staleAfter(accountcode),
    onDone: () => onDone(words.closed),
  });
  return (
    <Panel
      title={words.act.close}
      lead={words.closeLead(`${readable(balance, language)} ${currency}`)}
      go={words.act.close}
      isDanger
      isBusy={close.isPending}
      confirm={accountcode}
      error={close.error}
      onGo={() => close.mutate(accountcode)}
      onCancel={onCancel}
    />
  );
}
