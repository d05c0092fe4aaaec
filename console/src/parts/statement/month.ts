/** Months as an account has them: in its own time zone. Pure. */

/** `2026-11`. */
export type Month = string;

export const isMonth = (text: string): boolean => /^[1-9]\d{3}-(0[1-9]|1[0-2])$/.test(text);

/** The month at an instant (ms since 1970) in an IANA time zone. */
export const monthAt = (instant: number, zone: string): Month =>
  new Date(clockOf(instant, zone)).toISOString().slice(0, 7);

/** The month that is `by` months later; earlier below 0. */
export function monthsOn(month: Month, by: number): Month {
  const [year, number] = partsOf(month);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** When a month begins and ends in a zone; ms since 1970. The end is the beginning of the next one. */
export const boundsOf = (month: Month, zone: string): { from: number; to: number } => ({
  from: beginningOf(month, zone),
  to: beginningOf(monthsOn(month, 1), zone),
});

/** `November 2026` in that language. */
export function monthName(month: Month, language: string): string {
  const [year, number] = partsOf(month);
  const format = new Intl.DateTimeFormat(language, { timeZone: 'UTC', month: 'long', year: 'numeric' });
  return format.format(Date.UTC(year, number - 1, 1));
}

const DAY_MS = 86_400_000;

/** The first instant of a month. Its midnight may be missing, or come twice, where the clocks are changed then. */
function beginningOf(month: Month, zone: string): number {
  const [year, number] = partsOf(month);
  const midnight = Date.UTC(year, number - 1, 1);
  const instants = [midnight - DAY_MS, midnight + DAY_MS].map(near => midnight - (clockOf(near, zone) - near));
  return instants.sort((one, other) => one - other).find(each => monthAt(each, zone) === month) ?? midnight;
}

/** What the clocks of a zone show, as if they were those of UTC; ms since 1970, to the second. */
function clockOf(instant: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  });
  const shown = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

const partsOf = (month: Month): [number, number] => [Number(month.slice(0, 4)), Number(month.slice(5))];
