/** What was sold, how well calls went, and every other report of the API: drawn, as a table, and as a file. */
import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute } from '@tanstack/react-router';
import { type FormEvent, lazy, type ReactNode, Suspense, useState } from 'react';
import { told } from '../../api/ask';
import { type ReportRow, report } from '../../api/operations';
import { useMay } from '../../api/session';
import { Chips } from '../../parts/chips';
import { DayInput } from '../../parts/day-input';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Empty, Note, Page } from '../../parts/page';
import { isMonth } from '../../parts/statement/month';
import { clockTime, readersZone } from '../../parts/times';
import { useReading } from '../../texts/texts';
import { FIRST, groupingOf, known, MEASURES, OTHERS, reportOf } from './catalogue';
import { Rankings } from './drawn';
import { boundsOf, type Days, daysIn } from './period';
import classes from './reports.module.css';
import { columnsOf } from './rows';
import { PERIODS, type ReportsSearch } from './search';
import { ReportTable } from './table';
import { useWords } from './words';

export const Route = createLazyRoute('/reports')({ component: ReportsPage });

const OverTime = lazy(() => import('./over-time'));

function ReportsPage() {
  const { title } = useReading().texts.reports;
  return useMay()('report') ? <Reports /> : <NoPermission title={title} />;
}

/** undefined takes it out of the address. */
type Change = (more: { [Name in keyof ReportsSearch]: ReportsSearch[Name] | undefined }) => void;

