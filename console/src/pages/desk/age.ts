/** Ages and counts as a person reads them. Pure. */
import { duration } from '../../parts/times';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** `3 min`, `2 hr`, `5 days`: in the largest unit that it fills, rounded down; an age below zero is `0 sec`. */
export function ageText(ms: number, language: string): string {
  const [unit, each] = UNITS.find(([, size]) => ms >= size) ?? UNITS[3];
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  return format.format(Math.max(0, Math.floor(ms / each)));
}

/** How long something took: `0.4 s` below ten seconds, `12:07` from a minute on. */
export function tookText(ms: number, language: string): string {
  if (ms >= 60_000) return duration(ms / 1_000);
  const seconds = new Intl.NumberFormat(language, { maximumFractionDigits: ms < 10_000 ? 1 : 0 }).format(ms / 1_000);
  return `${seconds} s`;
}

/** Where the API stops counting what waits for a webhook: webhook-store.ts. */
const MOST_COUNTED = 10_000;

/** `9,999`; `10,000+` where there may be more. */
export const countText = (count: number, language: string): string =>
  `${count.toLocaleString(language)}${count >= MOST_COUNTED ? '+' : ''}`;
