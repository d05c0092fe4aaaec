import type { Logger } from 'pino';
import { LONGEST_RING_SECONDS } from '../../calls/call-deadlines';
import { nthCallOf } from '../../calls/leg-names';
import type { CallLedger } from '../../credit/ledger';
import type { CallerBalance } from '../../credit/ledger-operation';
import type { Refusal } from '../../credit/refusal';
import { type CallRecord, unwrittenCall } from '../../credit/rules/call';
import type { Grant } from '../../credit/rules/grant';
import { emergencyGrant, type Limits, type StartRequest } from '../../credit/rules/start';
import type { RefusalLog } from '../../listeners/refusal-log';
import { masked, readDialled } from '../../rating/dialled-number';
import { endUnanswered } from '../door-call';
import type { DoorNode } from '../door-kind';
import { fixedOutcome, fixedStart } from '../fixed-call';
import type { Settlement } from './agi-settlement';
import type { AgiStore } from './agi-store';
import type { ChannelWords } from './told-end';

export interface AgiCallsOptions {
  /** What astcdr.node says of these calls. */
  node: DoorNode;
  ledger: CallLedger;
  store: AgiStore;
  settlement: Settlement;
  emergencyNumbers: readonly string[];
  capSeconds: number;
  /** The longest talk of an emergency call, by the service's limits. */
  limits: Limits;
  refusals: RefusalLog;
  log: Logger;
}

/** A call that asks to be dialled. */
export interface Wanted {
  /** The uniqueid of the caller's channel. */
  channel: string;
  /** null for a text that cannot be an account. */
  accountcode: string | null;
  /** As dialled. */
  number: string;
  /** The caller's number, already harmless. */
  src: string;
  /** What the channel reports of itself now. */
  words: ChannelWords;
  /** Whether a trunk carries it, if the service dials. A dialplan has routes of its own. */
  isRoutable?: boolean;
}

/** A call that may be dialled. */
export interface Authorised {
  /** null for an emergency call for which the ledger was not asked: no book has it. */
  uniqueid: string | null;
  accountcode: string;
  /** The dialled number without + and 00. */
  digits: string;
  startAt: number;
  grant: Grant;
  /** What the caller may be told of the account; undefined for an emergency call. */
  callerBalance: CallerBalance | undefined;
  ringSeconds: number;
  /** For an emergency call that may not be written yet: the whole record for the ledger. */
  unwritten?: CallRecord;
}

/** A call that this door does not let through. */
interface NotGranted {
  refusal: Refusal;
  /** The start that the ledger was asked for, and may still write. */
  asked?: StartRequest;
}

/** Asterisk's uniqueids, such as `switch1-1732195261.42`. A text that ends like our name for a later call of a channel does not match. */
const UNIQUEID = /^[A-Za-z0-9_.:-]{1,120}$/;

/** More calls than a caller makes without hanging up once. */
const MOST_CALLS_OF_A_CHANNEL = 1_000;

/** Calls that a dialplan dials, on the ledger. */
export class AgiCalls {
  constructor(private readonly options: AgiCallsOptions) {}

  /**
   * Ring-fences what a call may cost. The same channel may ask again when its call before is over: that call is settled first. Never
   * rejects.
   */
  async authorise(wanted: Wanted): Promise<Authorised | { refusal: Refusal }> {
    const { emergencyNumbers, limits, refusals, log } = this.options;
    const { channel, number } = wanted;
    const accountcode = wanted.accountcode ?? '';
    const { digits: dst, emergency } = readDialled(number, emergencyNumbers);
    const facts = { accountcode, channel, dst: dst === null ? null : masked(dst) };
    const outcome = this.refusalOf(wanted) ?? (await this.start(wanted, dst, emergency));
    if ('grant' in outcome) {
      const { uniqueid, grant } = outcome;
      log.info({
        event: 'agi_authorised',
        uniqueid,
        accountcode,
        dst: facts.dst,
        granted_seconds: grant.grantedSeconds,
      });
      return outcome;
    }
    refusals.note(outcome.refusal, facts);
    if (!emergency) return outcome;
    // An emergency call is let through whatever is wrong with us, as it is when Ringfence steers the call.
    log.warn({ event: 'agi_emergency_unwritten', ...facts });
    const grant = emergencyGrant(limits);
    const { asked } = outcome;
    return {
      uniqueid: asked?.uniqueid ?? null,
      accountcode,
      digits: dst ?? number,
      startAt: wanted.words.at,
      grant,
      callerBalance: undefined,
      ringSeconds: LONGEST_RING_SECONDS,
      unwritten: asked && unwrittenCall(asked, grant),
    };
  }

