/** The calls in progress as the stream tells them, and those that ended a moment ago. */
import type { LiveCall } from '../../api/operations';

export interface ShownCall {
  call: LiveCall;
  /** When its end was told, by the reader's clock, ms; null while it is in progress. */
  endedAt: number | null;
}

/** What the board shows. Each object is as it is: a change makes a new one. */
export interface BoardView {
  /** null before the first snapshot. */
  calls: readonly ShownCall[] | null;
  /** There are more calls than the stream tells. */
  isMore: boolean;
  /** How far the reader's clock is ahead of the database's, ms. */
  aheadMs: number;
  /** Since when the service cannot read the calls, by the reader's clock; null if it can. */
  staleSince: number | null;
}

interface Snapshot {
  at: string;
  items: LiveCall[];
  is_more: boolean;
}

interface Difference {
  at: string;
  added: LiveCall[];
  changed: (Partial<LiveCall> & { uniqueid: string })[];
  ended: string[];
  is_more: boolean;
}

/** A row stays so long after its end, ms. */
export const ENDED_MS = 5_000;
/** Between two drawings: nobody reads faster. Ms. */
const DRAW_MS = 200;
/** Clocks are taken to be the same within this: the way of a message takes its time. Ms. */
const SAME_MS = 500;

const EMPTY: BoardView = { calls: null, isMore: false, aheadMs: 0, staleSince: null };

/** Takes messages as fast as they come, and tells its listeners with a frame of the browser: of the first at once, then five times a second. */
export class Board {
  private readonly rows = new Map<string, ShownCall>();
  private readonly listeners = new Set<() => void>();
  private shown = EMPTY;
  private rest: Omit<BoardView, 'calls'> = EMPTY;
  private hasSnapshot = false;
  private frame: number | null = null;
  private pause: ReturnType<typeof setTimeout> | null = null;
  private drawnAt = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** The uniqueid of a row that stays after its end until it is closed: somebody reads it, or writes into it. */
  kept: string | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly view = (): BoardView => this.shown;

  /** Every call in progress, by the stream that begins or resumes. What was known and is not in it has ended meanwhile. */
  takeSnapshot({ at, items, is_more }: Snapshot, now = Date.now()): void {
    const told = new Set(items.map(({ uniqueid }) => uniqueid));
    const gone = [...this.rows.values()].filter(({ call }) => !told.has(call.uniqueid));
    const rows: ShownCall[] = [
      ...gone.map(({ call, endedAt }) => ({ call, endedAt: endedAt ?? now })),
      ...items.map(call => ({ call, endedAt: null })),
    ];
    // Each stays in its place: the stream has the oldest first.
    rows.sort((one, other) => (one.call.start_at < other.call.start_at ? -1 : 1));
    this.rows.clear();
    for (const row of rows) this.rows.set(row.call.uniqueid, row);
    this.hasSnapshot = true;
    this.heard(at, is_more, now);
  }

  takeDifference({ at, added, changed, ended, is_more }: Difference, now = Date.now()): void {
    for (const call of added) this.rows.set(call.uniqueid, { call, endedAt: null });
    for (const { uniqueid, ...fields } of changed) {
      const row = this.rows.get(uniqueid);
      if (row) this.rows.set(uniqueid, { ...row, call: { ...row.call, ...fields } });
    }
    for (const uniqueid of ended) {
      const row = this.rows.get(uniqueid);
      if (row) this.rows.set(uniqueid, { ...row, endedAt: row.endedAt ?? now });
    }
    this.heard(at, is_more, now);
  }

  /** The service cannot read the calls: what is known stays. */
  takeStale(now = Date.now()): void {
    this.rest = { ...this.rest, staleSince: this.rest.staleSince ?? now };
    this.draw();
  }

  /** Nothing of what was known is wanted any more: another account's calls follow. */
  clear(): void {
    this.rows.clear();
    this.hasSnapshot = false;
    this.rest = EMPTY;
    this.draw();
  }

  close(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    for (const timer of [this.pause, this.timer]) if (timer !== null) clearTimeout(timer);
    this.frame = null;
    this.pause = null;
    this.timer = null;
  }

  private heard(at: string, isMore: boolean, now: number): void {
    const aheadMs = now - Date.parse(at);
    const isSame = this.rest !== EMPTY && Math.abs(aheadMs - this.rest.aheadMs) < SAME_MS;
    this.rest = { isMore, aheadMs: isSame ? this.rest.aheadMs : aheadMs, staleSince: null };
    this.forget();
    this.draw();
  }

  /** Rows whose time is over leave, and the next ones later. */
  private readonly forget = (): void => {
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [uniqueid, { endedAt }] of this.rows) {
      if (endedAt === null || uniqueid === this.kept) continue;
      if (endedAt + ENDED_MS <= now) this.rows.delete(uniqueid);
      else next = Math.min(next, endedAt + ENDED_MS - now);
    }
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = Number.isFinite(next) ? setTimeout(this.forget, next) : null;
    this.draw();
  };

  /** A row was closed, or another one is read now. */
  keep(uniqueid: string | undefined): void {
    if (this.kept === uniqueid) return;
    this.kept = uniqueid;
    this.forget();
  }

  private draw(): void {
    if (this.frame !== null || this.pause !== null) return;
    const waitMs = this.drawnAt + DRAW_MS - performance.now();
    if (waitMs <= 0) this.frame = requestAnimationFrame(this.show);
    else {
      this.pause = setTimeout(() => {
        this.pause = null;
        this.frame = requestAnimationFrame(this.show);
      }, waitMs);
    }
  }

  private readonly show = (): void => {
    this.frame = null;
    this.drawnAt = performance.now();
    this.shown = { ...this.rest, calls: this.hasSnapshot ? [...this.rows.values()] : null };
    for (const listener of this.listeners) listener();
  };
}
