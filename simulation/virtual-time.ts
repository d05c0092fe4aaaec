import type { Random } from './random';

/** The owner of timers and of answers on their way: a process, which takes them along when it dies. */
export interface Owner {
  readonly name: string;
  dead: boolean;
  /** Stopped until then, as by SIGSTOP: what is due meanwhile happens at once when it goes on. Virtual ms. */
  stoppedUntil: number;
}

/** The instant at which every simulation begins, ms since 1970. */
export const EPOCH = Date.parse('2026-06-01T12:00:00Z');

interface Timer {
  at: number;
  order: number;
  owner: Owner | null;
  run: (() => void) | null;
  everyMs: number | null;
}

const real = { setImmediate: globalThis.setImmediate };

/**
 * The only clock of a simulation, in ms from 0. Nothing happens between two timers but the microtasks that the first one left, so a run of
 * one seed is always the same.
 *
 * While it is installed, the globals that read time or wait for it are its own, and Math.random is seeded. So the code under test runs
 * unchanged. Every timer belongs to the owner that was running when it was set: those of a dead process never fire.
 */
export class VirtualTime {
  now = 0;
  /** Timers fired. */
  fired = 0;
  private readonly heap: Timer[] = [];
  private order = 0;
  private running: Owner | null = null;

  constructor(private readonly onError: (error: unknown) => void) {}

  /** Runs `work` at `now + ms` for an owner, unless the owner is dead by then; null is the world, which never dies. */
  after(owner: Owner | null, ms: number, work: () => void, everyMs: number | null = null): Timer {
    const timer: Timer = { at: Math.round((this.now + ms) * 10) / 10, order: this.order++, owner, run: work, everyMs };
    this.push(timer);
    return timer;
  }

  cancel(timer: Timer | undefined | null): void {
    if (timer) timer.run = null;
  }

  /** Fires what is due until the clock stands at `until` or `isDone`. */
  async advance(until: number, isDone: () => boolean = () => false): Promise<void> {
    while (!isDone()) {
      const next = this.heap[0];
      if (!next || next.at > until) {
        this.now = until;
        return;
      }
      this.pop();
      if (next.run === null || next.owner?.dead) continue;
      if (next.owner && next.owner.stoppedUntil > next.at) {
        next.at = next.owner.stoppedUntil;
        this.push(next);
        continue;
      }
      this.now = next.at;
      this.fired++;
      this.running = next.owner;
      const { run } = next;
      if (next.everyMs === null) next.run = null;
      try {
        run();
      } catch (error) {
        this.onError(error);
      }
      // All microtasks run before this does; none of them can wait for anything but the simulation.
      await new Promise<void>(resolve => real.setImmediate(resolve));
      this.running = null;
      if (next.everyMs !== null && next.run !== null) {
        next.at = Math.round((this.now + next.everyMs) * 10) / 10;
        next.order = this.order++;
        this.push(next);
      }
    }
  }

  /** Puts this clock in the place of the machine's; the returned function removes it again. */
  install(random: Random): () => void {
    const set = (work: () => void, ms: number, everyMs: number | null) =>
      handleOf(this.after(this.running, ms, work, everyMs));
    const clear = (handle?: { timer?: Timer }) => this.cancel(handle?.timer);
    const globals: Record<string, unknown> = {
      setTimeout: (work: () => void, ms = 1) => set(work, Math.max(1, ms), null),
      setInterval: (work: () => void, ms = 1) => set(work, Math.max(1, ms), Math.max(1, ms)),
      setImmediate: (work: () => void) => set(work, 0, null),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
      performance: { now: () => this.now },
    };
    const before = Object.keys(globals).map(
      name => [name, Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor] as const,
    );
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    const { now } = Date;
    const { random: mathRandom } = Math;
    Date.now = () => EPOCH + Math.floor(this.now);
    Math.random = () => random.next();
    return () => {
      for (const [name, descriptor] of before) Object.defineProperty(globalThis, name, descriptor);
      Date.now = now;
      Math.random = mathRandom;
    };
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent] as Timer)) break;
      heap[index] = heap[parent] as Timer;
      index = parent;
    }
    heap[index] = timer;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      if (!isBefore(heap[child] as Timer, last)) break;
      heap[index] = heap[child] as Timer;
      index = child;
    }
    heap[index] = last;
  }
}

const isBefore = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** The result of setTimeout, as far as any code here uses it. */
function handleOf(timer: Timer) {
  const handle = { timer, unref: () => handle, ref: () => handle };
  return handle;
}

export type { Timer };
