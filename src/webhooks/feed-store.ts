/** The events in the order in which listeners get them: astfeed. */
import type { Knex } from 'knex';
import { asFault, isFault, orFault } from '../database/fault';
import { insertRows, type Row, sqlOf } from '../database/rows';
import type { Visible } from '../operator/visible';
import { visibleWhere } from '../operator/visible-store';
import { toldEventOf } from './event-store';
import type { ToldEvent } from './message';

/** How many events get their numbers at a time, and the most that are read at a time. */
export const FEED_PAGE = 500;

/**
 * Gives the oldest events that have none their feed numbers.
 *
 * The numbers of events themselves are no order to follow: transactions commit out of order, so an event may become visible after others
 * with greater numbers were read. Feed numbers become visible in their order: a process that writes n + 1 has seen n committed, because the key of
 * the table refuses the number to all but one. The rows are written by one statement without a transaction: a process that is frozen between
 * two statements holds no lock. Events of one account keep their order: its transactions follow one another, and a read that sees the later
 * event sees the earlier one.
 * @throws DatabaseFault
 */
export async function numberEvents(database: Knex): Promise<void> {
  const last = await endOfFeed(database);
  const [rows] = await orFault(() =>
    database.raw(
      `SELECT o.event_id FROM astoutbox AS o LEFT JOIN astfeed AS f ON f.event_id = o.event_id
     WHERE o.dispatched = FALSE AND f.event_id IS NULL ORDER BY o.event_id LIMIT ${FEED_PAGE}`,
    ),
  );
  if (rows.length === 0) return;
  const numbered = rows.map(({ event_id }: Row, index: number) => [String(last + BigInt(index + 1)), event_id]);
  try {
    await insertRows(sqlOf(database), 'astfeed', ['feed_number', 'event_id'], numbered);
  } catch (error) {
    const fault = asFault(error);
    // Another process has just numbered some. What is left is seen at the next look.
    if (!isFault(fault, 'duplicate', 'again')) throw fault;
  }
}

/** The last feed number; 0 if there is none. @throws DatabaseFault */
export async function endOfFeed(database: Knex): Promise<bigint> {
  const [[row]] = await orFault(() => database.raw('SELECT COALESCE(MAX(feed_number), 0) AS last FROM astfeed'));
  return BigInt(row.last);
}

/** What a listener wants. */
export interface FeedFilter {
  visible: Visible;
  /** undefined for all. */
  accountcode?: string;
  /** undefined for all. */
  kinds?: readonly string[];
}

/** An event with its place. */
export interface FedEvent extends ToldEvent {
  feedNumber: bigint;
  actor: string;
}

export interface FeedPage {
  /** Those that the filter leaves, in the order of their places. */
  events: FedEvent[];
  /** The last place that was looked at; the one asked for if there is none after it. */
  last: bigint;
  /** How many events between were pruned. */
  pruned: number;
  /** There may be more. */
  isFull: boolean;
}

/** The events at the first `most` places after `after`. @throws DatabaseFault */
export async function readFeed(
  database: Knex,
  after: bigint,
  { visible, accountcode, kinds }: FeedFilter,
  most = FEED_PAGE,
): Promise<FeedPage> {
  const seen = visibleWhere(visible, 'o.accountcode');
  const filters = [
    ...(accountcode === undefined ? [] : [{ text: 'AND o.accountcode = ?', value: accountcode }]),
    ...(kinds === undefined ? [] : [{ text: 'AND o.kind IN (?)', value: kinds }]),
  ];
  const [rows] = await orFault(() =>
    database.raw(
      `SELECT f.feed_number, o.event_id, o.kind, o.accountcode, o.uniqueid, o.facts, o.actor, o.created_at
       FROM (SELECT feed_number, event_id FROM astfeed WHERE feed_number > ? ORDER BY feed_number LIMIT ${most}) AS f
       LEFT JOIN astoutbox AS o ON o.event_id = f.event_id AND ${seen.text} ${filters.map(({ text }) => text).join(' ')}
       ORDER BY f.feed_number`,
      [String(after), ...seen.values, ...filters.map(({ value }) => value)] as never[],
    ),
  );
  const last = rows.length === 0 ? after : BigInt(rows.at(-1).feed_number);
  const events = rows
    .filter((row: Row) => row.event_id !== null)
    .map((row: Row): FedEvent => ({ feedNumber: BigInt(row.feed_number), actor: row.actor, ...toldEventOf(row) }));
  return { events, last, pruned: Number(last - after) - rows.length, isFull: rows.length === most };
}
