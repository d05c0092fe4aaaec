import type { Logger } from 'pino';
import { isEmergency } from '../rating/dialled-number';
import { CAUSE } from './causes';
import type { ChannelList, SwitchList } from './channel-list';
import { bridgeOf, callerOf } from './leg-names';
import type { SwitchBridge, SwitchChannel, SwitchPort } from './switch-port';
import type { Switchboard } from './switchboard';

export interface LeftoversOptions {
  switchboard: Switchboard;
  emergencyNumbers: string[];
  /** The name of our books. */
  books: string;
  log: Logger;
}

/** Channels and bridges of one switch that belong to no call. They must not stay: nothing limits them, and no account pays for them. */
export class Leftovers {
  /** Channels of no known call in the last list. */
  private strangers = new Set<string>();
  /** Channels of other books that were reported. */
  private readonly foreign = new Set<string>();
  /** Bridges without a channel and without a call in the last list. */
  private emptyBridges = new Set<string>();

  constructor(
    private readonly port: SwitchPort,
    private readonly options: LeftoversOptions,
  ) {}

  /** Whether a channel was found that must be checked again soon. */
  get areDoubtful(): boolean {
    return this.strangers.size > 0;
  }

  /** `open` are the uniqueids of the calls that the ledger has open on this switch; `connectedAt` is by the switch's clock. Never rejects. */
  async remove(list: SwitchList, open: readonly string[], connectedAt: number): Promise<void> {
    const { channels } = list;
    const bridges = [...list.bridges.values()];
    for (const channel of this.foreign) if (!channels.has(channel)) this.foreign.delete(channel);
    const isOthers = ({ books }: SwitchBridge) => books !== null && books !== this.options.books;
    const others = new Map(bridges.filter(isOthers).map(({ bridge, books }) => [bridge, books as string]));
    await this.hangUpStrangers(channels, new Set(open), connectedAt, others);
    const ours = bridges.filter(({ bridge }) => !others.has(bridge));
    await this.hangUpIntruders(ours);
    await this.destroyEmptyBridges(ours, open);
  }

  /**
   * A channel of no known call that is older than our connection is hung up at once. A younger one is hung up if it belongs to no call in
   * two lists in a row, because its arrival may still be on its way to us.
   */
  private async hangUpStrangers(
    channels: ChannelList,
    known: Set<string>,
    connectedAt: number,
    others: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { switchboard, emergencyNumbers, log } = this.options;
    const { port } = this;
    // An emergency call that was let through without the ledger has no row, but must not end for that.
    const isEmergencyCall = (uniqueid: string) => {
      const caller = channels.get(uniqueid);
      return caller !== undefined && isEmergency(caller.dialledNumber, emergencyNumbers);
    };
    const before = this.strangers;
    this.strangers = new Set();
    for (const leg of channels.all) {
      const { channel, createdAt } = leg;
      if (switchboard.carries(channel)) continue;
      const isLost = isWaitingForHelp(leg, channels, emergencyNumbers);
      const caller = callerOf(channel);
      if ((known.has(caller) || isEmergencyCall(caller)) && !isLost) continue;
      if (createdAt >= connectedAt - 1_000 && !before.has(channel)) {
        this.strangers.add(channel);
        continue;
      }
      if (isLost) {
        // Its arrival was not reported, which is no reason to hang up.
        log.warn({ event: 'emergency_call_found', channel, node: port.node });
        switchboard.arrived(port, leg, port.now());
        continue;
      }
      const books = others.get(bridgeOf(caller));
      if (books !== undefined) {
        // A service of another database limits this call: we report it, and it goes on.
        if (!this.foreign.has(channel)) log.error({ event: 'channel_of_other_books', channel, node: port.node, books });
        this.foreign.add(channel);
        continue;
      }
      log.warn({ event: 'stranger_hung_up', channel, node: port.node });
      await this.try('stranger_not_hung_up', channel, port.hangup(channel, CAUSE.networkOutOfOrder));
    }
  }

  /** Hangs up channels in the bridge of a call that are none of its legs: such a channel took the place of a leg, and was never let through. */
  private async hangUpIntruders(bridges: SwitchBridge[]): Promise<void> {
    const { port } = this;
    for (const { bridge, channels } of bridges) {
      for (const channel of channels) {
        if (bridgeOf(callerOf(channel)) === bridge) continue;
        this.options.log.warn({ event: 'intruder_hung_up', channel, bridge, node: port.node });
        await this.try('intruder_not_hung_up', channel, port.hangup(channel, CAUSE.callRejected));
      }
    }
  }

  /** Removes bridges that were empty twice in a row: a call's own bridge is empty too when it is made. */
  private async destroyEmptyBridges(bridges: SwitchBridge[], open: readonly string[]): Promise<void> {
    const { switchboard, log } = this.options;
    const { port } = this;
    const before = this.emptyBridges;
    this.emptyBridges = new Set();
    const empty = bridges.filter(({ channels }) => channels.length === 0);
    if (empty.length === 0) return;
    const known = new Set([...open, ...switchboard.carriedOn(port)].map(bridgeOf));
    for (const { bridge } of empty) {
      if (known.has(bridge)) continue;
      if (!before.has(bridge)) {
        this.emptyBridges.add(bridge);
        continue;
      }
      log.warn({ event: 'empty_bridge_destroyed', bridge, node: port.node });
      await this.try('empty_bridge_not_destroyed', bridge, port.destroyBridge(bridge));
    }
  }

  private async try(event: string, id: string, work: Promise<void>): Promise<void> {
    await work.catch(error => this.options.log.warn({ event, id, node: this.port.node, error: error.message }));
  }
}

/** Whether two legs that talk to each other were not both in their call's bridge when the bridges were listed. */
export function areApart({ bridges }: SwitchList, uniqueid: string, bLeg: string): boolean {
  const inBridge = bridges.get(bridgeOf(uniqueid))?.channels ?? [];
  return !inBridge.includes(uniqueid) || !inBridge.includes(bLeg);
}

/** Whether a channel in a list is an emergency caller without a called leg. */
export function isWaitingForHelp(
  { channel, state, dialledNumber }: SwitchChannel,
  channels: ChannelList,
  emergencyNumbers: string[],
): boolean {
  if (!isEmergency(dialledNumber, emergencyNumbers) || state === 'up') return false;
  return channels.legsOf(channel).length === 0;
}
