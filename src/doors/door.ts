import type { ListenerCounts } from '../listeners/listen-at';

/** What monitoring reads of an open door. All counts begin when the door was opened. */
export interface DoorFigures extends ListenerCounts {
  /** Operations that were requested from the door and that are not durable yet. */
  waiting: number;
  /** How often each reason was given for refusing something. */
  refusals: Record<string, number>;
}

/** An open way by which another system uses the same credit. */
export interface Door {
  /** The door's name in log lines and metrics, and in astcdr.node if its calls have a node of their own. */
  readonly name: string;
  readonly figures: DoorFigures;
  /** Operations that were requested from the door, or that it has begun, and that are not durable yet. */
  readonly waiting: number;
  /** Resolves when the door listens. @throws Error that names the setting, if it cannot. */
  open(): Promise<void>;
  /** Accepts nothing more. What was accepted is answered within `graceMs`. What waits for the database goes on. */
  leave(graceMs: number): Promise<void>;
  /** Gives up what still waits for the database. */
  abandon(): void;
}
