import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { type Difference, differenceOf, isNone, type Rows } from './difference';
import { inPortions } from './in-portions';
import { liveRow, type Row } from './live-call';
import { openCalls } from './live-call-store';
import { SharedPoll } from './shared-poll';
import { messageText } from './sse';

/** A listener of the calls in progress. */
export interface CallListener {
  /** undefined for all accounts. */
  readonly accountcode?: string;
  readonly outlet: { send(part: Uint8Array): void };
}

const LOOK_MS = 1_000;

/** The most calls that a listener sees, the oldest: those leave only by ending. */
export const MOST_SHOWN = 1_000;
/** The most calls that are looked at. A listener of one account does not see its calls behind them. */
const MOST_READ = 10_000;

/** What listeners of one account, or of all, see. */
interface View {
  accountcode: string | undefined;
  listeners: Set<CallListener>;
  /** null before the first look. */
  shown: { rows: Rows; isMore: boolean; snapshot(): Uint8Array } | null;
}

/**
 * Sends the calls in progress to listeners: a snapshot, then what changes.
 *
 * One look at the database each second is for all listeners, and each difference is computed and written once for all who see the same
 * calls. Without listeners it rests.
 */
export class CallBoard {
  private readonly views = new Map<string, View>();
  private readonly poll: SharedPoll;

  constructor(
    private readonly database: Knex,
    log: Logger,
  ) {
    this.poll = new SharedPoll({
      look: isOver => this.look(isOver),
      everyMs: LOOK_MS,
      onFault: fault => log.warn({ event: 'calls_not_read', error: String(fault) }),
    });
  }

  /** Sends a snapshot, within a second, and then every difference. */
  follow(listener: CallListener): void {
    const key = keyOf(listener);
    const { accountcode } = listener;
    const view: View = this.views.get(key) ?? { accountcode, listeners: new Set(), shown: null };
    this.views.set(key, view);
    view.listeners.add(listener);
    if (view.shown) listener.outlet.send(view.shown.snapshot());
    this.poll.begin();
  }

  /** Sends it nothing more. */
  leave(listener: CallListener): void {
    const key = keyOf(listener);
    const view = this.views.get(key);
    view?.listeners.delete(listener);
    if (view?.listeners.size === 0) this.views.delete(key);
    if (this.views.size === 0) this.poll.rest();
  }

  close(): void {
    this.views.clear();
    this.poll.rest();
  }

  private async look(isOver: () => boolean): Promise<boolean> {
    const calls = await openCalls(this.database, MOST_READ);
    if (isOver()) return false;
    const at = new Date(calls[0]?.readAt ?? Date.now()).toISOString();
    const rows = calls.map(liveRow);
    const ofAccount = byAccount(rows);
    for (const view of [...this.views.values()]) {
      await show(view, at, view.accountcode === undefined ? rows : (ofAccount.get(view.accountcode) ?? []));
    }
    return false;
  }
}

const keyOf = ({ accountcode }: CallListener): string => JSON.stringify(accountcode ?? null);

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
async function show(view: View, at: string, all: readonly Row[]): Promise<void> {
  const rows: Rows = new Map(all.slice(0, MOST_SHOWN).map(row => [row.uniqueid as string, row]));
  const isMore = all.length > MOST_SHOWN;
  const before = view.shown;
  view.shown = { rows, isMore, snapshot: once(() => snapshotPart(at, rows, isMore)) };
  // A listener that comes from now on begins with the new snapshot.
  const listeners = [...view.listeners];
  const sent = (part: Uint8Array) => inPortions(listeners, ({ outlet }) => outlet.send(part));
  if (!before) return sent(view.shown.snapshot());
  const difference = differenceOf(before.rows, rows);
  if (isNone(difference) && isMore === before.isMore) return;
  const part = differencePart(at, difference, isMore);
  await sent(part);
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const snapshotPart = (at: string, rows: Rows, is_more: boolean): Uint8Array =>
  bytesOf(messageText({ event: 'snapshot', data: JSON.stringify({ at, items: [...rows.values()], is_more }) }));

const differencePart = (at: string, difference: Difference, is_more: boolean): Uint8Array =>
  bytesOf(messageText({ event: 'difference', data: JSON.stringify({ at, ...difference, is_more }) }));

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
