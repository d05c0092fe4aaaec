import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { type Facts, plainJson } from '../operator/facts';
import { invalid } from '../operator/fields';
import { EVERYTHING, isVisible } from '../operator/visible';
import { endOfFeed, type FedEvent, type FeedFilter, readFeed } from '../webhooks/feed-store';
import { ownEvent } from '../webhooks/own-event';
import { inPortions } from './in-portions';
import { SharedPoll } from './shared-poll';
import { type EndReason, messageText } from './sse';

/** A listener of the events. */
export interface FeedListener {
  readonly filter: FeedFilter;
  /** It is a customer's: it gets what customers see of an event. */
  readonly isOwn: boolean;
  /** The last place that was sent to it, or that it did not want. The feed moves it. */
  readonly cursor: { position: bigint };
  readonly outlet: Outlet;
}

/** Where the messages of a listener go. */
export interface Outlet {
  readonly isGone: boolean;
  send(part: Uint8Array): void;
  /** Resolves when all that was sent is on its way, or the listener is gone. */
  drained(): Promise<void>;
  end(reason: EndReason): void;
}

const LOOK_MS = 500;

/** Listeners that want the same. */
interface Group {
  wants(event: FedEvent): boolean;
  isOwn: boolean;
  listeners: Set<FeedListener>;
}

/**
 * Sends events to listeners, in the order of their places in the feed, each once.
 *
 * One look at the database, twice a second, is for all listeners. A listener that resumes from an earlier place first reads by itself, one
 * page after another as it takes them, and one listener at a time; a customer's pages have the events of its account alone. It joins the others
 * when it has caught up. Without listeners it rests.
 */
export class EventFeed {
  private readonly groups = new Map<string, Group>();
  /** Every listener in a group has all that it wants up to here. */
  private position = 0n;
  private isReading = false;
  /** Those that wait for their turn to read, each once, the oldest first: each is told whether it has it. One that leaves waits no longer. */
  private readonly waiting = new Map<FeedListener, (hasTurn: boolean) => void>();
  private readonly poll: SharedPoll;

  constructor(
    private readonly database: Knex,
    private readonly log: Logger,
  ) {
    this.poll = new SharedPoll({
      look: isOver => this.look(isOver),
      everyMs: LOOK_MS,
      onFault: fault => log.warn({ event: 'feed_not_read', error: String(fault) }),
    });
  }

  /**
   * The place from which a listener follows that has what is up to `after`; null for what comes from now on.
   * @throws Refused field_invalid for a place that does not exist yet: it is of other books. DatabaseFault
   */
  async placeAfter(after: bigint | null): Promise<bigint> {
    const end = await endOfFeed(this.database);
    if (after === null) return end;
    if (after <= end) return after;
    throw invalid('after', String(after), 'is behind the last event: leave it out');
  }

  /** Sends what follows its place, until it leaves. Resolves when it has caught up. */
  async follow(listener: FeedListener): Promise<void> {
    const { filter, isOwn, cursor, outlet } = listener;
    try {
      while (!outlet.isGone && !(this.poll.isLooking && cursor.position >= this.position)) {
        const page = await this.inTurn(listener, () => readFeed(this.database, cursor.position, filter));
        if (page === null) return;
        // How many of all accounts were pruned is nothing for a customer.
        if (page.pruned > 0) outlet.send(prunedPart(isOwn ? {} : { events: page.pruned }));
        if (page.events.length > 0) outlet.send(partOf(page.events, isOwn));
        cursor.position = page.last;
        await outlet.drained();
        // The others may have gone on meanwhile: then it reads once more.
        if (!page.isFull && !this.poll.isLooking) break;
      }
      if (!outlet.isGone) this.join(listener);
    } catch (error) {
      if (outlet.isGone) return;
      this.log.warn({ event: 'feed_not_read', error: String(error) });
      outlet.end('fault');
    }
  }

