/** One call that this process carries: its state, its switch, and what only this process knows of it. */
import type { CallState } from './call-state';
import type { CallTimers } from './call-timers';
import type { CallTrace } from './call-trace';
import type { Legs } from './legs';
import type { SwitchPort } from './switch-port';

export interface CarriedCall {
  /** Only the registry changes it, together with its index: CallRegistry.moveTo. */
  readonly state: CallState;
  readonly port: SwitchPort;
  readonly legs: Legs;
  readonly timers: CallTimers;
  readonly doubts: Doubts;
  readonly trace: CallTrace;
  /** How many requests to the switch, or to the ledger for money, have no result yet. */
  requests: number;
  /** When its caller entered our application, or when it was taken over; by the switch's clock. */
  readonly arrivedAt: number;
  /** By our own monotonic clock, ms. */
  readonly since: number;
}

/** What may have happened to a call without being reported to this process. */
export class Doubts {
  private missedSomething = false;
  private lost: { seenAt: number; foundAt: number } | null = null;

  constructor(private readonly legs: Legs) {}

  /** Whether something may have happened unheard. */
  get exist(): boolean {
    return this.missedSomething || this.legs.areUnheard;
  }

  /** The switch's clock when the leg that talks was last seen, if that leg is gone unheard; null while it is not. */
  get legSeenAt(): number | null {
    return this.lost?.seenAt ?? null;
  }

  /** When the lost leg was missed: from then on the switch's records of the call are about the other leg, which stayed alone. */
  get legLostAt(): number | null {
    return this.lost?.foundAt ?? null;
  }

  /** The event stream broke, or the switch did not answer a request. */
  add(): void {
    this.missedSomething = true;
  }

  /** The leg that talks is gone since an unknown time; it was last seen at `seenAt`. The first report counts. */
  loseLeg(seenAt: number, foundAt: number): void {
    this.missedSomething = true;
    this.lost ??= { seenAt, foundAt };
  }

  /** The switch still has both legs, so nothing was missed. */
  clear(): void {
    this.missedSomething = false;
    this.lost = null;
  }
}
