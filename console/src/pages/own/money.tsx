/** The customer's movements of money, with the balance after each. */
import { NativeSelect } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { type OwnEntry, ownLedger, ownSpend } from '../../api/operations';
import { readable } from '../../parts/amounts';
import { DayInput } from '../../parts/day-input';
import { betweenDays } from '../../parts/days';
import { Amount, Instant } from '../../parts/shown';
import { SpendBars } from '../../parts/spend';
import { readersZone } from '../../parts/times';
import { useReading, useTexts } from '../../texts/texts';
import { WithAccount } from './own';
import classes from './own.module.css';
import { OwnList } from './parts-of-own';
import { KINDS, type moneySearch } from './search';
import { useWords } from './words';

export const Route = createLazyRoute('/own/money')({ component: Money });

type Search = ReturnType<typeof moneySearch>;

const LIMIT = 25;

function Money() {
  return <WithAccount>{({ currency }) => <Entries currency={currency} />}</WithAccount>;
}

function Entries({ currency }: { currency: string }) {
  const own = useWords();
  const filter = Route.useSearch();
  const navigate = Route.useNavigate();
  const isFiltered = Object.keys(filter).length > 0;
  const { kind, ...days } = filter;
  return (
    <>
      {!isFiltered && <SpendBars queryKey={['own', 'spend']} ask={() => told(ownSpend({ zone: readersZone() }))} />}
      <Filters filter={filter} onChange={search => void navigate({ search, replace: true })} />
      <OwnList
        queryKey={['own', 'ledger', filter]}
        ask={cursor =>
          told(
            ownLedger({
              limit: LIMIT,
              ...betweenDays(days),
              ...(kind !== undefined && { kind }),
              ...(cursor !== undefined && { cursor }),
            }),
          )
        }
        words={own.money}
        isFiltered={isFiltered}
        onShowAll={() => void navigate({ search: {} })}
        label={own.tabs.money}
        currency={currency}
        row={entry => <Entry key={entry.entry_number} entry={entry} />}
      />
    </>
  );
}

function Entry({ entry }: { entry: OwnEntry }) {
  const { texts, language } = useReading();
  const { kinds } = texts.statement;
  const { money } = useWords();
  const { kind, amount, balance_after: balance, created_at: at, reference } = entry;
  return (
    <li>
      <div className={classes.row}>
        <span className={classes.line}>
          <span>
            {kinds[kind]}
            {' · '}
            {kind === 'call_charge' ? (
              <Link to="/own/calls" search={{ open: reference }}>
                {money.showCall}
              </Link>
            ) : (
              <span dir="auto" className={classes.number}>
                {reference}
              </span>
            )}
          </span>
          <Amount value={amount} />
        </span>
        <span className={classes.line}>
          <Instant at={at} />
          <span>{money.balance(readable(balance, language))}</span>
        </span>
      </div>
    </li>
  );
}

function Filters({ filter, onChange }: { filter: Search; onChange: (filter: Search) => void }) {
  const own = useWords();
  const { common, statement } = useTexts();
  const { kind, from, to } = filter;
  const set = (part: { [Name in keyof Search]: Search[Name] | undefined }) =>
    onChange(
      Object.fromEntries(Object.entries({ ...filter, ...part }).filter(([, value]) => value !== undefined)) as Search,
    );
  return (
    <div className={classes.filters}>
      <NativeSelect
        size="md"
        label={own.money.kind}
        value={kind ?? ''}
        data={[{ value: '', label: common.all }, ...KINDS.map(value => ({ value, label: statement.kinds[value] }))]}
        onChange={event => set({ kind: KINDS.find(word => word === event.currentTarget.value) })}
      />
      <DayInput label={common.from} value={from} onChange={day => set({ from: day })} />
      <DayInput label={common.to} value={to} onChange={day => set({ to: day })} />
    </div>
  );
}
