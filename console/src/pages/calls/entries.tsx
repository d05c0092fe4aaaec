/** What a call moved in the ledger, with the balance before and after. */
import type { CallEvidence } from '../../api/operations';
import { lessBy } from '../../parts/amounts';
import { Instant } from '../../parts/shown';
import { Clipped, Rows } from '../../parts/table';
import classes from './calls.module.css';
import { useCallReading } from './reading';
import { aligned, decimalsOf } from './sum-rows';

export function Entries({ entries, isLive }: { entries: CallEvidence['entries']; isLive: boolean }) {
  const { texts, language } = useCallReading();
  const { calls } = texts;
  const { ledger } = calls;
  const [first] = entries;
  if (!first) return <p className={classes.soft}>{isLive ? ledger.noneYet : ledger.none}</p>;
  const befores = entries.map(entry => lessBy(entry.balance_after, entry.amount));
  const decimals = decimalsOf([...befores, ...entries.flatMap(entry => [entry.amount, entry.balance_after])]);
  const amount = (value: string) => <span className={classes.cost}>{aligned(value, decimals, language)}</span>;
  return (
    <Rows
      caption={calls.entries}
      keyOf={entry => String(entry.entry_number)}
      rows={entries}
      columns={[
        { head: calls.time, cell: ({ created_at }) => <Instant at={created_at} /> },
        { head: ledger.kind, cell: ({ kind }) => calls.kinds[kind] },
        {
          head: ledger.before,
          isFigure: true,
          cell: entry => amount(lessBy(entry.balance_after, entry.amount)),
        },
        {
          head: `${ledger.amount}, ${first.currency}`,
          isFigure: true,
          cell: entry => amount(entry.amount),
        },
        { head: ledger.after, isFigure: true, cell: entry => amount(entry.balance_after) },
        { head: ledger.reason, cell: ({ reason }) => <Clipped>{reason}</Clipped> },
        { head: ledger.who, cell: ({ actor }) => <Clipped>{actor}</Clipped> },
      ]}
    />
  );
}
