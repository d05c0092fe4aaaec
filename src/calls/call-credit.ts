import type { CallLedger } from '../credit/ledger';
import type { OutcomeOf } from '../credit/ledger-operation';
import type { Grant } from '../credit/rules/grant';
import type { Clocks, Sharing } from '../credit/rules/sharing';
import type { StartRequest } from '../credit/rules/start';
import { limitAt } from './call-deadlines';
import { areNews } from './call-grants';
import type { CallAction, CallEvent, CallState } from './call-state';
import { CAUSE } from './causes';
import type { Legs } from './legs';
import { SharedCredit } from './shared-credit';
import { Slice } from './slice';
import type { SwitchPort } from './switch-port';
import type { Turns } from './turns';

/** A carried call, as far as its credit is concerned. */
export interface CreditedCall {
  readonly state: CallState;
  readonly port: SwitchPort;
  readonly legs: Legs;
}

export interface CallCreditOptions {
  ledger: CallLedger;
  /** The calls of an account that are carried here, without emergency calls. */
  callsOf: (accountcode: string) => CreditedCall[];
  /** Whether this process still carries this life of the call. */
  isCarried: (call: CreditedCall) => boolean;
  clocks: () => Clocks;
  /** Whether the switch has not been heard for longer than it takes to connect again. */
  isAway: (port: SwitchPort) => boolean;
  post: (uniqueid: string, event: CallEvent) => void;
  /** What the calls of one account on one switch request of each takes turns. */
  turns: Record<'switch' | 'ledger', Turns>;
}

/** How long a caller waits for other calls to give back what they have not spent. Ms. */
const ROOM_WITHIN_MS = 3_000;

/** How long calls that wait for what others give back wait for one that does not. Ms. */
const MOST_SHRINKING_MS = 500;

/** How long the next question about an account waits for calls that give something back. Ms. */
const LONGEST_SHRINKING_MS = 1_000;

/** How soon a call that could not be extended asks again: while the database is away no lease can be trusted. Ms. */
const EXTEND_AGAIN_MS = 2_000;

/**
 * What calls are granted: at their start, while they last, and when other calls need what they have not spent.
 *
 * To grow, ask the ledger first and the switch second. To give back, tell the switch first, wait until it was seen to have taken it, and
 * then tell the ledger.
 */
export class CallCredit {
  private readonly shared: SharedCredit;
  /** How many calls of each account are giving something back. */
  private readonly shrinking = new Map<string, number>();
  private closed = false;

  constructor(private readonly options: CallCreditOptions) {
    this.shared = new SharedCredit({
      ledger: options.ledger,
      clocks: options.clocks,
      stuckOf: accountcode => this.stuckOf(accountcode),
      // What they give back is for the next answer, and thousands of calls take a moment.
      ready: accountcode => this.shrunk(accountcode, LONGEST_SHRINKING_MS),
      follow: (accountcode, sharing) => this.follow(accountcode, sharing),
    });
  }

  /** Makes the calls of an account hold what each should hold now. */
  share(accountcode: string): void {
    void this.shared.share(accountcode);
  }

  /** From now on no start waits for other calls. */
  close(): void {
    this.closed = true;
    this.shared.close();
  }

  async start(request: StartRequest, isWanted: () => boolean): Promise<CallEvent> {
    const outcome = await this.startOrWait(request, isWanted);
    if ('refusal' in outcome) return { type: 'refused', refusal: outcome.refusal };
    const { granted: grant, callerBalance, firstStartAt = request.startAt } = outcome;
    // Another call has the uniqueid of a call in progress: it would talk for the same money.
    if (firstStartAt !== request.startAt) return { type: 'refused', refusal: 'uniqueid_reused' };
    // It got less than a slice, so the shares of the others change too.
    if (grant.terms.mode === 'shared' && isEndOfMeans(grant)) this.share(request.accountcode);
    return { type: 'granted', grant, unwritten: false, callerBalance };
  }

  /** The calls of an account that are being ended on a switch that is away: their ends cannot be reported. */
  private stuckOf(accountcode: string): string[] {
    const { callsOf, isAway } = this.options;
    const isBeingEnded = ({ phase, endCause, hangupSource }: CallState) =>
      (phase === 'dialling' && endCause !== null) || (phase === 'talking' && hangupSource !== null);
    const calls = callsOf(accountcode).filter(({ state, port }) => isBeingEnded(state) && isAway(port));
    return calls.map(({ state }) => state.uniqueid);
  }

