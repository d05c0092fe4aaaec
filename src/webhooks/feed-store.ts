/** The events in the order in which listeners get them: astfeed. */
import type { Knex } from 'knex';
import { asFault, isFault, orFault } from '../database/fault';
import { insertRows, type Row, type Sql, select, sqlOf } from '../database/rows';
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
export const endOfFeed = (database: Knex): Promise<bigint> => orFault(() => endIn(sqlOf(database)));

async function endIn(sql: Sql): Promise<bigint> {
  const [row] = await select(sql, 'SELECT COALESCE(MAX(feed_number), 0) AS last FROM astfeed');
  return BigInt(row?.last);
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

/**
 * The events at the first `most` places after `after`. For an account's customer: the account's first `most` events after it, wherever their
 * places are, so that a customer of a quiet account does not read the events of all others.
 * @throws DatabaseFault
 */
export function readFeed(
  database: Knex,
  after: bigint,
  { visible, accountcode, kinds }: FeedFilter,
  most = FEED_PAGE,
): Promise<FeedPage> {
  const filter = { ...(accountcode !== undefined && { accountcode }), ...(kinds !== undefined && { kinds }) };
  return orFault(() =>
    visible.kind === 'account'
      ? readOfAccount(sqlOf(database), after, visible, filter, most)
      : readOfAll(sqlOf(database), after, visible, filter, most),
  );
}

type Wanted = Omit<FeedFilter, 'visible'>;

/** The condition on events of astoutbox, named o. */
function wantedWhere(visible: Visible, { accountcode, kinds }: Wanted): { text: string; values: unknown[] } {
  const seen = visibleWhere(visible, 'o.accountcode');
  const filters: { text: string; values: unknown[] }[] = [
    seen,
    ...(accountcode === undefined ? [] : [{ text: 'o.accountcode = ?', values: [accountcode] }]),
    ...(kinds === undefined ? [] : [{ text: 'o.kind IN (?)', values: [kinds] }]),
  ];
  return { text: filters.map(({ text }) => text).join(' AND '), values: filters.flatMap(({ values }) => values) };
}

const COLUMNS = 'f.feed_number, o.event_id, o.kind, o.accountcode, o.uniqueid, o.facts, o.actor, o.created_at';

const fedEvent = (row: Row): FedEvent => ({
  feedNumber: BigInt(row.feed_number),
  actor: row.actor,
  ...toldEventOf(row),
});

async function readOfAll(sql: Sql, after: bigint, visible: Visible, filter: Wanted, most: number): Promise<FeedPage> {
  const wanted = wantedWhere(visible, filter);
  const rows = await select(
    sql,
    `SELECT ${COLUMNS}
     FROM (SELECT feed_number, event_id FROM astfeed WHERE feed_number > ? ORDER BY feed_number LIMIT ${most}) AS f
     LEFT JOIN astoutbox AS o ON o.event_id = f.event_id AND ${wanted.text}
     ORDER BY f.feed_number`,
    [String(after), ...wanted.values],
  );
  const last = rows.length === 0 ? after : placeOf(rows.at(-1) as Row);
  const events = rows.filter(row => row.event_id !== null).map(fedEvent);
  return { events, last, pruned: Number(last - after) - rows.length, isFull: rows.length === most };
}

/**
 * By how many events of its account an event may stand in another order in the feed than by its number. Transactions that hold the account's row
 * follow one another, and nearly every event is written in such a one: others overlap with a few of them.
 */
const DISORDER = 100;

/** Among how many places of all accounts a customer's page looks for pruned ones: some milliseconds. */
const MOST_COUNTED = 20_000n;

/**
 * Among `pruned` are only those of the first MOST_COUNTED places after `after`: the oldest events are pruned first, but for those that are still to
 * be delivered. If the account has more than some `most` events, `last` is the place of the last that was looked at; it is after `after` whenever
 * a later event exists.
 */
async function readOfAccount(
  sql: Sql,
  after: bigint,
  visible: Extract<Visible, { kind: 'account' }>,
  filter: Wanted,
  most: number,
): Promise<FeedPage> {
  // Before the events are read: every place up to here is taken by then.
  const end = await endIn(sql);
  if (end <= after) return { events: [], last: after, pruned: 0, isFull: false };
  // One statement in place of some thirty: a customer that reconnects is mostly a few events behind.
  if (end - after <= BigInt(most)) return readOfAll(sql, after, visible, filter, most);
  const window = most + 2 * DISORDER;
  const places = await select(
    sql,
    `SELECT o.event_id, f.feed_number FROM astoutbox AS o FORCE INDEX (account) STRAIGHT_JOIN astfeed AS f ON f.event_id = o.event_id
     WHERE o.accountcode = ? AND o.event_id >= ? ORDER BY o.event_id LIMIT ${window}`,
    [visible.accountcode, await beforeFirstAfter(sql, visible.accountcode, after)],
  );
  const isFull = places.length === window;
  // What comes behind the window has later places than all but the last of it.
  const last = isFull ? latestOf(places.slice(0, -DISORDER)) : end;
  // The window began too early: events without a place were among the others. Each page must go on.
  if (last <= after) return readOfAll(sql, after, visible, filter, most);
  const ids = places.filter(row => placeOf(row) > after && placeOf(row) <= last).map(({ event_id }) => event_id);
  const wanted = wantedWhere(visible, filter);
  const rows = await select(
    sql,
    `SELECT ${COLUMNS} FROM astoutbox AS o FORCE INDEX (PRIMARY) STRAIGHT_JOIN astfeed AS f ON f.event_id = o.event_id
     WHERE o.event_id IN (?) AND ${wanted.text} ORDER BY f.feed_number`,
    [ids.length > 0 ? ids : [0], ...wanted.values],
  );
  const until = last - after > MOST_COUNTED ? after + MOST_COUNTED : last;
  const [first] = await select(
    sql,
    'SELECT COUNT(*) AS places FROM astfeed WHERE feed_number > ? AND feed_number <= ?',
    [String(after), String(until)],
  );
  return { events: rows.map(fedEvent), last, pruned: Number(until - after) - Number(first?.places), isFull };
}

const placeOf = ({ feed_number }: Row): bigint => BigInt(feed_number);

function latestOf(places: Row[]): bigint {
  let latest = 0n;
  for (const row of places) if (placeOf(row) > latest) latest = placeOf(row);
  return latest;
}

/**
 * The number of an event of the account such that none before it has a place after `after`, and few behind it have one before. Each look leaves
 * half of the numbers out: some thirty looks. Events that were handed out before there were places (migration 0064) never get one. They are left out
 * where they come before the first event that has one. Where a service of the version before handed out some later, the result may be too early.
 */
async function beforeFirstAfter(sql: Sql, accountcode: string, after: bigint): Promise<string> {
  const [ends] = await select(
    sql,
    `SELECT (SELECT MIN(event_id) FROM astfeed) AS first,
       (SELECT MAX(event_id) FROM astoutbox WHERE accountcode = ?) AS last`,
    [accountcode],
  );
  if (ends?.first == null || ends.last == null) return '0';
  let [low, high] = [BigInt(ends.first), BigInt(ends.last) + 1n];
  while (low < high) {
    const middle = (low + high) / 2n;
    const [row] = await select(
      sql,
      `SELECT o.event_id, f.feed_number FROM astoutbox AS o FORCE INDEX (account) LEFT JOIN astfeed AS f ON f.event_id = o.event_id
       WHERE o.accountcode = ? AND o.event_id >= ? ORDER BY o.event_id LIMIT 1`,
      [accountcode, String(middle)],
    );
    // One without a place gets a later one.
    if (!row || row.feed_number === null || placeOf(row) > after) high = middle;
    else low = BigInt(row.event_id) + 1n;
  }
  const [before] = await select(
    sql,
    `SELECT event_id FROM astoutbox FORCE INDEX (account) WHERE accountcode = ? AND event_id < ?
     ORDER BY event_id DESC LIMIT 1 OFFSET ${DISORDER - 1}`,
    [accountcode, String(low)],
  );
  return before ? String(before.event_id) : '0';
}
