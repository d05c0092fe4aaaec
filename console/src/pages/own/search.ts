/** What stands in the addresses of the customer's page. Values that cannot be are left out. Pure. */
import type { OwnCall, OwnEntry } from '../../api/operations';
import { dayOf } from '../../parts/days';
import { isMonth } from '../../parts/statement/month';

/** A value as a person may write it into an address: the router reads `49` as a number. */
const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';

/** A number without what people write between its digits, which no phone dials. */
export const withoutGaps = (number: string): string => number.replace(/[\s()./-]/g, '');

/** Digits without a leading + or 00, and without what people write between. undefined if there are none. */
export function digitsOf(value: unknown): string | undefined {
  const digits = withoutGaps(textOf(value)).replace(/^(\+|00)/, '');
  return /^\d{1,32}$/.test(digits) ? digits : undefined;
}

export const DISPOSITIONS = ['ANSWERED', 'NO ANSWER', 'BUSY', 'CONGESTION', 'FAILED'] as const satisfies NonNullable<
  OwnCall['disposition']
>[];
export const KINDS = [
  'top_up',
  'call_charge',
  'refund',
  'adjustment',
  'correction',
  'pool_closed',
] as const satisfies OwnEntry['kind'][];

const oneOf = <Word extends string>(words: readonly Word[], value: unknown): Word | undefined =>
  words.find(word => word === value);

/** Without what is undefined: the router writes nothing of it. */
const given = <Some extends object>(some: Some): { [Name in keyof Some]?: NonNullable<Some[Name]> } =>
  Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Some]?: NonNullable<Some[Name]>;
  };

type Asked = Record<string, unknown>;

export const callsSearch = ({ destination, disposition, from, to, open }: Asked) =>
  given({
    destination: digitsOf(destination),
    disposition: oneOf(DISPOSITIONS, disposition),
    from: dayOf(from),
    to: dayOf(to),
    open: textOf(open).slice(0, 150) || undefined,
  });

export const moneySearch = ({ kind, from, to }: Asked) =>
  given({ kind: oneOf(KINDS, kind), from: dayOf(from), to: dayOf(to) });

/** Minutes of the call whose price is asked. */
export const MOST_MINUTES = 1_440;

export function pricesSearch({ to, minutes }: Asked) {
  const asked = Number(minutes);
  const isRight = Number.isInteger(asked) && asked >= 1 && asked <= MOST_MINUTES && textOf(minutes) !== '';
  return given({ to: textOf(to).slice(0, 200) || undefined, minutes: isRight ? asked : undefined });
}

export function statementSearch({ month }: Asked) {
  const text = textOf(month);
  return given({ month: isMonth(text) ? text : undefined });
}
