import type { Logger } from 'pino';
import type { Invariant } from './invariants';
import type { Random } from './random';
import { type Owner, VirtualTime } from './virtual-time';

/** How often each fault happens: the chance at one await, unless the line says otherwise. 0 for never. */
export interface Faults {
  /** 1213 at a statement, or at COMMIT. */
  databaseAgain: number;
  /** COMMIT is done and its reply lost. */
  databaseReplyLost: number;
  /** The connection breaks before the statement, or the COMMIT, is done. */
  databaseLost: number;
  /** A statement or COMMIT takes up to seconds. */
  databaseSlow: number;
  /** How many times in a run the database is away. */
  databaseAway: number;
  /** How many times in a run it is frozen. */
  databaseFrozen: number;
  /** The request is not done, and no answer comes. */
  switchLost: number;
  /** It is done, and no answer comes. */
  switchReplyLost: number;
  /** It is done after its deadline, by up to seconds. */
  switchLate: number;
  switchSlow: number;
  /** It is understood and refused. */
  switchRefused: number;
  /** An event comes twice. */
  eventTwice: number;
  /** The chance that an event waits for up to a second; those behind it wait too. */
  eventStalls: number;
  /** 1: events of different topics may pass each other. */
  eventsReordered: number;
  /** How many times in a run the event stream is cut. */
  streamCut: number;
  /** How many times in a run the switch restarts. */
  switchCrash: number;
  /** The switch's records cannot be read. */
  recordsAway: number;
  /** The process dies at this await. */
  crash: number;
  /** It is stopped at this await, for up to half a minute. */
  stall: number;
  /** How many times in a run it dies at any other moment. */
  kill: number;
  /** How many times in a run a process is stopped for a while, and goes on. */
  stop: number;
}

export const NO_FAULTS: Faults = {
  databaseAgain: 0,
  databaseReplyLost: 0,
  databaseLost: 0,
  databaseSlow: 0,
  databaseAway: 0,
  databaseFrozen: 0,
  switchLost: 0,
  switchReplyLost: 0,
  switchLate: 0,
  switchSlow: 0,
  switchRefused: 0,
  eventTwice: 0,
  eventStalls: 0,
  eventsReordered: 0,
  streamCut: 0,
  switchCrash: 0,
  recordsAway: 0,
  crash: 0,
  stall: 0,
  kill: 0,
  stop: 0,
};

/** A process that can die: it never gets an answer to what it waits for then. */
export interface Mortal extends Owner {
  /** Ends it at once, as kill -9 would. */
  crash(why: string): void;
  /** Stops it for a while, as SIGSTOP and SIGCONT would. */
  stop(ms: number): void;
}

export interface Violation {
  invariant: Invariant;
  detail: string;
  atMs: number;
}

const NEVER = new Promise<never>(() => undefined);

/** What everything simulated shares: the clock, the chances, the trace, and the violations found. */
export class World {
  readonly time: VirtualTime;
  readonly violations: Violation[] = [];
  /** If this is off, no more faults happen. */
  faulty = true;
  private readonly lines: string[] = [];
  private hash = 0x811c9dc5;

  constructor(
    readonly random: Random,
    readonly faults: Faults,
    private readonly keepLines: number,
    /** The only invariant whose violation counts; null for all of them. */
    private readonly sought: Invariant | null,
  ) {
    this.time = new VirtualTime(error => this.violate('no exception escapes', String((error as Error).stack ?? error)));
  }

  happens(fault: keyof Faults): boolean {
    const probability = this.faults[fault];
    return this.faulty && probability > 0 && this.random.chance(probability);
  }

  /** One line of the trace. */
  note(line: string): void {
    const stamped = `${this.time.now.toFixed(1).padStart(9)} ${line}`;
    for (let index = 0; index < stamped.length; index++) {
      this.hash = Math.imul(this.hash ^ stamped.charCodeAt(index), 0x01000193);
    }
    this.lines.push(stamped);
    if (this.lines.length > 2 * this.keepLines) this.lines.splice(0, this.lines.length - this.keepLines);
  }

  /** The same for the same trace. */
  get traceHash(): string {
    return (this.hash >>> 0).toString(16).padStart(8, '0');
  }

  traceTail(lines = this.keepLines): string[] {
    return this.lines.slice(-lines);
  }

  violate(invariant: Invariant, detail: string): void {
    if (this.sought !== null && this.sought !== invariant) return;
    this.note(`VIOLATION ${invariant}: ${detail}`);
    this.violations.push({ invariant, detail, atMs: this.time.now });
  }

  /**
   * One question of a process to the outside and its answer, each on its way for its time. What `perform` does happens even if the process
   * is dead by then; a dead process asks nothing and gets no answer. `mayDie`: the process may die at it.
   */
  ask<Answer>(
    process: Mortal,
    what: string,
    toMs: number,
    perform: (answer: (value: Answer) => void, fail: (error: Error) => void) => void,
    mayDie = true,
  ): Promise<Answer> {
    if (process.dead) return NEVER;
    const dies = mayDie && this.happens('crash');
    if (dies && this.random.chance(0.5)) {
      process.crash(`before ${what}`);
      return NEVER;
    }
    return new Promise<Answer>((resolve, reject) => {
      const settle = (how: () => void) => {
        if (dies) process.crash(`after ${what}`);
        else if (mayDie && this.happens('stall')) process.stop(this.random.whole(500, 25_000));
        this.time.after(process, this.random.whole(1, 20) / 10, how);
      };
      this.time.after(null, toMs, () => {
        perform(
          value => settle(() => resolve(value)),
          error => settle(() => reject(error)),
        );
      });
    });
  }

  /** A log that goes into the trace. */
  logOf(process: Owner): Logger {
    const at =
      (level: string) => (facts: { event?: string; uniqueid?: string; error?: string; [key: string]: unknown }) =>
        this.note(`${process.name} ${level} ${JSON.stringify(facts, printable)}`);
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } as unknown as Logger;
  }
}

const printable = (key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : key === 'err' ? String((value as Error)?.message) : value;
