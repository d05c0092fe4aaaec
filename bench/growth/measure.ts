/** What the parts of bench:growth share: the two books, a figure of both, and how long something takes. */
import type { Knex } from 'knex';
import type { DatabaseServer } from '../../lab/servers/database';
import type { Size } from '../grown-books';

export const PARTS = ['calls', 'lists', 'reports', 'verify', 'recovery', 'import'] as const;
export type Part = (typeof PARTS)[number];

/** One figure of both books. */
export interface Row {
  part: Part;
  what: string;
  unit: 'ms' | 'kB' | 'bytes';
  /** null where only the grown books have it. */
  small: number | null;
  grown: number;
  ratio: number | null;
}

/** One of the two databases. */
export interface Books {
  url: string;
  size: Size;
  database: Knex;
}

/** What a part measures, and how it tells a figure. */
export interface Bench {
  server: DatabaseServer;
  folder: string;
  small: Books;
  grown: Books;
  live: number;
  tell(row: Omit<Row, 'ratio'>): void;
}

/** Does it for one after the other. Returns how long each took; ms. */
export async function eachTimed<Item>(items: Item[], work: (item: Item) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const item of items) times.push((await timed(() => work(item))).ms);
  return times;
}

/** The result, and how long it took; ms. */
export async function timed<Result>(work: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const since = performance.now();
  const result = await work();
  return { ms: performance.now() - since, result };
}

/** An instant in the past, ISO 8601. */
export const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
