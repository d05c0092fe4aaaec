/** What the address of the reports says. A value that means nothing is left out. Pure. */
import { oneOf, textOf } from '../../parts/addresses';
import { dayOf } from '../../parts/days';

export const PERIODS = ['today', 'yesterday', 'week', 'days30', 'month', 'lastMonth'] as const;
export type Period = (typeof PERIODS)[number];

export interface ReportsSearch {
  /** The name of the report; the first one if not given. */
  report?: string;
  /** The column that is drawn; the first that can be if not given. */
  show?: string;
  /** The last 30 days if neither it nor a day is given. */
  period?: Period;
  /** The first day and the last one, in the reader's zone: they count instead of the period. */
  from?: string;
  to?: string;
  /** The column by which the table is sorted, with a minus for the other way; in the order of the report if not given. */
  sort?: string;
}

const nameOf = (raw: unknown): string | undefined => {
  const text = textOf(raw);
  return text !== undefined && /^-?[a-z0-9][a-z0-9_-]{0,98}$/.test(text) ? text : undefined;
};

export function reportsSearch(raw: Record<string, unknown>): ReportsSearch {
  const [report, show, sort] = [nameOf(raw.report), nameOf(raw.show), nameOf(raw.sort)];
  const [period, from, to] = [oneOf(PERIODS, raw.period), dayOf(raw.from), dayOf(raw.to)];
  return {
    ...(report && { report }),
    ...(show && { show }),
    ...(period && { period }),
    ...(from && { from }),
    ...(to && { to }),
    ...(sort && { sort }),
  };
}
