/** Times and durations as a person reads them. Pure but for the reader's own zone. */

export const readersZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const HOUR_MS = 3_600_000;

/** A time as reports tell it, in UTC, to the minute or the second: `2026-11-30 13:00`; ms since 1970. */
export const instantOf = (text: string): number =>
  Date.parse(`${text.replace(' ', 'T')}${text.length <= 16 ? ':00' : ''}Z`);

/** Making one takes some 0.4 ms, and a list has hundreds of times: each is made once. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(language: string, zone: string, more: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = JSON.stringify([language, zone, more]);
  const known = formatters.get(name) ?? new Intl.DateTimeFormat(language, { timeZone: zone, ...more });
  formatters.set(name, known);
  return known;
}

const SHORT: Intl.DateTimeFormatOptions = {
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
};

/**
 * Day and time to the second in that zone; the year only where it is not the zone's present one. In the hour that comes twice in autumn it names
 * which of both it is.
 */
export function clockTime(instant: string, language: string, zone = readersZone(), now = new Date()): string {
  const at = new Date(instant);
  const year = formatterOf('en', zone, { year: 'numeric' });
  const short = formatterOf(language, zone, SHORT);
  const read = short.format(at);
  const isTwice = [-HOUR_MS, HOUR_MS].some(ms => short.format(new Date(at.getTime() + ms)) === read);
  if (year.format(at) === year.format(now) && !isTwice) return read;
  const more = { ...SHORT, ...(isTwice && { timeZoneName: 'short' as const }), year: 'numeric' as const };
  return formatterOf(language, zone, more).format(at);
}

/** `2:41`, `1:02:03`; seconds below zero count as none. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
