import type { ListenerCounts } from '../listeners/listen-at';

/** What is told of a door that serves; all since it was opened. */
export interface DoorFigures extends ListenerCounts {
  /** What it was asked and is not durable yet. */
  waiting: number;
  /** How often each reason was given for refusing something. */
  refusals: Record<string, number>;
}

/** A way by which another system uses the same credit. */
export interface Door {
  /** What log lines, metrics and, where its calls have one, astcdr.node call it. */
  readonly name: string;
  readonly figures: DoorFigures;
  /** What it was asked, or has begun, and is not durable yet. */
  readonly waiting: number;
  /** Resolves when it listens. @throws Error that names the setting, when it cannot. */
  open(): Promise<void>;
  /** Takes nothing more; what was taken is answered within `graceMs`. What waits for the database still goes on. */
  leave(graceMs: number): Promise<void>;
  /** Gives up what still waits for the database. */
  abandon(): void;
}
