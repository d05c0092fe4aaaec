import { callerOf, isCalledLeg } from './leg-names';
import type { SwitchChannel } from './switch-port';

/** The channels of a switch at one moment, found by name: a comparison asks for each of thousands of calls. */
export class ChannelList {
  private readonly byName: ReadonlyMap<string, SwitchChannel>;
  private readonly legs = new Map<string, SwitchChannel[]>();

  constructor(
    readonly all: readonly SwitchChannel[],
    /** When the switch answered, by its clock. */
    readonly listedAt: number,
  ) {
    this.byName = new Map(all.map(leg => [leg.channel, leg]));
    for (const leg of all) {
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

  /** The called legs of a call. */
  legsOf(uniqueid: string): readonly SwitchChannel[] {
    return this.legs.get(uniqueid) ?? [];
  }
}
