import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { isVisible, onlyAccount, type Visible } from '../operator/visible';
import { type Difference, differenceOf, isNone, type Rows } from './difference';
import { inPortions } from './in-portions';
import { liveRow, onlyFacts, type Row } from './live-call';
import { openCalls, openCallsOf } from './live-call-store';
import { SharedPoll } from './shared-poll';
import { messageText } from './sse';

/** What a listener of the calls in progress sees. */
export interface CallsWanted {
  readonly visible: Visible;
  /** Of those, the calls of this account; undefined for all. */
  readonly accountcode?: string;
  /** The facts of a call that it may see, `uniqueid` among them; undefined for all. */
  readonly facts?: readonly string[];
}

/** A listener of the calls in progress. */
export interface CallListener extends CallsWanted {
  readonly outlet: { send(part: Uint8Array): void };
}

const LOOK_MS = 1_000;

/** The most calls that a listener sees, the oldest: those leave only by ending. */
export const MOST_SHOWN = 1_000;
/** A look that takes longer is told to the listeners, as one that failed: what they see is old. Ms. */
const LATE_MS = 5_000;

/** What listeners that see the same see. */
interface View {
  wanted: CallsWanted;
  listeners: Set<CallListener>;
  /** null before the first look. */
  shown: { at: string; rows: Rows; isMore: boolean; snapshot(): Uint8Array } | null;
}

/**
 * Sends the calls in progress to listeners: a snapshot, then what changes.
 *
 * One look at the database each second is for all listeners, and each difference is computed and written once for all who see the same
 * calls. Only what is shown is read. Without listeners it rests. Where the database cannot be read, listeners are told how old what they see
 * is; the next difference, which comes also if nothing changed, ends that.
 */
export class CallBoard {
  private readonly views = new Map<string, View>();
  private readonly poll: SharedPoll;
  private isStale = false;

  /** `lateMs`: for tests. */
  constructor(
    private readonly database: Knex,
    log: Logger,
    private readonly lateMs = LATE_MS,
  ) {
    this.poll = new SharedPoll({
      look: isOver => this.look(isOver),
      everyMs: LOOK_MS,
      onFault: fault => {
        log.warn({ event: 'calls_not_read', error: String(fault) });
        this.tellStale();
      },
    });
  }

  /** Sends a snapshot, within a second, and then every difference. */
  follow(listener: CallListener): void {
    const key = keyOf(listener);
    const view: View = this.views.get(key) ?? { wanted: listener, listeners: new Set(), shown: null };
    this.views.set(key, view);
    view.listeners.add(listener);
    if (view.shown) listener.outlet.send(view.shown.snapshot());
    if (this.isStale) listener.outlet.send(stalePart(view));
    this.poll.begin();
  }

  /** Sends it nothing more. */
  leave(listener: CallListener): void {
    const key = keyOf(listener);
    const view = this.views.get(key);
    view?.listeners.delete(listener);
    if (view?.listeners.size === 0) this.views.delete(key);
    if (this.views.size === 0) this.rest();
  }

  close(): void {
    this.views.clear();
    this.rest();
  }

  private rest(): void {
    this.poll.rest();
    this.isStale = false;
  }

  private async look(isOver: () => boolean): Promise<boolean> {
    const late = setTimeout(() => {
      if (!isOver()) this.tellStale();
    }, this.lateMs);
    try {
      const views = [...this.views.values()];
      const { all, ofAccount, at } = await this.read(views);
      if (isOver()) return false;
      const wasStale = this.isStale;
      this.isStale = false;
      for (const view of views) {
        await show(view, { at, rows: rowsFor(view.wanted, all, ofAccount), wasStale });
      }
      return false;
    } finally {
      clearTimeout(late);
    }
  }

  /** What these views show: of all calls, and of those of each account that has views, one more than is shown. */
  private async read(
    views: readonly View[],
  ): Promise<{ all: Row[]; ofAccount: ReadonlyMap<unknown, Row[]>; at: string }> {
    const accountcodes = views.flatMap(({ wanted }) => onlyAccount(wanted.visible, wanted.accountcode) ?? []);
    const isOfAll = accountcodes.length < views.length;
    const all = isOfAll ? await openCalls(this.database, MOST_SHOWN + 1) : [];
    const own = accountcodes.length > 0 ? await openCallsOf(this.database, accountcodes, MOST_SHOWN + 1) : [];
    const at = new Date(all[0]?.readAt ?? own[0]?.readAt ?? Date.now()).toISOString();
    return { all: all.map(liveRow), ofAccount: byAccount(own.map(liveRow)), at };
  }

  private tellStale(): void {
    if (this.isStale) return;
    this.isStale = true;
    for (const view of this.views.values()) {
      const part = stalePart(view);
      void inPortions([...view.listeners], ({ outlet }) => outlet.send(part));
    }
  }
}

const keyOf = ({ visible, accountcode, facts }: CallsWanted): string =>
  JSON.stringify([visible, accountcode ?? null, facts ?? null]);

/** The rows that are visible and wanted, as they may be seen. */
function rowsFor(
  { visible, accountcode, facts }: CallsWanted,
  all: readonly Row[],
  ofAccount: ReadonlyMap<unknown, readonly Row[]>,
): readonly Row[] {
  const one = onlyAccount(visible, accountcode);
  const candidates = one === undefined ? all : (ofAccount.get(one) ?? []);
  const rows = candidates.filter(row => isVisible(visible, row.accountcode as string));
  return facts ? rows.slice(0, MOST_SHOWN + 1).map(row => onlyFacts(row, facts)) : rows;
}

function byAccount(rows: readonly Row[]): ReadonlyMap<unknown, Row[]> {
  const groups = new Map<unknown, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.accountcode);
    if (group) group.push(row);
    else groups.set(row.accountcode, [row]);
  }
  return groups;
}

/** Sends the view's listeners what changed since they were shown something. */
async function show(
  view: View,
  { at, rows: all, wasStale }: { at: string; rows: readonly Row[]; wasStale: boolean },
): Promise<void> {
  const rows: Rows = new Map(all.slice(0, MOST_SHOWN).map(row => [row.uniqueid as string, row]));
  const isMore = all.length > MOST_SHOWN;
  const before = view.shown;
  view.shown = { at, rows, isMore, snapshot: once(() => snapshotPart(at, rows, isMore)) };
  // A listener that comes from now on begins with the new snapshot.
  const listeners = [...view.listeners];
  const sent = (part: Uint8Array) => inPortions(listeners, ({ outlet }) => outlet.send(part));
  if (!before) return sent(view.shown.snapshot());
  const difference = differenceOf(before.rows, rows);
  if (isNone(difference) && isMore === before.isMore && !wasStale) return;
  const part = differencePart(at, difference, isMore);
  await sent(part);
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const snapshotPart = (at: string, rows: Rows, is_more: boolean): Uint8Array =>
  bytesOf(messageText({ event: 'snapshot', data: JSON.stringify({ at, items: [...rows.values()], is_more }) }));

const differencePart = (at: string, difference: Difference, is_more: boolean): Uint8Array =>
  bytesOf(messageText({ event: 'difference', data: JSON.stringify({ at, ...difference, is_more }) }));

/** What the view shows is of that time; null if it shows nothing yet. */
const stalePart = ({ shown }: View): Uint8Array =>
  bytesOf(messageText({ event: 'stale', data: JSON.stringify({ at: shown?.at ?? null }) }));

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
