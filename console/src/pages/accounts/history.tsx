/** Who changed what, and when the balance was low. */
import { told } from '../../api/ask';
import { auditList, type Change, type Event, eventList } from '../../api/operations';
import { useMay } from '../../api/session';
import { readable } from '../../parts/amounts';
import { Empty } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Amount, Instant } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading, useTexts } from '../../texts/texts';
import { accountKey } from './account-query';
import classes from './accounts.module.css';

const AT_ONCE = 50;

export function History({ accountcode }: { accountcode: string }) {
  const { accounts: words } = useTexts();
  const may = useMay();
  return (
    <>
      {may('auditList') && (
        <section aria-label={words.changes}>
          <h2>{words.changes}</h2>
          <Changes accountcode={accountcode} />
        </section>
      )}
      {may('eventList') && (
        <section aria-label={words.lowBalances}>
          <h2>{words.lowBalances}</h2>
          <LowBalances accountcode={accountcode} />
        </section>
      )}
    </>
  );
}

function Changes({ accountcode }: { accountcode: string }) {
  const { accounts: words } = useTexts();
  const query = useParts<Change>([...accountKey(accountcode), 'audit'], cursor =>
    told(
      auditList({
        $object: accountcode.startsWith('pool:') ? accountcode.replace(':', ' ') : `account ${accountcode}`,
        limit: AT_ONCE,
        ...(cursor === undefined ? { count: true } : { cursor }),
      }),
    ),
  );
  const columns: Column<Change>[] = [
    { head: words.when, cell: ({ created_at: at }) => <Instant at={at} /> },
    { head: words.by, cell: ({ actor }) => <Clipped>{actor}</Clipped> },
    { head: words.what, cell: ({ operation }) => operation },
    { head: words.difference, cell: change => <Difference change={change} /> },
  ];
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          <Empty>{words.noChange}</Empty>
        ) : (
          <Rows caption={words.changes} columns={columns} rows={rows} keyOf={({ audit_id: id }) => id} />
        )
      }
    </ListParts>
  );
}

/** Each field that changed, as it was and as it is. */
function Difference({ change: { before, after } }: { change: Change }) {
  const { language } = useReading();
  const [was, is] = [Object.entries(before ?? {}), Object.entries(after ?? {})];
  const names = [...new Set([...was, ...is].map(([name]) => name))];
  const factIn = (facts: [string, unknown][], name: string) =>
    toldAs(facts.find(([each]) => each === name)?.[1], language);
  return (
    <ul className={classes.difference}>
      {names.map(name => (
        <li key={name}>
          {name}: {was.length > 0 && <bdi>{factIn(was, name)}</bdi>}
          {was.length > 0 && is.length > 0 && ' → '}
          {is.length > 0 && <bdi>{factIn(is, name)}</bdi>}
        </li>
      ))}
    </ul>
  );
}

/** Amounts stand in the audit trail as in their columns, with six decimals. */
function toldAs(value: unknown, language: string): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  return /^-?\d+\.\d{6}$/.test(text) ? readable(text, language) : text;
}

function LowBalances({ accountcode }: { accountcode: string }) {
  const { accounts: words, common } = useTexts();
  const query = useParts<Event>([...accountKey(accountcode), 'low'], cursor =>
    told(
      eventList({ account: accountcode, kind: 'low_balance', limit: AT_ONCE, ...(cursor !== undefined && { cursor }) }),
    ),
  );
  const columns: Column<Event>[] = [
    { head: words.when, cell: ({ created_at: at }) => <Instant at={at} /> },
    { head: common.balance, cell: ({ facts }) => <Fact facts={facts} name="balance" />, isFigure: true },
    { head: words.fields.low_balance.label, cell: ({ facts }) => <Fact facts={facts} name="limit" />, isFigure: true },
  ];
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          <Empty>{words.noLowBalance}</Empty>
        ) : (
          <Rows caption={words.lowBalances} columns={columns} rows={rows} keyOf={({ event_id: id }) => id} />
        )
      }
    </ListParts>
  );
}

function Fact({ facts, name }: { facts: object; name: string }) {
  const [, value] = Object.entries(facts).find(([each]) => each === name) ?? [];
  return typeof value === 'string' ? <Amount value={value} /> : null;
}
