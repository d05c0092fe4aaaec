/** All calls, the newest first: found by number, account, trunk, reason, cost and time. */
import { Button, NativeSelect, TextInput, type TextInputProps } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { createLazyRoute, Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { told } from '../../api/ask';
import { type Call, callList } from '../../api/operations';
import { useMay } from '../../api/session';
import { asTyped, typedAmount } from '../../parts/amounts';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Empty, Page } from '../../parts/page';
import { Instant, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { clockTime, duration, readersZone } from '../../parts/times';
import classes from './calls.module.css';
import { useCallReading } from './reading';
import {
  type CallQuestion,
  type CallsSearch,
  callsSearch,
  DISPOSITIONS,
  filtersIn,
  isSearched,
  questionOf,
  RANGES,
  REFUSALS,
  STATES,
  tableAddress,
} from './search';
import { aligned, decimalsOf } from './sum-rows';
import { outcomeOf } from './words';

export const Route = createLazyRoute('/calls')({ component: CallsPage });

const ROWS_AT_ONCE = 50;

function CallsPage() {
  const { calls } = useCallReading().texts;
  return useMay()('callList') ? <List /> : <NoPermission title={calls.title} />;
}

function List() {
  const { texts, language } = useCallReading();
  const { calls, common } = texts;
  const search = Route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [now, setNow] = useState(Date.now);
  const question = questionOf(search, now);
  const isCommaDecimal = new Intl.NumberFormat(language).format(1.5).includes(',');
  const refresh = () => {
    setNow(Date.now());
    void queries.invalidateQueries({ queryKey: ['calls'] });
  };
  const change = (changed: Partial<CallsSearch>) => {
    setNow(Date.now());
    void navigate({ to: '/calls', search: callsSearch({ ...search, ...changed }) });
  };
  return (
    <Page
      title={calls.title}
      hasTimes
      actions={
        <>
          <Button variant="default" onClick={refresh}>
            {calls.refresh}
          </Button>
          <Button
            variant="default"
            component="a"
            href={tableAddress(search, now, readersZone(), isCommaDecimal)}
            download="calls.csv"
          >
            {common.download}
          </Button>
        </>
      }
    >
      <Filters search={search} change={change} />
      <Results key={JSON.stringify(question)} question={question} filters={filtersIn(search)} />
    </Page>
  );
}

interface ResultsProps {
  question: CallQuestion;
  /** How many filters are set. */
  filters: number;
}

/** The most parts that are read without being asked for again: of a filter without an index each is 20,000 calls. */
const PARTS_AT_ONCE = 10;

/** The calls that a question finds, read on until a page is full, or so many calls were searched. */
function Results({ question, filters }: ResultsProps) {
  const { texts, language } = useCallReading();
  const { calls, common } = texts;
  const navigate = useNavigate();
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const [wanted, setWanted] = useState({ rows: ROWS_AT_ONCE, parts: PARTS_AT_ONCE });
  const list = useInfiniteQuery({
    queryKey: ['calls', 'list', question],
    // Without a count the first page of a million calls reads that page and no more.
    queryFn: ({ pageParam }) =>
      told(callList({ ...question, limit: ROWS_AT_ONCE, ...(pageParam ? { cursor: pageParam } : { count: false }) })),
    initialPageParam: '',
    getNextPageParam: last => last.next_cursor,
    refetchOnWindowFocus: false,
  });
  const isSearch = isSearched(question);
  const count = useQuery({
    queryKey: ['calls', 'count', question],
    queryFn: () => told(callList({ ...question, limit: 1, count: true })),
    refetchOnWindowFocus: false,
    // It would search all that this list has not searched yet.
    enabled: !isSearch,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = list;
  const pages = data?.pages ?? [];
  const rows = pages.flatMap(page => page.items);
  const readsOn = hasNextPage && rows.length < wanted.rows && pages.length < wanted.parts;
  useEffect(() => {
    if (readsOn && !isFetching && !isError) void fetchNextPage();
  }, [readsOn, isFetching, isError, fetchNextPage]);
  const goOn = () => {
    setWanted({ rows: rows.length + ROWS_AT_ONCE, parts: pages.length + PARTS_AT_ONCE });
    if (isError) void fetchNextPage();
  };
  const since = pages.at(-1)?.since;
  const total = isSearch ? rows.length : count.data?.total;
  return (
    <Asked query={list}>
      {() => (
        <>
          {rows.length > 0 && <Found rows={rows} isNarrow={isNarrow} />}
          {rows.length === 0 &&
            !hasNextPage &&
            (filters === 0 ? (
              <Empty command="ringfence account create alice --deck retail --balance 10.00">{calls.none}</Empty>
            ) : (
              <Empty>
                <p>{calls.noneFound}</p>
                <Button variant="default" onClick={() => void navigate({ to: '/calls', search: {} })}>
                  {calls.clear}
                </Button>
              </Empty>
            ))}
          <div className={classes.below}>
            {hasNextPage && since !== undefined && (
              <p role="status">{calls.searchedTo(rows.length.toLocaleString(language), clockTime(since, language))}</p>
            )}
            {readsOn && !isError ? (
              <Button variant="default" onClick={() => setWanted({ rows: 0, parts: 0 })}>
                {calls.stop}
              </Button>
            ) : (
              hasNextPage && (
                <Button variant="default" loading={list.isFetchingNextPage} onClick={goOn}>
                  {since === undefined ? common.more : calls.further}
                </Button>
              )
            )}
            {rows.length > 0 && total !== undefined && !(isSearch && hasNextPage) && (
              <p role="status">
                {common.rows(total.toLocaleString(language), count.data?.total_is_exact !== false)}
                {count.data?.since && `. ${calls.lookedAt(clockTime(count.data.since, language))}`}
              </p>
            )}
          </div>
        </>
      )}
    </Asked>
  );
}

function Found({ rows, isNarrow }: { rows: readonly Call[]; isNarrow: boolean }) {
  const { texts, language } = useCallReading();
  const { calls } = texts;
  const navigate = useNavigate();
  const currencies = new Set(rows.map(({ currency }) => currency).filter(currency => currency !== ''));
  const [only] = currencies.size === 1 ? currencies : [];
  // Points stand below one another.
  const decimals = decimalsOf(rows.map(call => call.cost));
  const cost = (call: Call) => (
    <span className={classes.cost}>
      {aligned(call.cost, decimals, language)}
      {only === undefined && call.currency !== '' && ` ${call.currency}`}
    </span>
  );
  const outcome = (call: Call) => {
    const { mood, text } = outcomeOf(call, texts);
    return <State mood={mood}>{text}</State>;
  };
  const link = (call: Call, children: ReactNode) => (
    // The row opens it, by click or by Enter; the link is for another tab.
    <Link to="/calls/$uniqueid" params={{ uniqueid: call.uniqueid }} tabIndex={-1} className={classes.link}>
      {children}
    </Link>
  );
  const costHead = only === undefined ? calls.cost : `${calls.cost}, ${only}`;
  const wide: Column<Call>[] = [
    { head: calls.time, cell: call => link(call, <Instant at={call.start_at} />) },
    { head: calls.account, cell: call => <Clipped>{call.accountcode}</Clipped> },
    { head: calls.from, cell: call => <Clipped>{call.src}</Clipped> },
    { head: calls.to, cell: call => <Clipped>{call.dst}</Clipped> },
    { head: calls.destination, cell: call => <Clipped>{call.rate_destination}</Clipped> },
    { head: calls.trunk, cell: call => <Clipped>{call.trunk}</Clipped> },
    { head: calls.talk, cell: talkOf, isFigure: true },
    { head: costHead, cell: cost, isFigure: true },
    { head: calls.outcome, cell: outcome },
  ];
  const narrow: Column<Call>[] = [
    {
      head: calls.call,
      cell: call => (
        <div className={classes.card}>
          {link(call, <Clipped>{call.dst || calls.noNumber}</Clipped>)}
          <Clipped>{call.rate_destination}</Clipped>
          <Clipped>{call.accountcode}</Clipped>
          <Instant at={call.start_at} />
        </div>
      ),
    },
    {
      head: costHead,
      isFigure: true,
      cell: call => (
        <div className={classes.card}>
          {cost(call)}
          <span>{talkOf(call)}</span>
          {outcome(call)}
        </div>
      ),
    },
  ];
  return (
    <div className={classes.list}>
      <Rows
        caption={calls.title}
        columns={isNarrow ? narrow : wide}
        rows={rows}
        keyOf={({ uniqueid }) => uniqueid}
        onOpen={({ uniqueid }) => void navigate({ to: '/calls/$uniqueid', params: { uniqueid } })}
      />
    </div>
  );
}

/** Billed talk; nothing where nobody talked. */
const talkOf = ({ answer_at, end_at, billsec }: Call): string =>
  answer_at === null || end_at === null ? '' : duration(billsec);

interface FiltersProps {
  search: CallsSearch;
  change: (changed: Partial<CallsSearch>) => void;
}

/** What is set stands in the address. Words are taken when they are sent, or when the field is left. */
function Filters({ search, change }: FiltersProps) {
  const { texts, language } = useCallReading();
  const { calls, common } = texts;
  const { text: _, range: __, from: ___, to: ____, state: _____, ...less } = search;
  const isDated = search.from !== undefined || search.to !== undefined;
  const [isOpen, setOpen] = useState(filtersIn(less) > 0);
  const [isOwnPeriod, setOwnPeriod] = useState(isDated);
  const box = useRef<HTMLInputElement>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target, key } = event;
      const isTyping = target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
      if (key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      box.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const [unclear, setUnclear] = useState<string[]>([]);
  /** null if an amount could be two, such as 1,000 in English. */
  const written = (): Partial<CallsSearch> | null => {
    const fields = new FormData(form.current ?? undefined);
    const costs = Object.fromEntries(
      ['costFrom', 'costTo'].map(name => {
        const typed = String(fields.get(name) ?? '').trim();
        return [name, typed && typedAmount(typed, language)];
      }),
    );
    const bad = Object.keys(costs).filter(name => costs[name] === null);
    setUnclear(bad);
    if (bad.length > 0) return null;
    const { account, trunk, cause, costFrom, costTo, text, from, to } = callsSearch({
      ...Object.fromEntries(fields),
      ...costs,
      from: instantIn(fields.get('from')),
      to: instantIn(fields.get('to')),
    });
    // A field that is not shown keeps what the address says.
    const shown = isOpen ? { account, trunk, cause, costFrom, costTo } : {};
    return { text, ...shown, ...(isOwnPeriod && { from, to }) };
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const send = () => {
    const changed = written();
    if (!changed) return;
    const isSame = Object.entries(changed).every(([name, value]) => search[name as keyof CallsSearch] === value);
    if (!isSame) change(changed);
  };
  const word = (name: 'account' | 'trunk' | 'cause', label: string, more: object = {}) => (
    <Written name={name} label={label} value={String(search[name] ?? '')} onBlur={send} {...more} />
  );
  const cost = (name: 'costFrom' | 'costTo', label: string) => (
    <Written
      name={name}
      label={label}
      value={asTyped(search[name] ?? '', language)}
      onBlur={send}
      inputMode="decimal"
      error={unclear.includes(name) ? common.amountUnclear : undefined}
    />
  );
  const day = (name: 'from' | 'to', label: string) => (
    <Written name={name} label={label} value={localText(search[name])} onBlur={send} type="datetime-local" step={1} />
  );
  const choice = (value: string) => (value === '' ? undefined : value);
  return (
    <search>
      <form ref={form} onSubmit={submit} className={classes.filters}>
        <div className={classes.row}>
          <Written
            boxRef={box}
            className={classes.grows}
            type="search"
            name="text"
            label={common.search}
            placeholder={calls.searchHelp}
            value={search.text ?? ''}
          />
          <NativeSelect
            label={calls.period}
            value={isOwnPeriod ? 'own' : (search.range ?? '')}
            onChange={({ currentTarget: { value } }) => {
              setOwnPeriod(value === 'own');
              if (value === 'own') return;
              change({ range: choice(value) as CallsSearch['range'], from: undefined, to: undefined });
            }}
            data={[
              { value: '', label: calls.periods.any },
              ...Object.keys(RANGES).map(range => ({
                value: range,
                label: calls.periods[range as keyof typeof RANGES],
              })),
              { value: 'own', label: calls.ownPeriod },
            ]}
          />
          <NativeSelect
            label={calls.progress}
            value={search.state ?? ''}
            onChange={({ currentTarget: { value } }) => change({ state: choice(value) as CallsSearch['state'] })}
            data={[{ value: '', label: common.all }, ...STATES.map(state => ({ value: state, label: calls[state] }))]}
          />
          <Button type="submit">{calls.find}</Button>
          <Button variant="default" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {calls.filters(filtersIn(less))}
          </Button>
          {filtersIn(search) > 0 && (
            <Button
              variant="subtle"
              onClick={() => {
                setOwnPeriod(false);
                change(Object.fromEntries(Object.keys(search).map(name => [name, undefined])));
              }}
            >
              {calls.clear}
            </Button>
          )}
        </div>
        {isOwnPeriod && (
          <div className={classes.row}>
            {day('from', calls.fromTime)}
            {day('to', calls.toTime)}
          </div>
        )}
        {isOpen && (
          <div className={classes.row}>
            {word('account', calls.account)}
            {word('trunk', calls.trunk)}
            <NativeSelect
              label={calls.answer}
              value={search.disposition ?? ''}
              onChange={({ currentTarget: { value } }) =>
                change({ disposition: choice(value) as CallsSearch['disposition'] })
              }
              data={[
                { value: '', label: common.all },
                ...DISPOSITIONS.map(value => ({ value, label: calls.dispositions[value] })),
              ]}
            />
            <NativeSelect
              label={calls.refusal}
              value={search.refusal ?? ''}
              onChange={({ currentTarget: { value } }) => change({ refusal: choice(value) as CallsSearch['refusal'] })}
              data={[
                { value: '', label: common.all },
                ...REFUSALS.map(value => ({ value, label: calls.refusals[value] })),
              ]}
            />
            {word('cause', calls.cause, { inputMode: 'numeric' })}
            {cost('costFrom', calls.costFrom)}
            {cost('costTo', calls.costTo)}
          </div>
        )}
      </form>
    </search>
  );
}

interface WrittenProps extends Omit<TextInputProps, 'value' | 'defaultValue'> {
  /** What the address says: written into the field whenever it changes. */
  value: string;
  boxRef?: RefObject<HTMLInputElement | null>;
}

/** A field that is read when its form is sent. It keeps the focus then. */
function Written({ value, boxRef, ...field }: WrittenProps) {
  const own = useRef<HTMLInputElement>(null);
  const box = boxRef ?? own;
  useEffect(() => {
    if (box.current) box.current.value = value;
  }, [box, value]);
  return <TextInput ref={box} defaultValue={value} autoComplete="off" spellCheck={false} {...field} />;
}

/** What a field of day and time has, in the reader's zone, as ISO 8601; undefined for nothing. */
function instantIn(written: FormDataEntryValue | null): string | undefined {
  const at = typeof written === 'string' && written !== '' ? new Date(written) : null;
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
}

/** The same the other way. */
function localText(instant: string | undefined): string {
  if (instant === undefined) return '';
  const at = new Date(instant);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
