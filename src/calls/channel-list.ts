import { callerOf, isCalledLeg } from './leg-names';
import type { SwitchBridge, SwitchChannel } from './switch-port';

/** A list of what a switch has, and what was known of the switch when the list was made. */
export interface SwitchList {
  channels: ChannelList;
  /** By name, because a comparison looks up the bridge of each of thousands of calls. */
  bridges: ReadonlyMap<string, SwitchBridge>;
  /** When the bridges were requested, by the switch's clock: they are older than the channels. */
  bridgesAt: number;
  /** The last word from the switch before anything could be missed, by its clock; 0 for never. */
  seenAt: number;
  /** How often its event stream had broken by then. */
  breaks: number;
}

/** The channels of a switch at one moment, found by name, because a comparison looks up each of thousands of calls. */
export class ChannelList {
  /** The channels in our application. */
  readonly all: readonly SwitchChannel[];
  private readonly byName: ReadonlyMap<string, SwitchChannel>;
  private readonly legs = new Map<string, SwitchChannel[]>();
  private readonly states: ReadonlyMap<string, SwitchChannel['state']>;

  constructor(
    channels: readonly SwitchChannel[],
    /** When the switch answered, by its clock. */
    readonly listedAt: number,
  ) {
    this.all = channels.filter(({ isElsewhere }) => !isElsewhere);
    this.states = new Map(channels.map(({ channel, state }) => [channel, state]));
    this.byName = new Map(this.all.map(leg => [leg.channel, leg]));
    for (const leg of this.all) {
      if (!isCalledLeg(leg.channel)) continue;
      const caller = callerOf(leg.channel);
      this.legs.set(caller, [...(this.legs.get(caller) ?? []), leg]);
    }
  }

  get(channel: string | null): SwitchChannel | undefined {
    return channel === null ? undefined : this.byName.get(channel);
  }

  has(channel: string | null): boolean {
    return this.get(channel) !== undefined;
  }

  /** Whether the switch has the channel at all, in our application or not. */
  isUp(channel: string): boolean {
    return this.states.has(channel);
  }

  /** Whether it is answered, in our application or not. */
  isAnswered(channel: string): boolean {
    return this.states.get(channel) === 'up';
  }

  /** The called legs of a call. */
  legsOf(uniqueid: string): readonly SwitchChannel[] {
    return this.legs.get(uniqueid) ?? [];
  }
}