  /** A call was answered: until now it held its first grant, from now on it may have more. */
  answered({ grant, accountcode }: CallState): void {
    if (grant && isEndOfMeans(grant)) this.share(accountcode);
  }

  /** A start. If it must wait for money that other calls hold and have not spent, it is repeated when they gave it back. */
  private async startOrWait(
    request: StartRequest,
    isWanted: () => boolean,
  ): Promise<Exclude<OutcomeOf['start'], { waiting: true }>> {
    const { ledger } = this.options;
    const { uniqueid, accountcode, node } = request;
    const until = performance.now() + ROOM_WITHIN_MS;
    for (let [lastTry, hasWaited] = [false, false]; ; hasWaited = true) {
      const outcome = await ledger.start({ ...request, lastTry }, isWanted);
      // The ledger could not be asked again, and still has this call as waiting.
      if (hasWaited && 'refusal' in outcome) {
        void ledger.release({ uniqueid, accountcode, node, refusal: outcome.refusal });
      }
      if (!('waiting' in outcome)) return outcome;
      const most = Math.min(MOST_SHRINKING_MS, until - performance.now());
      const sharing = await Promise.race([this.shared.share(accountcode), sleep(Math.max(0, most)).then(() => null)]);
      await this.shrunk(accountcode, MOST_SHRINKING_MS);
      lastTry = sharing?.refuse.includes(uniqueid) || performance.now() >= until || this.closed;
    }
  }

  /**
   * Resolves when no call of the account is giving anything back, or when none has done so for half a second: its switch may not answer.
   */
  private async shrunk(accountcode: string, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
    const STEP_MS = 10;
    let left = this.shrinking.get(accountcode) ?? 0;
    if (left === 0) return;
    for (let [waited, idle] = [0, 0]; waited < mostMs && idle < MOST_SHRINKING_MS; waited += STEP_MS, idle += STEP_MS) {
      await sleep(STEP_MS);
      const now = this.shrinking.get(accountcode) ?? 0;
      if (now === 0) return;
      if (now < left) idle = 0;
      left = now;
    }
  }

  /** The switch first. Then the ledger, when every leg was seen to have taken it and the call is still ours. */
  async shrink(call: CreditedCall, action: Extract<CallAction, { do: 'shrink' }>): Promise<CallEvent> {
    const { accountcode } = call.state;
    const count = (more: number) => {
      const all = (this.shrinking.get(accountcode) ?? 0) + more;
      if (all > 0) this.shrinking.set(accountcode, all);
      else this.shrinking.delete(accountcode);
    };
    count(1);
    try {
      return await this.shrinkNow(call, action);
    } finally {
      count(-1);
    }
  }

  private async shrinkNow(call: CreditedCall, action: Extract<CallAction, { do: 'shrink' }>): Promise<CallEvent> {
    const { port, legs, state } = call;
    const { uniqueid, accountcode } = state;
    const { channels, at, seconds } = action;
    const { ledger, turns, isCarried } = this.options;
    // A call that was answered meanwhile has been talking since then, so a limit that counts from now would come late.
    const until = () => at ?? untilOf(call.state, seconds);
    const left = () => {
      const end = until();
      return end === null ? seconds : (end - port.now()) / 1000;
    };
    const took = await turns.switch.take(call, async () => isCarried(call) && legs.lower(channels, left));
    // If the switch took it too late, the call has talked beyond it, and that cannot be given back.
    const isInTime = port.now() <= (until() ?? Number.POSITIVE_INFINITY);
    const { grant } = await turns.ledger.take(call, async () => {
      const isOurs = took && isInTime && isCarried(call);
      return isOurs ? ledger.shrink({ uniqueid, accountcode, node: port.node, seconds }) : { grant: null };
    });
    return { type: 'regranted', grant, afterShrink: true, at: port.now() };
  }

