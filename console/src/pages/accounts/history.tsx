/** Who changed what, and when the balance was low. */
import { told } from '../../api/ask';
import { auditList, type Change, type Event, eventList } from '../../api/operations';
import { useMay } from '../../api/session';
import { Difference } from '../../parts/difference';
import { Empty } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Amount, Instant } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useTexts } from '../../texts/texts';
import { accountKey } from './account-query';
import { useWords } from './words';

const AT_ONCE = 50;

export function History({ accountcode }: { accountcode: string }) {
  const words = useWords();
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
  const words = useWords();
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

function LowBalances({ accountcode }: { accountcode: string }) {
  const words = useWords();
  const { common } = useTexts();
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