function Reports() {
  const { texts, language } = useReading();
  const words = useWords();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const change: Change = more => {
    const merged = Object.entries({ ...search, ...more }).filter(([, value]) => value !== undefined);
    void navigate({ search: Object.fromEntries(merged), resetScroll: false });
  };
  const name = search.report ?? FIRST;
  const { hasPeriod, hasHours } = known(name);
  const isZoned = hasPeriod || hasHours === true;
  const now = Date.now();
  const days = daysIn(search, now);
  const period = hasPeriod ? boundsOf(days, now) : {};
  const query = useQuery({
    queryKey: ['report', name, period],
    queryFn: () => told(report({ name, ...period, ...(isZoned && { zone: readersZone() }) })),
    // It may read the calls of months: it is read anew when it is asked for.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
  return (
    <Page
      title={texts.reports.title}
      hasTimes
      actions={
        <Button variant="default" loading={query.isFetching} onClick={() => void query.refetch()}>
          {words.refresh}
        </Button>
      }
    >
      <Choice name={name} search={search} days={days} change={change} />
      <p className={classes.period}>
        <span>
          <Period name={name} days={days} />
        </span>
        {query.dataUpdatedAt > 0 && (
          <span>{words.asOf(clockTime(new Date(query.dataUpdatedAt).toISOString(), language))}</span>
        )}
      </p>
      <Asked query={query}>
        {({ items, is_more: isMore }) => (
          <Told name={name} rows={items} isMore={isMore} from={period.$from} search={search} change={change} />
        )}
      </Asked>
      <File name={name} period={period} isZoned={isZoned} />
      <Statement />
    </Page>
  );
}

/** Which calls are told of, in words. */
function Period({ name, days: { from, to } }: { name: string; days: Days }) {
  const { language } = useReading();
  const words = useWords();
  const { hasPeriod, over } = known(name);
  if (!hasPeriod) return over === 'minute' ? words.lastHour : words.now;
  const text = (day: string) =>
    new Date(`${day}T12:00:00`).toLocaleDateString(language, { day: 'numeric', month: 'short', year: 'numeric' });
  return words.calls(from ? text(from) : words.beginning, to ? text(to) : words.today, readersZone());
}

interface ChoiceProps {
  name: string;
  search: ReportsSearch;
  days: Days;
  change: Change;
}

function Choice({ name, search, days, change }: ChoiceProps) {
  const words = useWords();
  const grouping = groupingOf(name);
  const { hasPeriod, measures } = known(name);
  const offered = grouping ? MEASURES : measures;
  const measure = measureOf(name, search.show);
  const isOwn = search.from !== undefined || search.to !== undefined;
  const others = Object.keys(OTHERS);
  const isOther = grouping === undefined;
  return (
    <div data-screen="">
      <div className={classes.choice}>
        <Chips
          label={words.by}
          words={words.groupings}
          chosen={(grouping ?? '') as keyof typeof words.groupings}
          onChoose={to => change({ report: reportOf(to, measure ?? 'revenue'), show: measure, sort: undefined })}
        />
        <NativeSelect
          label={words.others}
          value={isOther ? name : ''}
          data={[
            ...(isOther ? [] : [{ value: '', label: words.noOther }]),
            ...[...others, ...(isOther && !others.includes(name) ? [name] : [])].map(value => ({
              value,
              label: words.otherNames[value] ?? value,
            })),
          ]}
          onChange={({ currentTarget: { value } }) =>
            value !== '' && change({ report: value, show: undefined, sort: undefined })
          }
        />
        {hasPeriod && (
          <NativeSelect
            label={words.period}
            value={isOwn ? 'own' : (search.period ?? 'days30')}
            data={[
              ...PERIODS.map(value => ({ value, label: words.periods[value] })),
              { value: 'own', label: words.ownPeriod },
            ]}
            onChange={({ currentTarget: { value } }) =>
              change(
                value === 'own'
                  ? { period: undefined, from: days.from, to: days.to }
                  : { period: PERIODS.find(each => each === value), from: undefined, to: undefined },
              )
            }
          />
        )}
        {hasPeriod && isOwn && <OwnDays search={search} change={change} />}
      </div>
      {offered.length > 0 && (
        <Chips
          label={words.measure}
          words={Object.fromEntries(offered.map(column => [column, named(words.columns[column] ?? column)]))}
          chosen={measure ?? ''}
          onChoose={to => change({ show: to, ...(grouping && { report: reportOf(grouping, to) }), sort: undefined })}
        />
      )}
    </div>
  );
}

const named = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function OwnDays({ search: { from, to }, change }: { search: ReportsSearch; change: Change }) {
  const { common } = useReading().texts;
  return (
    <>
      <DayInput size="sm" label={common.from} value={from} onChange={day => change({ from: day })} />
      <DayInput size="sm" label={common.to} value={to} onChange={day => change({ to: day })} />
    </>
  );
}

/** What is drawn: what the address says, if this report has it. */
function measureOf(name: string, show: string | undefined): string | undefined {
  const { measures } = known(name);
  return measures.find(each => each === show) ?? measures[0];
}

interface ToldProps {
  name: string;
  rows: readonly ReportRow[];
  isMore: boolean;
  from: string | undefined;
  search: ReportsSearch;
  change: Change;
}

function Told({ name, rows, isMore, from, search, change }: ToldProps) {
  const { language } = useReading();
  const words = useWords();
  const { measures, ranks, over } = known(name);
  const measure = measureOf(name, search.show);
  if (rows.length === 0) return <Nothing name={name} search={search} change={change} />;
  return (
    <>
      {isMore && (
        <div className={classes.notes}>
          <Note mood="attention">{words.isMore(rows.length.toLocaleString(language))}</Note>
        </div>
      )}
      {measures.length > 0 && measure !== undefined && (
        <Drawn>
          {ranks !== undefined && <Rankings rows={rows} measure={measure} nameIn={ranks} />}
          {over !== undefined && (
            <Suspense fallback={<Skeleton height={208} />}>
              <OverTime
                rows={rows}
                measure={measure}
                over={over}
                from={from === undefined ? undefined : Date.parse(from)}
                isCut={isMore}
              />
            </Suspense>
          )}
        </Drawn>
      )}
      <ReportTable
        caption={titleOf(name, words)}
        rows={rows}
        isCut={isMore}
        sort={search.sort}
        onSort={sort => change({ sort })}
      />
      {columnsOf(rows).includes('margin') && <p className={classes.small}>{words.margins}</p>}
    </>
  );
}

const Drawn = ({ children }: { children: ReactNode }) => <section className={classes.drawn}>{children}</section>;

function titleOf(
  name: string,
  words: { groupings: Record<string, string>; otherNames: Record<string, string> },
): string {
  const grouping = groupingOf(name);
  return (grouping ? words.groupings[grouping] : words.otherNames[name]) ?? name;
}

/** Why there is no row, and what changes that. */
function Nothing({ name, search, change }: { name: string; search: ReportsSearch; change: Change }) {
  const words = useWords();
  const { hasPeriod } = known(name);
  const kind = groupingOf(name) ? (name.startsWith('asr') ? 'quality' : 'sales') : name;
  const isShort = hasPeriod && (search.period ?? 'days30') !== 'days30';
  const isOwn = search.from !== undefined || search.to !== undefined;
  const command = name === 'unbalanced-accounts' ? 'ringfence verify' : `ringfence report ${name}`;
  return (
    <Empty command={command}>
      <p>{words.empty[kind] ?? words.empty.other}</p>
      {(isShort || (hasPeriod && isOwn)) && (
        <Button variant="default" onClick={() => change({ period: undefined, from: undefined, to: undefined })}>
          {words.widen}
        </Button>
      )}
    </Empty>
  );
}

/** The zones that a file may be written in: the reader's and UTC first. */
const zones = (): string[] => [...new Set([readersZone(), 'UTC', ...Intl.supportedValuesOf('timeZone')])];

interface FileProps {
  name: string;
  period: { $from?: string; to?: string };
  /** Whether it has hours or days, which are those of the file's zone. */
  isZoned: boolean;
}

/** The whole report as a file, written as the reader's programs want it. */
function File({ name, period: { $from, to }, isZoned }: FileProps) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const isComma = new Intl.NumberFormat(language).format(1.5).includes(',');
  const [zone, setZone] = useState(readersZone);
  const [separator, setSeparator] = useState<string>(isComma ? 'semicolon' : 'comma');
  const [mark, setMark] = useState<string>(isComma ? 'comma' : 'point');
  const [offered] = useState(zones);
  const query = new URLSearchParams({
    ...($from !== undefined && { from: $from }),
    ...(to !== undefined && { to }),
    ...(isZoned && { zone }),
    format: 'csv',
    time_zone: zone,
    date_format: 'spreadsheet',
    separator,
    decimal_mark: mark,
  });
  const choices = (labels: Record<string, string>) =>
    Object.entries(labels).map(([value, label]) => ({ value, label }));
  return (
    <section className={classes.below} aria-label={words.file} data-screen="">
      <h2>{words.file}</h2>
      <div className={classes.choice}>
        <NativeSelect
          label={words.zone}
          data={offered}
          value={zone}
          onChange={event => setZone(event.currentTarget.value)}
        />
        <NativeSelect
          label={words.separator}
          data={choices(words.separators)}
          value={separator}
          onChange={event => setSeparator(event.currentTarget.value)}
        />
        <NativeSelect
          label={words.decimalMark}
          data={choices(words.decimalMarks)}
          value={mark}
          onChange={event => setMark(event.currentTarget.value)}
        />
        <Button
          variant="default"
          component="a"
          href={`/api/v1/reports/${encodeURIComponent(name)}?${query}`}
          download={`${name}.csv`}
        >
          {common.download}
        </Button>
      </div>
    </section>
  );
}

/** The way to the statement of an account. */
function Statement() {
  const words = useWords();
  const may = useMay();
  const navigate = Route.useNavigate();
  if (!may('accountShow') || !may('accountStatement')) return null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [accountcode, month] = [String(fields.get('account') ?? ''), String(fields.get('month') ?? '')];
    if (accountcode === '') return;
    void navigate({
      to: '/accounts/$accountcode/statement',
      params: { accountcode },
      search: isMonth(month) ? { month } : {},
    });
  };
  return (
    <section className={classes.below} data-screen="">
      <h2>{words.statement}</h2>
      <p>{words.statementLead}</p>
      <form className={classes.choice} onSubmit={submit} aria-label={words.statement}>
        <TextInput name="account" label={words.account} required dir="auto" autoComplete="off" spellCheck={false} />
        <TextInput name="month" type="month" label={words.month} />
        <Button type="submit" variant="default">
          {words.showStatement}
        </Button>
      </form>
    </section>
  );
}
