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
  /** Those of other applications too. */
  private readonly byName: ReadonlyMap<string, SwitchChannel>;
  private readonly legs = once(() => legsByCaller(this.all));

  constructor(
    channels: readonly SwitchChannel[],
    /** When the switch answered, by its clock. */
    readonly listedAt: number,
  ) {
    this.all = channels.filter(({ isElsewhere }) => !isElsewhere);
    this.byName = new Map(channels.map(leg => [leg.channel, leg]));
  }

  get(channel: string | null): SwitchChannel | undefined {
    const found = channel === null ? undefined : this.byName.get(channel);
    return found?.isElsewhere ? undefined : found;
  }

  has(channel: string | null): boolean {
    return this.get(channel) !== undefined;
  }

  /** Whether the switch has the channel at all, in our application or not. */
  isUp(channel: string): boolean {
    return this.byName.has(channel);
  }

  /** Whether it is answered, in our application or not. */
  isAnswered(channel: string): boolean {
    return this.byName.get(channel)?.state === 'up';
  }

  /** The called legs of a call. */
  legsOf(uniqueid: string): readonly SwitchChannel[] {
    return this.legs().get(uniqueid) ?? [];
  }
}

/** Only calls that are not carried here, or that need help, are looked up by their legs. */
function legsByCaller(channels: readonly SwitchChannel[]): Map<string, SwitchChannel[]> {
  const legs = new Map<string, SwitchChannel[]>();
  for (const leg of channels) {
    if (!isCalledLeg(leg.channel)) continue;
    const caller = callerOf(leg.channel);
    legs.set(caller, [...(legs.get(caller) ?? []), leg]);
  }
  return legs;
}

function once<Result>(make: () => Result): () => Result {
  let made: Result | undefined;
  return () => (made ??= make());
}
