import type { Logger } from 'pino';
import type { SwitchRecords, WrittenCall } from '../../calls/evidence';
import { endOf } from '../../calls/heard';
import type { OpenCalls } from '../../calls/open-call-store';
import type { CallLedger } from '../../credit/ledger';
import type { CallRecord } from '../../credit/rules/call';
import type { CallEnd } from '../../credit/rules/charge';
import type { RefusalLog } from '../../listeners/refusal-log';
import { endAfterTalk } from '../door-call';
import type { AgiStore } from './agi-store';
import { answeredEnd, saysAnswered, type Told, unansweredEnd } from './told-end';

export interface SettlementOptions {
  /** What astcdr.node says of these calls. */
  node: string;
  ledger: CallLedger;
  records: SwitchRecords;
  openCalls: OpenCalls;
  store: AgiStore;
  /** The default pace, if none is given. */
  pace?: Pace;
  refusals: RefusalLog;
  log: Logger;
}

/** When the journal is read. */
export interface Pace {
  /** How often it is read for all open calls. Ms. */
  sweepMs: number;
  /** For a call that is over: ms after its end was reported, the last one for good. Asterisk writes the journal within a second. */
  lookAtMs: readonly number[];
  /** The same for a call whose caller wants to dial again, and hears silence meanwhile. */
  earlierLookAtMs: readonly number[];
}

const PACE: Pace = {
  sweepMs: 15_000,
  lookAtMs: [100, 400, 1_000, 2_000, 4_000, 7_000, 10_000],
  earlierLookAtMs: [0, 100, 300, 700, 1_500, 3_000],
};

/** The pause between tries while the database is away. Ms. */
const AGAIN_MS = 2_000;

const MOST_AWAITED = 10_000;

const NO_CEL = 'set up the journal of the switch (CEL): dialplan/README.md';

/** What the journal shows of an open call. */
type Standing =
  | { is: 'settled'; call: CallRecord | null }
  /** The journal shows that both talk, or talked: the end is not written yet. */
  | { is: 'answered'; answerAt: number }
  /** The journal shows no answer, or nothing, or could not be read. */
  | { is: 'unknown' };

/**
 * The ends of calls that Asterisk's dialplan dialled, on their way into the ledger.
 *
 * The journal (CEL) decides, whenever it is read: the callee's answer, and the first end after it. The channel's own report counts only
 * if the journal shows nothing. Everything here may be done twice, also by another process meanwhile.
 */
export class Settlement {
  private timer: NodeJS.Timeout | null = null;
  private sweeping = false;
  private closed = false;
  private readonly pace: Pace;
  /** Channels that reported that they are over, and whose calls are not all settled. */
  private readonly awaited = new Set<string>();
  private ending = 0;
  /** The trunk of each call that the service itself is dialling. */
  private readonly trunks = new Map<string, string>();

  constructor(private readonly options: SettlementOptions) {
    this.pace = options.pace ?? PACE;
  }

  /** Ends that are not durable yet, and reported ends whose details are not known yet. */
  get waiting(): number {
    return this.awaited.size + this.ending;
  }

  /** Reads the journal for all open calls, again and again. */
  start(): void {
    void this.sweep();
    this.timer = setInterval(() => void this.sweep(), this.pace.sweepMs).unref();
  }

  /** Stops reading. The next process settles what the journal shows. */
  stop(): void {
    this.closed = true;
    if (this.timer) clearInterval(this.timer);
    this.awaited.clear();
  }

  /** Remembers the trunk of a call: the journal does not show it. */
  dials(uniqueid: string, trunk: string): void {
    this.trunks.set(uniqueid, trunk);
    if (this.trunks.size > MOST_AWAITED) this.trunks.delete(this.trunks.keys().next().value as string);
  }

  private trunkOf({ uniqueid, trunk }: CallRecord): string {
    return trunk || (this.trunks.get(uniqueid) ?? '');
  }

  /** Ends a call whose end is certain. Resolves with its CDR when that is durable, or null for an unknown call. */
  async end(open: CallRecord, end: CallEnd): Promise<CallRecord | null> {
    const { uniqueid, accountcode } = open;
    this.ending++;
    try {
      const call = await this.options.ledger.end({ uniqueid, accountcode, trunk: this.trunkOf(open), end });
      this.trunks.delete(uniqueid);
      if (call) {
        const { billsec, evidence, disposition } = call;
        this.options.log.info({ event: 'agi_settled', uniqueid, accountcode, disposition, billsec, evidence });
      }
      return call;
    } finally {
      this.ending--;
    }
  }

