/** What the address of the list of calls says: its filters. Pure. */
import type { Call, callList } from '../../api/operations';
import { en } from '../../texts/en';

export type Refusal = NonNullable<Call['refusal']>;
export type Disposition = NonNullable<Call['disposition']>;

/** Those that the catalogue has words for, which are all: it would not compile otherwise. */
export const REFUSALS = Object.keys(en.calls.refusals satisfies Record<Refusal, string>) as Refusal[];
export const DISPOSITIONS = Object.keys(en.calls.dispositions satisfies Record<Disposition, string>) as Disposition[];

export const RANGES = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;
export type Range = keyof typeof RANGES;

export const STATES = ['open', 'ended'] as const;

export interface CallsSearch {
  /** What was typed: a number in any way of writing, or a part of a uniqueid, a caller or a destination. */
  text?: string;
  account?: string;
  trunk?: string;
  disposition?: Disposition;
  refusal?: Refusal;
  cause?: number;
  costFrom?: string;
  costTo?: string;
  /** The time until now; `from` and `to` (ISO 8601) count instead of it if one is given. */
  range?: Range;
  from?: string;
  to?: string;
  state?: (typeof STATES)[number];
}

const textOf = (value: unknown): string | undefined => {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return text === '' ? undefined : text;
};

const wordOf = <Word extends string>(value: unknown, words: readonly Word[]): Word | undefined =>
  words.find(word => word === value);

function instantOf(value: unknown): string | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** Values that no such filter has are ignored. */
export function callsSearch(raw: Record<string, unknown>): CallsSearch {
  const cause = Number(textOf(raw.cause));
  const search = {
    text: textOf(raw.text),
    account: textOf(raw.account),
    trunk: textOf(raw.trunk),
    disposition: wordOf(raw.disposition, DISPOSITIONS),
    refusal: wordOf(raw.refusal, REFUSALS),
    cause: Number.isInteger(cause) && cause >= 1 && cause <= 127 ? cause : undefined,
    costFrom: textOf(raw.costFrom),
    costTo: textOf(raw.costTo),
    range: wordOf(raw.range, Object.keys(RANGES) as Range[]),
    from: instantOf(raw.from),
    to: instantOf(raw.to),
    state: wordOf(raw.state, STATES),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

/** How many filters are set. */
export const filtersIn = (search: CallsSearch): number => Object.keys(search).length;

/** A number as people write it (`+49 30 / 123-456`, `0049…`) as the digits that calls have; any other text as it is. */
export function soughtText(text: string): string {
  if (!/^\+?[\d\s()/.-]+$/.test(text) || !/\d/.test(text)) return text;
  // A uniqueid is digits, a point and digits: it is looked for as it is.
  if (/^\d+\.\d+$/.test(text)) return text;
  return text.replace(/\D/g, '').replace(/^00/, '');
}

/** What the API is asked for calls, but for which part of them. */
export type CallQuestion = Omit<Parameters<typeof callList>[0], 'limit' | 'page' | 'cursor' | 'count' | 'format'>;

/** For these filters there are indexes: what they find is read without searching. */
const INDEXED: readonly string[] = ['account', 'open', '$from', 'to'];

/** Whether the API searches through calls for it, part by part. */
export const isSearched = (question: CallQuestion): boolean =>
  Object.keys(question).some(name => !INDEXED.includes(name));

/** The question to the API, at an instant (ms since 1970): a range of time ends then. */
export function questionOf(search: CallsSearch, now: number): CallQuestion {
  const { text, account, trunk, disposition, refusal, cause, costFrom, costTo, range, from, to, state } = search;
  const isDated = from !== undefined || to !== undefined;
  const since = range && !isDated ? new Date(now - RANGES[range]).toISOString() : from;
  const asked: CallQuestion = {
    text: text && soughtText(text),
    account,
    trunk,
    disposition,
    refusal,
    cause,
    costFrom,
    costTo,
    $from: since,
    to,
    open: state === 'open' || undefined,
    ended: state === 'ended' || undefined,
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

/** Where the same calls are downloaded as a table that the reader's spreadsheet reads. */
export function tableAddress(search: CallsSearch, now: number, zone: string, isCommaDecimal: boolean): string {
  const { $from, costFrom, costTo, ...asked } = questionOf(search, now);
  const query = new URLSearchParams({
    ...Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, String(value)])),
    ...($from && { from: $from }),
    ...(costFrom && { cost_from: costFrom }),
    ...(costTo && { cost_to: costTo }),
    format: 'csv',
    time_zone: zone,
    date_format: 'spreadsheet',
    separator: isCommaDecimal ? 'semicolon' : 'comma',
    decimal_mark: isCommaDecimal ? 'comma' : 'point',
  });
  return `/api/v1/calls?${query}`;
}
