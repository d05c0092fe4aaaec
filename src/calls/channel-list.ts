import { callerOf, isCalledLeg } from './leg-names';
import type { SwitchChannel } from './switch-port';

/** The channels of a switch at one moment, found by name: a comparison asks for each of thousands of calls. */
export class ChannelList {
  /** Those in our application. */
  readonly all: readonly SwitchChannel[];
  private readonly byName: ReadonlyMap<string, SwitchChannel>;
  private readonly legs = new Map<string, SwitchChannel[]>();
  private readonly names: ReadonlySet<string>;

  constructor(
    channels: readonly SwitchChannel[],
    /** When the switch answered, by its clock. */
    readonly listedAt: number,
  ) {
    this.all = channels.filter(({ isElsewhere }) => !isElsewhere);
    this.names = new Set(channels.map(({ channel }) => channel));
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

  /** Whether the switch has it at all, in our application or not. */
  isUp(channel: string): boolean {
    return this.names.has(channel);
  }

  /** The called legs of a call. */
  legsOf(uniqueid: string): readonly SwitchChannel[] {
    return this.legs.get(uniqueid) ?? [];
  }
}