  /** Sends it nothing more. */
  leave(listener: FeedListener): void {
    this.waiting.get(listener)?.(false);
    this.waiting.delete(listener);
    const key = keyOf(listener);
    const group = this.groups.get(key);
    group?.listeners.delete(listener);
    if (group?.listeners.size === 0) this.groups.delete(key);
    if (this.groups.size === 0) this.poll.rest();
  }

  close(): void {
    this.groups.clear();
    this.poll.rest();
  }

  private join(listener: FeedListener): void {
    const { filter, isOwn } = listener;
    const key = keyOf(listener);
    const group = this.groups.get(key) ?? { wants: wanting(filter), isOwn, listeners: new Set() };
    group.listeners.add(listener);
    this.groups.set(key, group);
    if (!this.poll.isLooking) this.position = listener.cursor.position;
    this.poll.begin();
  }

  private async look(isOver: () => boolean): Promise<boolean> {
    const from = this.position;
    const { events, last, isFull } = await readFeed(this.database, from, { visible: EVERYTHING });
    if (isOver()) return false;
    if (events.length === 0 && (await endOfFeed(this.database)) < from) {
      this.endAll();
      return false;
    }
    this.position = last;
    // A listener that joins from now on has read up to here, and gets none of these.
    const groups = [...this.groups.values()].map(group => ({ ...group, listeners: [...group.listeners] }));
    for (const { wants, isOwn, listeners } of groups) {
      const wanted = events.filter(wants);
      const part = wanted.length > 0 ? partOf(wanted, isOwn) : null;
      await inPortions(listeners, ({ cursor, outlet }) => {
        // A listener that has just joined may have read further than the others.
        if (cursor.position >= last) return;
        const rest = cursor.position > from ? wanted.filter(({ feedNumber }) => feedNumber > cursor.position) : wanted;
        cursor.position = last;
        if (rest.length > 0) outlet.send(part && rest === wanted ? part : partOf(rest, isOwn));
      });
    }
    return isFull;
  }

  /** The database has lost places that were sent, in a fail-over, and will give them to other events: each listener must come back. */
  private endAll(): void {
    this.log.error({ event: 'feed_went_back', position: String(this.position) });
    const listeners = [...this.groups.values()].flatMap(group => [...group.listeners]);
    this.close();
    for (const { outlet } of listeners) outlet.end('fault');
  }

  /** One after the other: thousands that resume at once leave the database time for others. null for a listener that left before its turn. */
  private async inTurn<Result>(listener: FeedListener, read: () => Promise<Result>): Promise<Result | null> {
    if (this.isReading && !(await new Promise<boolean>(begin => this.waiting.set(listener, begin)))) return null;
    this.isReading = true;
    try {
      return await read();
    } finally {
      const [next] = this.waiting;
      if (next) {
        const [other, begin] = next;
        this.waiting.delete(other);
        begin(true);
      } else this.isReading = false;
    }
  }
}

const keyOf = ({ filter: { visible, accountcode, kinds }, isOwn }: FeedListener): string =>
  JSON.stringify([visible, accountcode ?? null, kinds ? [...kinds].sort() : null, isOwn]);

function wanting({ visible, accountcode, kinds }: FeedFilter): (event: FedEvent) => boolean {
  const wanted = kinds && new Set(kinds);
  return event =>
    isVisible(visible, event.accountcode) &&
    (accountcode === undefined || event.accountcode === accountcode) &&
    (wanted?.has(event.kind) ?? true);
}

const factsOf = ({ eventId, kind, accountcode, uniqueid, createdAt, facts, actor }: FedEvent): Facts => ({
  created_at: createdAt,
  event_id: eventId,
  kind,
  accountcode,
  uniqueid,
  facts,
  actor,
});

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const prunedPart = (facts: { events?: number }): Uint8Array =>
  bytesOf(messageText({ event: 'pruned', data: JSON.stringify(facts) }));

/** The messages of some events. */
function partOf(events: readonly FedEvent[], isOwn: boolean): Uint8Array {
  const shown = isOwn ? ownEvent : factsOf;
  return bytesOf(events.map(event => messageText({ id: event.feedNumber, data: plainJson(shown(event), 0) })).join(''));
}
