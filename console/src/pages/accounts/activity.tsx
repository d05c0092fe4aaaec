/** What money moved and which calls were made, the newest first. */
import { useQuery } from '@tanstack/react-query';
import { told } from '../../api/ask';
import {
  type AccountShown,
  accountShow,
  accountSpend,
  type Call,
  callList,
  type LedgerEntry,
  type LedgerRow,
  ledgerList,
} from '../../api/operations';
import { useMay } from '../../api/session';
import { placesOf } from '../../parts/amounts';
import { Chips } from '../../parts/chips';
import { Asked, Empty } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Amount, Instant, State } from '../../parts/shown';
import { SpendBars } from '../../parts/spend';
import { Clipped, type Column, Rows } from '../../parts/table';
import { duration, readersZone } from '../../parts/times';
import { useTexts } from '../../texts/texts';
import type { SetSearch } from './account';
import { accountKey } from './account-query';
import { CallLink } from './call-link';
import { SHOWN, type Shown } from './search';
import { useWords } from './words';

const AT_ONCE = 50;

interface ActivityProps {
  account: AccountShown;
  show: Shown | undefined;
  onSearch: SetSearch;
}

export function Activity({ account, show = 'money', onSearch }: ActivityProps) {
  const words = useWords();
  const may = useMay();
  // Who may not list the ledger sees the newest entries, which come with the account.
  const offered = SHOWN.filter(each => may('ledgerList') || each === 'money' || each === 'calls');
  const chosen = offered.find(each => each === show) ?? 'money';
  return (
    <>
      <Chips
        label={words.tabs.activity}
        words={Object.fromEntries(offered.map(each => [each, words.shown[each]])) as Partial<Record<Shown, string>>}
        chosen={chosen}
        onChoose={each => onSearch({ show: each === 'money' ? undefined : each })}
      />
      {chosen === 'calls' ? (
        <Calls account={account} />
      ) : may('ledgerList') ? (
        <>
          {(chosen === 'money' || chosen === 'call_charge') && (
            <SpendBars
              queryKey={[...accountKey(account.accountcode), 'spend']}
              ask={() => told(accountSpend({ accountcode: account.accountcode, zone: readersZone() }))}
            />
          )}
          <Ledger key={chosen} account={account} kind={chosen === 'money' ? undefined : chosen} />
        </>
      ) : (
        <NewestEntries account={account} />
      )}
    </>
  );
}

function useEntryColumns(currency: string): (rows: readonly LedgerEntry[]) => Column<LedgerEntry>[] {
  const words = useWords();
  const { common } = useTexts();
  return rows => {
    const places = placesOf(rows.flatMap(({ amount, balance_after: after }) => [amount, after]));
    return [
      { head: words.when, cell: ({ created_at: at }) => <Instant at={at} /> },
      { head: words.what, cell: ({ kind }) => words.kinds[kind] },
      { head: words.movement.reference, cell: ({ reference }) => <Clipped>{reference}</Clipped>, isExtra: true },
      { head: words.movement.reason, cell: ({ reason }) => <Clipped>{reason}</Clipped>, isExtra: true },
      {
        head: `${words.movement.amount} ${currency}`,
        cell: ({ amount }) => <Amount value={amount} places={places} />,
        isFigure: true,
      },
      {
        head: `${common.balance} ${currency}`,
        cell: ({ balance_after: after }) => <Amount value={after} places={places} />,
        isFigure: true,
      },
    ];
  };
}

function Ledger({ account, kind }: { account: AccountShown; kind: Exclude<Shown, 'money' | 'calls'> | undefined }) {
  const words = useWords();
  const { accountcode, currency } = account;
  const query = useParts<LedgerRow>([...accountKey(accountcode), 'ledger', kind ?? 'all'], cursor =>
    told(
      ledgerList({
        account: accountcode,
        limit: AT_ONCE,
        ...(kind && { kind }),
        ...(cursor === undefined ? { count: true } : { cursor }),
      }),
    ),
  );
  const entryColumns = useEntryColumns(currency);
  const columnsFor = (rows: readonly LedgerRow[]): Column<LedgerRow>[] => [
    ...entryColumns(rows),
    { head: words.by, cell: ({ actor }) => <Clipped>{actor}</Clipped>, isExtra: true },
  ];
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          <Empty command={`ringfence account topup ${quoted(accountcode)} 20.00 --reference invoice-17`}>
            {words.noMoney}
          </Empty>
        ) : (
          <Rows
            caption={words.shown[kind ?? 'money']}
            columns={columnsFor(rows)}
            rows={rows}
            keyOf={({ entry_number: number }) => String(number)}
          />
        )
      }
    </ListParts>
  );
}

function NewestEntries({ account: { accountcode, currency } }: { account: AccountShown }) {
  const words = useWords();
  const columnsFor = useEntryColumns(currency);
  const query = useQuery({
    queryKey: [...accountKey(accountcode), 'newest'],
    queryFn: () => told(accountShow({ accountcode, limit: AT_ONCE })),
  });
  return (
    <Asked query={query}>
      {({ entries, entries_total: total }) =>
        entries.length === 0 ? (
          <Empty>{words.noMoney}</Empty>
        ) : (
          <>
            <Rows
              caption={words.shown.money}
              columns={columnsFor(entries)}
              rows={entries}
              keyOf={({ kind, reference }) => `${kind} ${reference}`}
            />
            {total > entries.length && <p>{words.newestOnly(entries.length, total)}</p>}
          </>
        )
      }
    </Asked>
  );
}

function Calls({ account: { accountcode, currency } }: { account: AccountShown }) {
  const words = useWords();
  const query = useParts<Call>([...accountKey(accountcode), 'calls'], cursor =>
    told(
      callList({
        account: accountcode,
        limit: AT_ONCE,
        ...(cursor === undefined ? { count: true } : { cursor }),
      }),
    ),
  );
  const columnsFor = (places: number): Column<Call>[] => [
    { head: words.when, cell: ({ start_at: at }) => <Instant at={at} /> },
    { head: words.from, cell: ({ src }) => <Clipped>{src}</Clipped>, isExtra: true },
    { head: words.to, cell: call => <CallLink call={call} /> },
    { head: words.destination, cell: call => <Clipped>{call.rate_destination}</Clipped>, isExtra: true },
    { head: words.talk, cell: ({ billsec }) => duration(billsec), isFigure: true },
    {
      head: `${words.cost} ${currency}`,
      cell: ({ cost }) => <Amount value={cost} places={places} />,
      isFigure: true,
    },
    { head: words.ended, cell: call => <CallEnd call={call} /> },
  ];
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          <Empty>{words.noCalls}</Empty>
        ) : (
          <Rows
            caption={words.shown.calls}
            columns={columnsFor(placesOf(rows.map(({ cost }) => cost)))}
            rows={rows}
            keyOf={({ uniqueid }) => uniqueid}
          />
        )
      }
    </ListParts>
  );
}

function CallEnd({ call: { disposition, refusal } }: { call: Call }) {
  const words = useWords();
  const { calls } = useTexts();
  if (refusal !== null) return <State mood="attention">{words.refusedFor(calls.refusals[refusal])}</State>;
  if (disposition === null) return <State mood="ours">{words.inProgress}</State>;
  return <>{words.dispositions[disposition]}</>;
}

/** An account code as a shell takes it. */
export const quoted = (text: string): string => (/^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
