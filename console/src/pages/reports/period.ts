/** The days of a report, in the reader's own zone. Pure but for that zone. */
import { betweenDays, localDay } from '../../parts/days';
import type { Period, ReportsSearch } from './search';

export interface Days {
  from?: string;
  to?: string;
}

/** The first day and the last one of a period at that instant (ms since 1970). */
export function daysOf(period: Period, now: number): Required<Days> {
  const today = localDay(now);
  const ago = (days: number) => {
    const at = new Date(`${today}T12:00:00`);
    at.setDate(at.getDate() - days);
    return localDay(at.getTime());
  };
  const firstOfMonth = `${today.slice(0, 7)}-01`;
  const before = new Date(`${firstOfMonth}T12:00:00`);
  before.setDate(0);
  const lastDay = localDay(before.getTime());
  return {
    today: { from: today, to: today },
    yesterday: { from: ago(1), to: ago(1) },
    week: { from: ago(6), to: today },
    days30: { from: ago(29), to: today },
    month: { from: firstOfMonth, to: today },
    lastMonth: { from: `${lastDay.slice(0, 7)}-01`, to: lastDay },
  }[period];
}

/** The days that the address says. */
export const daysIn = ({ period, from, to }: ReportsSearch, now: number): Days =>
  from !== undefined || to !== undefined
    ? { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
    : daysOf(period ?? 'days30', now);

/** The same as the API takes them. A last day that is not over is left open, so that what happens meanwhile is told. */
export function boundsOf({ from, to }: Days, now: number): { $from?: string; to?: string } {
  const isOver = to !== undefined && to < localDay(now);
  return betweenDays({ ...(from !== undefined && { from }), ...(isOver && { to }) });
}
