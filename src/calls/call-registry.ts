/** The calls that this process carries, found by uniqueid, channel, account and switch. */
import type { CallState, EndingCall } from './call-state';
import { isEnding } from './call-steps';
import type { CarriedCall } from './carried-call';
import { callerOf } from './leg-names';
import type { SwitchPort } from './switch-port';

/** A carried call, which only the registry may change. */
type Moving = { -readonly [Key in keyof CarriedCall]: CarriedCall[Key] };

export class CallRegistry {
  private readonly byUniqueid = new Map<string, CarriedCall>();
  private readonly byAccount = new Map<string, Set<CarriedCall>>();
  /** Legs that a switch made by itself: their names do not say which call they belong to. */
  private readonly byOwnLeg = new Map<string, CarriedCall>();
  /** Calls that are no longer carried, but whose ends are still on their way into the ledger. */
  private readonly letGo = new Set<CarriedCall>();

  /** How many calls are carried, including those that are being settled. */
  get size(): number {
    return this.byUniqueid.size;
  }

  /** A copy, so that calls may come and go during a walk through it. */
  all(): CarriedCall[] {
    return [...this.byUniqueid.values()];
  }

  of(uniqueid: string): CarriedCall | undefined {
    return this.byUniqueid.get(uniqueid);
  }

  /** The call to which a channel belongs as a leg. */
  ofChannel(channel: string): CarriedCall | undefined {
    return this.byOwnLeg.get(channel) ?? this.byUniqueid.get(callerOf(channel));
  }

  on(port: SwitchPort): CarriedCall[] {
    return this.all().filter(call => call.port === port);
  }

  ofAccount(accountcode: string): CarriedCall[] {
    return [...(this.byAccount.get(accountcode) ?? [])];
  }

  /** Whether this life of a call is carried: the same call may be taken over again as another one. */
  has(call: CarriedCall): boolean {
    return this.byUniqueid.get(call.state.uniqueid) === call;
  }

  /**
   * How many starts and ends of calls are on their way into the ledger. `isHeard`: whether the events of a switch reach us.
   *
   * A dialled call that is being ended counts too, because its switch reports its end in a moment. It does not count if that news cannot come: the
   * next service that hears the switch settles it.
   */
  waiting(isHeard: (port: SwitchPort) => boolean): number {
    const endsSoon = ({ state, port }: CarriedCall) =>
      state.phase === 'dialling' && (state.endAt !== null || (state.endCause !== null && isHeard(port)));
    const carried = this.all().filter(
      call => call.state.phase === 'authorising' || isEnding(call.state) || endsSoon(call),
    );
    return carried.length + this.letGo.size;
  }

  /** Calls on a switch that have ended, but whose end the ledger has not committed; calls that were let go too. */
  endingOn(node: string): EndingCall[] {
    return [...this.byUniqueid.values(), ...this.letGo]
      .map(({ state }) => state)
      .filter(isEnding)
      .filter(state => state.node === node);
  }

  add(call: CarriedCall): void {
    const { uniqueid, accountcode } = call.state;
    this.byUniqueid.set(uniqueid, call);
    this.byAccount.set(accountcode, (this.byAccount.get(accountcode) ?? new Set()).add(call));
    this.findByLeg(call);
  }

  /** The call has taken a step. */
  moveTo(call: CarriedCall, state: CallState): void {
    const { bLeg } = call.state;
    (call as Moving).state = state;
    if (!isEnding(state)) this.letGo.delete(call);
    if (!this.has(call)) return;
    if (bLeg !== state.bLeg) this.forgetLeg(call, bLeg);
    this.findByLeg(call);
  }

  /** The call is no longer carried. Its end still counts while it is on its way into the ledger. */
  letGoOf(call: CarriedCall): void {
    this.remove(call);
    if (call.state.phase === 'settling') this.letGo.add(call);
  }

  /** Nothing of the call is left to do. */
  remove(call: CarriedCall): void {
    const { uniqueid, accountcode, bLeg } = call.state;
    this.letGo.delete(call);
    call.trace.close();
    if (this.has(call)) this.byUniqueid.delete(uniqueid);
    this.forgetLeg(call, bLeg);
    const others = this.byAccount.get(accountcode);
    others?.delete(call);
    if (others?.size === 0) this.byAccount.delete(accountcode);
  }

  private findByLeg(call: CarriedCall): void {
    const { bLeg, dialledBy } = call.state;
    if (bLeg !== null && dialledBy !== 'us') this.byOwnLeg.set(bLeg, call);
  }

  private forgetLeg(call: CarriedCall, leg: string | null): void {
    if (leg !== null && this.byOwnLeg.get(leg) === call) this.byOwnLeg.delete(leg);
  }
}
