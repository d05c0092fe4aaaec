import { Loop } from '../process/loop';

export interface SharedPollOptions {
  /** One look. Resolves with whether there is more to see at once. `isOver`: the last listener has left meanwhile. */
  look(isOver: () => boolean): Promise<boolean>;
  everyMs: number;
  /** Called with the first of any faults in a row. */
  onFault(fault: unknown): void;
}

/** Looks again and again while there are listeners, for all of them. */
export class SharedPoll {
  private loop: Loop | null = null;

  constructor(private readonly options: SharedPollOptions) {}

  get isLooking(): boolean {
    return this.loop !== null;
  }

  /** Begins with a look at once. */
  begin(): void {
    if (this.loop) return;
    const { look, everyMs, onFault } = this.options;
    const isOver = () => this.loop !== loop;
    const loop: Loop = new Loop({
      step: () => look(isOver),
      idleMs: everyMs,
      onFault: fault => {
        if (!isOver()) onFault(fault);
      },
    });
    this.loop = loop;
    loop.wake();
  }

  /** A look in progress ends, and its result counts no more. */
  rest(): void {
    void this.loop?.stop();
    this.loop = null;
  }
}
