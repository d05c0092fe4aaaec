/** The reports of the API as this page knows them: what each is of, how its columns are read, and what is drawn of it. Pure. */

/** How the values of a column are written and sorted. What is not listed is a text, or a number as it is. */
export type Kind =
  | 'account'
  | 'trunk'
  | 'call'
  | 'currency'
  | 'money'
  | 'count'
  | 'minutes'
  | 'seconds'
  | 'percent'
  | 'instant';

/** The report's own word for all destinations behind the first. */
export const OTHERS_ROW = '(others)';

/** Minutes are rounded seconds: what sums them sums these, and is rounded once. They are not shown beside them. */
export const SECONDS_OF: Readonly<Record<string, string>> = {
  minutes: 'talk_seconds',
  billed_minutes: 'billed_seconds',
};

const KINDS: Readonly<Record<string, Kind>> = {
  accountcode: 'account',
  trunk: 'trunk',
  uniqueid: 'call',
  currency: 'currency',
  revenue: 'money',
  trunk_cost: 'money',
  margin: 'money',
  cost: 'money',
  max_cost: 'money',
  price_per_minute: 'money',
  balance: 'money',
  entries_sum: 'money',
  reserved: 'money',
  reservations_sum: 'money',
  calls_cost: 'money',
  charges_sum: 'money',
  calls: 'count',
  accounts: 'count',
  starts: 'count',
  tried_calls: 'count',
  answered_calls: 'count',
  ended_calls: 'count',
  calls_with_known_cost: 'count',
  active_calls: 'count',
  reservations: 'count',
  minutes: 'minutes',
  billed_minutes: 'minutes',
  acd_seconds: 'seconds',
  talk_seconds: 'seconds',
  billed_seconds: 'seconds',
  answer_delay_seconds: 'seconds',
  seconds_to_answer: 'seconds',
  granted_seconds: 'seconds',
  asr_percent: 'percent',
  hour: 'instant',
  minute: 'instant',
  start_at: 'instant',
  answer_at: 'instant',
};

export const kindOf = (column: string): Kind | undefined => (Object.hasOwn(KINDS, column) ? KINDS[column] : undefined);

/** Whether its values stand on the right. */
export const isFigure = (column: string): boolean =>
  ['money', 'count', 'minutes', 'seconds', 'percent'].includes(kindOf(column) ?? '');

/** Columns whose sum says something: no ratio, no price, and no number of different things. */
const SUMMED: readonly string[] = [
  ...['revenue', 'trunk_cost', 'margin', 'cost', 'max_cost'],
  ...['calls', 'starts', 'tried_calls', 'answered_calls', 'ended_calls', 'calls_with_known_cost'],
  ...['minutes', 'billed_minutes', 'talk_seconds'],
];

export const isSummed = (column: string): boolean => SUMMED.includes(column);

export interface Known {
  /** Whether it is of the calls of a period, and not of what is now. */
  hasPeriod: boolean;
  /** Whether it has hours although it has no period: then they are of the reader's zone, as those of a period are. */
  hasHours?: true;
  /** The columns that can be drawn. */
  measures: readonly string[];
  /** How they are drawn: as a ranking of what this column names, or over the time that it names. */
  ranks?: string;
  over?: 'hour' | 'minute' | 'day';
}

export const GROUPINGS = ['destination', 'account', 'trunk', 'hour'] as const;
export type Grouping = (typeof GROUPINGS)[number];

const SALES = ['revenue', 'margin', 'minutes'] as const;
const QUALITY = ['calls', 'asr_percent', 'acd_seconds'] as const;
/** What is told of each grouping, by two reports. */
export const MEASURES = [...SALES, ...QUALITY] as const;

const NAMES: Readonly<Record<Grouping, { sales: string; quality: string; column: string }>> = {
  destination: {
    sales: 'minutes-and-margin-per-destination',
    quality: 'asr-and-acd-per-destination',
    column: 'destination',
  },
  account: { sales: 'minutes-and-margin-per-account', quality: 'asr-and-acd-per-account', column: 'accountcode' },
  trunk: { sales: 'minutes-and-margin-per-trunk', quality: 'asr-and-acd-per-trunk', column: 'trunk' },
  hour: { sales: 'minutes-and-margin-per-hour', quality: 'asr-and-acd-per-hour', column: 'hour' },
};

/** The report that tells a measure of a grouping. */
export const reportOf = (grouping: Grouping, measure: string): string =>
  NAMES[grouping][(QUALITY as readonly string[]).includes(measure) ? 'quality' : 'sales'];

/** The grouping that a report has; undefined for the others. */
export const groupingOf = (report: string): Grouping | undefined =>
  GROUPINGS.find(grouping => [NAMES[grouping].sales, NAMES[grouping].quality].includes(report));

const grouped = Object.fromEntries(
  GROUPINGS.flatMap(grouping => {
    const { sales, quality, column } = NAMES[grouping];
    const drawn = grouping === 'hour' ? { over: 'hour' as const } : { ranks: column };
    return [
      [sales, { hasPeriod: true, measures: SALES, ...drawn }],
      [quality, { hasPeriod: true, measures: QUALITY, ...drawn }],
    ];
  }),
) as Readonly<Record<string, Known>>;

/** Reports beside those of the groupings. */
export const OTHERS = {
  'top-destinations': {
    hasPeriod: true,
    measures: ['revenue', 'minutes', 'answered_calls', 'price_per_minute'],
    ranks: 'destination',
  },
  'spend-per-account-and-day': { hasPeriod: true, measures: ['cost', 'minutes', 'answered_calls'], over: 'day' },
  'last-hour-per-minute': { hasPeriod: false, measures: ['starts', 'answered_calls', 'revenue'], over: 'minute' },
  'last-day-per-trunk': { hasPeriod: false, hasHours: true, measures: [] },
  'last-day-causes-per-trunk': { hasPeriod: false, hasHours: true, measures: ['calls'], ranks: 'trunk' },
  'calls-in-progress': { hasPeriod: false, measures: [] },
  'unbalanced-accounts': { hasPeriod: false, measures: [] },
} as const satisfies Record<string, Known>;

export const FIRST = NAMES.destination.sales;

export const REPORTS: Readonly<Record<string, Known>> = { ...grouped, ...OTHERS };

/** What is known of a report. One that is not is shown as a table, and asked for without a period. */
export const known = (report: string): Known =>
  Object.hasOwn(REPORTS, report) ? (REPORTS[report] as Known) : { hasPeriod: false, measures: [] };