  /**
   * The channel dials nothing any more: settles its calls as soon as their ends are known. Do not wait for it. `told`: the channel's
   * report, which is about its last call only; null if the channel could not be asked, and then only the journal counts. `calls`: the
   * channel's calls, if they are known.
   */
  over(channel: string, told: Told | null, calls?: readonly CallRecord[]): void {
    if (this.awaited.has(channel)) return;
    if (this.awaited.size >= MOST_AWAITED) {
      this.options.refusals.note('overloaded', { channel, todo: 'nothing: the journal is looked at every 15 s' });
      return;
    }
    this.awaited.add(channel);
    const settled = async () => {
      const all = calls ?? (await this.callsOf(channel));
      const last = all.at(-1);
      const open = all.filter(({ endAt, node }) => endAt === null && node === this.options.node);
      for (const call of open) await this.await(call, call === last ? told : null, this.pace.lookAtMs);
    };
    void settled()
      .catch(error => this.options.log.error({ event: 'agi_settlement_failed', channel, err: error }))
      .finally(() => this.awaited.delete(channel));
  }

  /** The calls of a channel, once the database can be read; [] if it could not before the process stopped. */
  private async callsOf(channel: string): Promise<CallRecord[]> {
    const { store, log } = this.options;
    while (!this.closed) {
      try {
        return await store.callsOf(channel);
      } catch (error) {
        log.warn({ event: 'agi_calls_not_read', channel, error: String(error) });
        await sleep(AGAIN_MS);
      }
    }
    return [];
  }

  /**
   * Settles a call before its caller's next one. Resolves with its CDR, or with null if its end is not known yet: its money stays held
   * then. Assumes that nothing is being dialled on its channel.
   */
  async earlier(call: CallRecord, told: Told): Promise<CallRecord | null> {
    // The call was not answered, so there is nothing to wait for.
    const { earlierLookAtMs } = this.pace;
    const looks = saysAnswered(told) ? earlierLookAtMs : earlierLookAtMs.slice(0, 1);
    return this.await(call, told, looks);
  }

  /** Reads the journal at these times. After the last one the channel's report counts, if it is certain. */
  private async await(call: CallRecord, told: Told | null, lookAtMs: readonly number[]): Promise<CallRecord | null> {
    let standing: Standing = { is: 'unknown' };
    for (const [index, at] of lookAtMs.entries()) {
      const before = index === 0 ? 0 : (lookAtMs[index - 1] as number);
      if (at > before) await sleep(at - before);
      if (this.closed) return null;
      standing = (await this.look([call])).get(call.uniqueid) ?? standing;
      if (standing.is === 'settled') return standing.call;
    }
    if (told === null) return null;
    const end = endByWord(standing, told);
    if (end) return this.end(call, end);
    const { uniqueid, accountcode } = call;
    this.options.refusals.note('talk_not_proven', { uniqueid, accountcode, todo: NO_CEL });
    return null;
  }

  private async sweep(): Promise<void> {
    if (this.sweeping || this.closed) return;
    this.sweeping = true;
    try {
      await this.look(await this.options.openCalls.of(this.options.node));
    } catch (error) {
      this.options.log.warn({ event: 'agi_sweep_failed', error: String(error) });
    } finally {
      this.sweeping = false;
    }
  }

  /** Reads the journal for these calls, settles those whose end it shows, and remembers answers. */
  private async look(calls: readonly CallRecord[]): Promise<Map<string, Standing>> {
    const { node, records, log } = this.options;
    const standings = new Map<string, Standing>();
    let written: Map<string, WrittenCall>;
    try {
      written = await records.of(node, calls);
    } catch (error) {
      log.warn({ event: 'records_not_read', node, error: String(error) });
      return standings;
    }
    const looked = calls.map(async call => {
      standings.set(call.uniqueid, await this.follow(call, written.get(call.uniqueid) ?? null));
    });
    await Promise.all(looked);
    return standings;
  }

  private async follow(call: CallRecord, record: WrittenCall | null): Promise<Standing> {
    const { uniqueid, accountcode } = call;
    if (record && record.endAt !== null) {
      return { is: 'settled', call: await this.end(call, endOf(call, undefined, record, record.endAt)) };
    }
    const answerAt = record?.answerAt ?? call.answerAt;
    if (answerAt === null) return { is: 'unknown' };
    if (call.answerAt === null)
      await this.options.ledger.answered({ uniqueid, accountcode, trunk: this.trunkOf(call), answerAt });
    return { is: 'answered', answerAt };
  }
}

/** The end of a call that is over, by its channel's report, when the journal does not show it; null if that is not certain. */
function endByWord(standing: Standing, told: Told): CallEnd | null {
  // The journal lost the row of the end. The talk was over by this instant at the latest.
  if (standing.is === 'answered') return endAfterTalk(Math.max(0, told.at - standing.answerAt), told.at);
  return saysAnswered(told) ? answeredEnd(told) : unansweredEnd(told);
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms).unref());