  async extend(call: CreditedCall, { seconds, isLast }: Extract<CallAction, { do: 'extend' }>): Promise<CallEvent> {
    const { port, state } = call;
    const { uniqueid, accountcode } = state;
    const { ledger, turns, isCarried } = this.options;
    const { grant } = await turns.ledger.take(call, async () =>
      isCarried(call) ? ledger.extend({ uniqueid, accountcode, node: port.node, seconds }) : { grant: null },
    );
    // Nothing else would ask again, neither while the lease cannot be renewed nor when it is.
    if (!grant) setTimeout(() => this.shareIfTalking(call), EXTEND_AGAIN_MS).unref();
    if (grant && !isLast && grant.terms.mode === 'shared' && isEndOfMeans(grant)) this.share(accountcode);
    const isOver = grant && isLast && grant.limitedBy === 'slice';
    return {
      type: 'regranted',
      grant: isOver ? { ...grant, limitedBy: 'money' } : grant,
      afterShrink: false,
      at: port.now(),
    };
  }

  /** Makes a call that got nothing ask again: all calls of its account get new shares. */
  private shareIfTalking(call: CreditedCall): void {
    if (this.options.isCarried(call) && call.state.phase === 'talking') this.share(call.state.accountcode);
  }

  /** Makes the calls that are carried here hold what they should: first those that give back, and the others when none must give back. */
  private async follow(accountcode: string, sharing: Sharing): Promise<void> {
    const { shares, cancel, makesRoom, isElsewhere, isShort, terms } = sharing;
    const calls = this.options.callsOf(accountcode);
    const carriedHere = new Map(calls.map(carried => [carried.state.uniqueid, carried]));
    await inSlices(calls, ({ state, port }) => {
      const at = port.now();
      if (areNews(state, { terms, isShort }, at))
        this.options.post(state.uniqueid, { type: 'terms', terms, isShort, at });
    });
    const ours = shares.flatMap(({ uniqueid, seconds, held }) => {
      const carried = carriedHere.get(uniqueid);
      // A call that has ended gives back what it holds with its end, so nothing here waits for it.
      if (!carried?.state.grant || !SHARING_PHASES.has(carried.state.phase)) return [];
      // Nor for one that is being ended while it is dialled, which may be on a switch that does not answer.
      if (carried.state.phase === 'dialling' && carried.state.endCause !== null) return [];
      return [{ uniqueid, seconds, held, told: carried.state.grant.grantedSeconds, carried }];
    });
    // Two services see each other's calls by clocks of their own, a second apart. They would pass that second to and fro forever.
    const isTrifle = ({ seconds, held }: { seconds: number; held: number }) =>
      isElsewhere && held > seconds && held - seconds <= 1;
    // Its switch does not answer, so the other calls do not wait for what it cannot give back.
    const isBeingTold = ({ seconds, told, carried }: (typeof ours)[number]) =>
      seconds === told && carried.state.shrinking > 0;
    const isLess = (share: (typeof ours)[number]) =>
      share.seconds <= share.told && !isBeingTold(share) && (makesRoom || !isTrifle(share));
    const less = ours.filter(isLess);
    const more = ours.filter(({ seconds, told }) => seconds > told);
    for (const uniqueid of cancel) {
      const port = carriedHere.get(uniqueid)?.port;
      if (port) this.options.post(uniqueid, { type: 'hangUp', by: 'limit', cause: CAUSE.callRejected, at: port.now() });
    }
    await inSlices(less.length > 0 ? less : more, ({ uniqueid, seconds, carried }) =>
      this.options.post(uniqueid, { type: 'share', seconds, isShort, at: carried.port.now() }),
    );
    if (less.length > 0) void this.shrunk(accountcode).then(() => this.share(accountcode));
  }
}

/** Does it to each, with pauses in which all else goes on. */
async function inSlices<Item>(items: readonly Item[], work: (item: Item) => void): Promise<void> {
  const slice = new Slice();
  for (const item of items) {
    work(item);
    await slice.pause();
  }
}

/** When the switch must end a call that talks with such a grant; null while it does not talk. */
const untilOf = ({ answerAt }: CallState, seconds: number): number | null =>
  answerAt === null ? null : limitAt(answerAt, seconds);

const isEndOfMeans = ({ limitedBy }: Grant): boolean => limitedBy === 'money' || limitedBy === 'time';

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** When a call may still hold more or less than now. */
const SHARING_PHASES = new Set<CallState['phase']>(['announcing', 'dialling', 'talking']);
