import type { CallRecord } from '../credit/rules/call';
import type { CallState } from './call-state';
import type { SwitchList } from './channel-list';
import { type Heard, note, nothingHeard } from './heard';
import type { Leftovers } from './leftovers';
import type { SwitchEvent, SwitchPort } from './switch-port';

/** An end that was not reported. */
export interface Gone {
  /** The last moment at which the call was known to be in progress, by the switch's clock. */
  seenAt: number;
  /** By our own monotonic clock, ms. */
  since: number;
}

/** A call that has ended, or seems to: as it is carried here, or as its row says. */
export type EndedCall = CallState | CallRecord;

/** What is remembered of one switch from one comparison to the next. */
export class WatchedSwitch {
  /** Another process acts for this switch now, or this one stops: from now on nothing may be done about it. */
  isLost = false;
  startedAt = 0;
  connectedAt = 0;
  /** The switch's clock at the last word from it. */
  heardAt = 0;
  /** How many times the stream broke, or came back: a list that was read before that says nothing about what was missed. */
  breaks = 0;
  /** Its clock at the last word before the stream broke; null while nothing can have been missed. */
  missedSince: number | null = null;
  /** Calls that are gone, but whose end is not known yet. */
  gone = new Map<string, Gone>();
  /** Calls that rang, but whose leg was not in the last list. */
  legless = new Set<string>();
  /** When we hung up what was left of calls that are gone, by the switch's clock. */
  private readonly cuts = new Map<string, number>();
  private readonly heard = new Map<string, Heard>();

  constructor(
    readonly port: SwitchPort,
    readonly leftovers: Leftovers,
  ) {}

  get node(): string {
    return this.port.node;
  }

  /** Called before the events that follow: they say nothing about what was missed. */
  connected(startedAt: number): void {
    this.missedSince ??= this.heardAt;
    this.breaks++;
    this.startedAt = startedAt;
    this.connectedAt = this.port.now();
  }

  disconnected(): void {
    this.missedSince ??= this.heardAt;
    this.breaks++;
    for (const { listed } of this.heard.values()) listed.clear();
  }

  /** `isCarried`: the event is of a call that is carried here, and that call has received it itself. */
  hear(event: Extract<SwitchEvent, { at: number }>, isCarried: boolean): void {
    this.heardAt = Math.max(this.heardAt, event.at);
    if (event.type !== 'arrived' && !isCarried) note(this.heard, event);
  }

  /** What was reported of a call that was not carried; remembered from now on. */
  heardOf(uniqueid: string): Heard {
    const heard = this.heard.get(uniqueid) ?? nothingHeard();
    this.heard.set(uniqueid, heard);
    return heard;
  }

  /** Since when a call is gone: as it was known before, or as this list shows. */
  goneSince(uniqueid: string, { seenAt }: SwitchList): Gone {
    return this.gone.get(uniqueid) ?? { seenAt, since: performance.now() };
  }

  /** When we hung up what was left of a call, as far as this process knows. */
  cutOf(uniqueid: string): number | undefined {
    return this.cuts.get(uniqueid);
  }

  /** Remembers that. The first time counts, and is returned. */
  cut(uniqueid: string, at: number): number {
    const known = this.cuts.get(uniqueid) ?? at;
    this.cuts.set(uniqueid, known);
    return known;
  }

  /** Calls whose end is known need no memory. */
  forgetSettled(): void {
    for (const known of [this.heard, this.cuts]) {
      for (const uniqueid of known.keys()) if (!this.gone.has(uniqueid)) known.delete(uniqueid);
    }
  }
}
