/** The events that are still kept, as an operator reads them. */
import type { Knex } from 'knex';
import { CHANGE_KINDS } from '../credit/change-event';
import type { Row } from '../database/rows';
import type { ListOrder } from '../operator/cursor';
import { invalid } from '../operator/fields';
import type { Page, PageRequest } from '../operator/page';
import { createdBetween, partOf } from '../operator/page-store';
import type { Visible } from '../operator/visible';
import { onlyVisible } from '../operator/visible-store';
import type { ToldEvent } from './message';

/** Whether this is the name of a kind of event. */
export const isKind = (word: string): boolean => (CHANGE_KINDS as readonly string[]).includes(word);
/** The answer to a word that is no kind of event. */
export const KNOWN_KINDS = `is not a kind of event: write some of ${CHANGE_KINDS.join(', ')}`;

export interface EventFilter {
  accountcode?: string;
  kinds?: readonly string[];
  uniqueid?: string;
  /** Only events created at this instant or later. */
  from?: Date;
  /** Only events created before this instant. */
  to?: Date;
}

const EVENTS = { table: 'astoutbox', id: 'event_id' } as const;

export const EVENTS_ORDER: ListOrder = {
  name: 'events',
  columns: [{ column: 'event_id', kind: 'number' }],
  isDescending: true,
};

/** An event with whether it was handed to the webhooks already. */
export type EventView = ToldEvent & {
  dispatched: boolean;
  /** The actor of the change; empty for what a call itself caused. Webhooks do not get it: they may belong to other companies. */
  actor: string;
};

/**
 * Events that are still kept, the newest first. Looks at the newest 100,000 that `accountcode`, `from` and `to` leave, and the page says so if
 * there are more. Of one call it finds all.
 * @throws Refused field_invalid; DatabaseFault.
 */
export async function listEvents(
  database: Knex,
  visible: Visible,
  { accountcode, kinds, uniqueid, from, to }: EventFilter,
  request: PageRequest,
): Promise<Page<EventView>> {
  const events = onlyVisible(database('astoutbox'), visible);
  const stray = kinds?.find(kind => !isKind(kind));
  if (stray !== undefined) throw invalid('kind', stray, KNOWN_KINDS);
  if (accountcode !== undefined) events.where({ accountcode });
  if (uniqueid !== undefined) {
    // Found by its account: events have no index of calls, which every call would have to write.
    const call = await database('astcdr').where({ uniqueid }).first('accountcode');
    if (call) events.where({ accountcode: call.accountcode });
  }
  await createdBetween(database, events, EVENTS, { from, to });
  const narrow = (query: Knex.QueryBuilder) => {
    if (kinds !== undefined) query.whereIn('kind', kinds);
    if (uniqueid !== undefined) query.where({ uniqueid });
  };
  const leave = (query: Knex.QueryBuilder, oldest: Row) =>
    createdBetween(database, query, EVENTS, { from: oldest.created_at });
  const { rows, ...part } = await partOf(
    database,
    {
      rows: events,
      order: EVENTS_ORDER,
      narrow: kinds !== undefined || uniqueid !== undefined ? narrow : null,
      ...(uniqueid === undefined && { newest: { shown: 'created_at', leave } }),
    },
    request,
  );
  const items = rows.map(row => ({ ...toldEventOf(row), actor: row.actor, dispatched: Boolean(row.dispatched) }));
  return { items, ...part };
}

/** A row of astoutbox, as receivers and listeners get it. */
export const toldEventOf = (row: Record<string, unknown>): ToldEvent => ({
  eventId: String(row.event_id),
  kind: row.kind as string,
  accountcode: row.accountcode as string,
  uniqueid: row.uniqueid as string | null,
  createdAt: row.created_at as Date,
  facts: JSON.parse(row.facts as string),
});