  /** Lets go of a call that will not be dialled: its caller hung up meanwhile, or its channel could not be told. */
  async takeBack({ uniqueid, accountcode, startAt, unwritten }: Authorised): Promise<void> {
    if (uniqueid === null) return;
    const end = endUnanswered(startAt, 'caller');
    await this.options.ledger.end({ uniqueid, accountcode, trunk: '', end, unwritten });
  }

  /** What is wrong with the call before the account is read. */
  private refusalOf({ channel, accountcode, words }: Wanted): NotGranted | null {
    const { refusals } = this.options;
    const { linkedid } = words;
    if (!UNIQUEID.test(channel)) {
      refusals.note('uniqueid_invalid', { todo: 'a uniqueid is letters, digits, _ . : and -, at most 120' });
      return { refusal: 'arguments_invalid' };
    }
    // The journal would link the rows of its legs to that other channel, and they could not be found.
    if (linkedid !== '' && linkedid !== channel) {
      refusals.note('channel_of_another', { channel, todo: 'authorize on the channel that the caller came by' });
      return { refusal: 'arguments_invalid' };
    }
    return accountcode === null ? { refusal: 'account_not_found' } : null;
  }

  private async start(
    { channel, accountcode, src, words, isRoutable = true }: Wanted,
    dst: string | null,
    emergency: boolean,
  ): Promise<Authorised | NotGranted> {
    const { node, ledger, settlement, capSeconds } = this.options;
    const known = await this.callsOf(channel);
    if (known === null && !emergency) return { refusal: 'ledger_unavailable' };
    const before = known ?? [];
    if (before.length >= MOST_CALLS_OF_A_CHANNEL) return { refusal: 'too_many_calls' };
    const open = before.filter(call => call.endAt === null);
    if (emergency && open.length > 0) settlement.over(channel, words, before);
    else if (!(await this.areSettled(open, words))) return { refusal: 'ledger_unavailable' };
    // If the names of the channel's earlier calls cannot be read: a name that none of them has.
    const uniqueid = nthCallOf(channel, known === null ? words.at : before.length + 1);
    const request = fixedStart({
      uniqueid,
      accountcode: accountcode ?? '',
      node,
      src,
      dst,
      startAt: words.at,
      emergency,
      dialog: words.dialog,
      earlier: before.map(call => call.uniqueid),
      routable: isRoutable,
      mostSeconds: capSeconds,
    });
    const outcome = fixedOutcome(request, await ledger.start(request));
    if ('refusal' in outcome) {
      const { refusal } = outcome;
      // Another call has that name.
      return refusal === 'uniqueid_reused' ? { refusal } : { refusal, asked: request };
    }
    if (outcome.startedBy === 'other') return { refusal: 'uniqueid_reused' };
    const { grant, callerBalance } = outcome;
    const call = { uniqueid, accountcode: accountcode ?? '', digits: dst ?? '', startAt: words.at };
    return { ...call, grant, callerBalance, ringSeconds: LONGEST_RING_SECONDS };
  }

  /** Whether all calls of the channel are over and settled. The talk of two calls on one channel could not be told apart. */
  private async areSettled(open: readonly CallRecord[], words: ChannelWords): Promise<boolean> {
    const { node, settlement, refusals } = this.options;
    for (const call of open) {
      if (call.node === node && (await settlement.earlier(call, words))) continue;
      const { uniqueid, accountcode } = call;
      refusals.note('earlier_call_unsettled', { uniqueid, accountcode, node: call.node });
      return false;
    }
    return true;
  }

  private async callsOf(channel: string): Promise<CallRecord[] | null> {
    try {
      return await this.options.store.callsOf(channel);
    } catch (error) {
      this.options.log.warn({ event: 'agi_calls_not_read', channel, error: String(error) });
      return null;
    }
  }
}
