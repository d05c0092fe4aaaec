import { formatAmount, type Micros } from '../money/micros';

/** A fact of a row: an amount is a bigint of millionths, an instant a Date. */
export type Fact = string | number | bigint | boolean | Date | null | Fact[] | { [name: string]: Fact };

/** A row. Its facts have the names of the database's columns: `accountcode`, `credit_limit`. */
export type Facts = Record<string, Fact>;

/** JSON for a machine: amounts as decimal texts, instants as ISO 8601 in UTC. Without an indent it is one line. */
export function plainJson(value: unknown, indent = 2): string {
  const plain = (part: unknown): unknown => {
    if (typeof part === 'bigint') return formatAmount(part as Micros);
    if (part instanceof Date) return part.toISOString();
    if (Array.isArray(part)) return part.map(plain);
    if (part !== null && typeof part === 'object') {
      return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, plain(inner)]));
    }
    return part;
  };
  return JSON.stringify(plain(value), null, indent);
}
