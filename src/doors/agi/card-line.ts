import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { findAccount } from '../../accounts/account-store';
import { dialWarning, limitOption, outerLimit, warningVariables } from '../../calls/dial-limit';
import { accountOfCaller } from '../../cards/callers';
import { accountOfPin, cardUsed } from '../../cards/card-login';
import type { PinGuard } from '../../cards/pin-guard';
import { redeemVoucher } from '../../cards/vouchers';
import type { Refusal } from '../../credit/refusal';
import type { RefusalLog } from '../../listeners/refusal-log';
import { actingAs } from '../../operator/acting';
import { Refused } from '../../operator/operator-refusal';
import { EVERYTHING } from '../../operator/visible';
import { digitsOf, harmless } from '../../rating/dialled-number';
import { DEFAULT_RULE, triesNextRoute } from '../../routes/refusal-rule';
import { dialString, type Route } from '../../routes/route';
import type { Routes } from '../../routes/route-table';
import type { AgiCalls, Authorised } from './agi-calls';
import type { AgiRequest } from './agi-protocol';
import { AgiClosed, type AgiSession } from './agi-session';
import type { Settlement } from './agi-settlement';
import type { AgiStore } from './agi-store';
import { type Act, begin, type DialogueEvent, next, type SpokenBalance } from './card-dialogue';
import type { Prompts } from './card-prompts';
import { wordsOf } from './channel-words';
import { CallerGone, Keypad, KeysNotKept } from './keypad';
import { ANSWERED, type ChannelWords, saysAnswered } from './told-end';

export interface CardLineParts {
  /** The door, as the entries name it. */
  actor: string;
  database: Knex;
  calls: AgiCalls;
  settlement: Settlement;
  store: AgiStore;
  routes: Routes;
  emergencyNumbers: readonly string[];
  guard: PinGuard;
  pinKeys: readonly string[];
  prompts: Prompts;
  /** How long a trunk may ring. */
  ringSeconds: number;
  warnings: boolean;
  warnSound: string;
  refusals: RefusalLog;
  log: Logger;
}

/**
 * Asterisk cuts a caller who is not in a call after so long, because a service that stands still would keep the caller forever. Longer
 * than any one act; seconds.
 */
const DIALOGUE_SECONDS = 600;

/** One caller with a card, from the answer to the hang-up. */
export class CardLine {
  private readonly keypad: Keypad;
  private accountcode: string | null = null;
  private call: Authorised | null = null;
  /** The trunks for the call. */
  private ways: readonly Route[] = [];

  constructor(
    private readonly parts: CardLineParts,
    private readonly session: AgiSession,
    private readonly request: AgiRequest,
    /** The address of the switch, for the audit trail. */
    private readonly from: string,
  ) {
    this.keypad = new Keypad(session, request.language, sound => {
      const todo = 'install the sounds, or name others: RINGFENCE_AGI_PROMPTS';
      parts.refusals.note('sound_missing', { sound, todo });
    });
  }

  /** @throws AgiInvalid, AgiLate: a fault of the switch. A caller who hangs up ends the dialogue like any other end. */
  async run(): Promise<void> {
    const { log, prompts } = this.parts;
    const { uniqueid: channel } = this.request;
    let state = begin();
    try {
      for (;;) {
        const { act } = state;
        if (act.do === 'hangUp') {
          await this.keypad.say(act.media);
          return;
        }
        state = next(state, await this.perform(act), prompts);
      }
    } catch (error) {
      // With AGIEXITONHANGUP the connection ends with the caller.
      const { name } = error as Error;
      if (name !== CallerGone.name && name !== AgiClosed.name) throw error;
    } finally {
      // A call that was let through and not dialled must not keep its money.
      if (this.call) await this.parts.calls.takeBack(this.call);
      log.info({ event: 'card_line_over', channel, accountcode: this.accountcode });
    }
  }

  private perform(act: Exclude<Act, { do: 'hangUp' }>): Promise<DialogueEvent> {
    switch (act.do) {
      case 'answer':
        return this.answer();
      case 'identify':
        return this.keypad.meanwhile(this.identify());
      case 'ask':
        return this.ask(act);
      case 'checkPin':
        return this.keypad.meanwhile(this.checkPin(act.pin));
      case 'redeem':
        return this.keypad.meanwhile(this.redeem(act.code));
      case 'authorise':
        return this.authorise(act.number);
      case 'dial':
        return this.dial(act.media);
    }
  }

  private async answer(): Promise<DialogueEvent> {
    const areKept = await this.keysAreKept();
    await this.session.ask('ANSWER');
    // So that the time of this channel never counts as talk.
    await this.session.setVariable('RINGFENCE_OWN_ANSWER', ANSWERED);
    await this.session.setVariable('TIMEOUT(absolute)', String(DIALOGUE_SECONDS));
    return { type: areKept ? 'answered' : 'unavailable' };
  }

  private async keysAreKept(): Promise<boolean> {
    try {
      await this.keypad.begin();
      return true;
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== KeysNotKept.name) throw error;
      this.parts.refusals.note('keys_not_kept', { channel: this.request.uniqueid, todo: message });
      return false;
    }
  }

  private async ask({ afresh, media }: Extract<Act, { do: 'ask' }>): Promise<DialogueEvent> {
    if (afresh) await this.keypad.forget();
    const { digits, isSilent, isSure } = await this.keypad.entry(media);
    if (isSure) return { type: 'entered', digits, isSilent };
    this.parts.refusals.note('keys_unclear', { channel: this.request.uniqueid });
    return { type: 'unclear' };
  }

  private async identify(): Promise<DialogueEvent> {
    const { database } = this.parts;
    return this.lookedUp(async () => {
      const accountcode = await accountOfCaller(database, this.request.callerid);
      return { type: 'identified', balance: accountcode === null ? null : await this.letIn(accountcode) };
    });
  }

  private async checkPin(pin: string): Promise<DialogueEvent> {
    const { database, pinKeys } = this.parts;
    return this.tried(async () => {
      const accountcode = await accountOfPin(database, pinKeys, pin);
      if (accountcode === null) return { type: 'pinWrong' };
      return { type: 'pinRight', balance: await this.letIn(accountcode) };
    }, 'pin_wrong');
  }

  private async redeem(code: string): Promise<DialogueEvent> {
    const { actor, database, pinKeys, log } = this.parts;
    const { accountcode } = this;
    if (accountcode === null) return { type: 'voucherWrong' };
    return this.tried(async () => {
      try {
        const { serial, amount } = await redeemVoucher(
          { ...actingAs(actor, database), from: this.from },
          {
            code,
            accountcode,
            keys: pinKeys,
          },
        );
        log.info({ event: 'voucher_redeemed', accountcode, serial, amount: String(amount) });
        return { type: 'redeemed', balance: await this.balanceOf(accountcode).catch(() => null) };
      } catch (error) {
        const { name, refusal } = error as Refused;
        if (name !== Refused.name || refusal === 'pin_key_missing') throw error;
        return { type: 'voucherWrong' };
      }
    }, 'voucher_wrong');
  }

  /** A try that a caller may make, but not forever. */
  private async tried(look: () => Promise<DialogueEvent>, reason: string): Promise<DialogueEvent> {
    const { guard, refusals, log } = this.parts;
    const callerid = harmless(this.request.callerid);
    const { uniqueid: channel } = this.request;
    return this.lookedUp(async () => {
      const admitted = await guard.begin(callerid);
      if (admitted !== 'admitted') {
        refusals.note(admitted, { channel });
        return { type: 'lockedOut' };
      }
      // Nothing in it asks the caller, who may have hung up meanwhile: it fails only by a fault of ours.
      const event = await look().catch(async error => {
        await guard.wasCutShort(callerid);
        throw error;
      });
      if (event.type === 'pinWrong' || event.type === 'voucherWrong') refusals.note(reason, { channel });
      else {
        await guard
          .wasRight(callerid)
          // The caller is let in, and the voucher redeemed, all the same.
          .catch(error => log.warn({ event: 'try_not_taken_back', channel, code: error.code }));
      }
      return event;
    });
  }

  /** The answer of the database; `unavailable` if it gives none. */
  private async lookedUp(look: () => Promise<DialogueEvent>): Promise<DialogueEvent> {
    try {
      return await look();
    } catch (error) {
      const { name, message, refusal } = error as Refused;
      if (name === CallerGone.name) throw error;
      this.parts.refusals.note(refusal ?? 'not_looked_up', { channel: this.request.uniqueid, detail: message });
      return { type: 'unavailable' };
    }
  }

  private async letIn(accountcode: string): Promise<SpokenBalance> {
    await cardUsed(this.parts.database, accountcode);
    const balance = await this.balanceOf(accountcode);
    if (!balance) throw new Error(`account ${JSON.stringify(accountcode)} of a card or a caller is not there`);
    this.accountcode = accountcode;
    this.parts.log.info({ event: 'card_line', channel: this.request.uniqueid, accountcode });
    return balance;
  }

  private async balanceOf(accountcode: string): Promise<SpokenBalance | null> {
    const account = await findAccount(this.parts.database, EVERYTHING, accountcode);
    return account && { available: account.available, currency: account.currency };
  }

  private async authorise(number: string): Promise<DialogueEvent> {
    const { calls, routes, emergencyNumbers } = this.parts;
    const digits = digitsOf(number);
    const emergency = emergencyNumbers.includes(number);
    const ways = digits === null ? [] : await routes.of(digits, emergency);
    if (ways === null) return this.refused('ledger_unavailable');
    this.ways = ways;
    const outcome = await calls.authorise({
      channel: this.request.uniqueid,
      accountcode: this.accountcode,
      number,
      src: harmless(this.request.callerid),
      words: await wordsOf(this.session),
      isRoutable: digits === null || ways.length > 0,
    });
    if ('refusal' in outcome) return this.refused(outcome.refusal);
    this.call = outcome;
    return { type: 'authorised', seconds: outcome.grant.grantedSeconds };
  }

  private async refused(refusal: Refusal): Promise<DialogueEvent> {
    const { accountcode } = this;
    const balance = accountcode === null ? null : await this.balanceOf(accountcode).catch(() => null);
    return { type: 'refused', refusal, balance };
  }

  /** Dials by one route after the other until one is answered. */
  private async dial(media: readonly string[]): Promise<DialogueEvent> {
    const { calls, ringSeconds } = this.parts;
    const call = this.call as Authorised;
    const ways = this.ways.slice(0, Math.floor(call.ringSeconds / ringSeconds));
    if (ways.length === 0) {
      this.call = null;
      await calls.takeBack(call);
      return { type: 'refused', refusal: 'no_route', balance: null };
    }
    await this.keypad.say(media);
    if (await this.keypad.isGone()) throw new CallerGone();
    await this.session.setVariable('TIMEOUT(absolute)', outerLimit(call.grant.grantedSeconds, call.ringSeconds));
    // From here on only Asterisk knows whether there is talk.
    this.call = null;
    const words = await this.dialAll(ways, call);
    if (this.session.isHungUp) throw new CallerGone();
    await this.session.setVariable('TIMEOUT(absolute)', String(DIALOGUE_SECONDS));
    return this.settled(call, words);
  }

  private async dialAll(ways: readonly Route[], call: Authorised): Promise<ChannelWords> {
    const { settlement } = this.parts;
    let words: ChannelWords | null = null;
    try {
      for (const way of ways) {
        if (call.uniqueid !== null) settlement.dials(call.uniqueid, way.trunk);
        words = null;
        words = await this.dialOne(dialString(way, call.digits), call);
        const refusal = { cause: words.hangupCause, sipStatus: null, rang: false };
        if (saysAnswered(words) || this.session.isHungUp) break;
        if (!triesNextRoute(way.rule ?? DEFAULT_RULE, refusal)) break;
      }
    } finally {
      // When the caller has hung up, the switch closes the connection, or goes on without the caller.
      if (words === null || this.session.isHungUp) settlement.over(this.request.uniqueid, words);
    }
    return words as unknown as ChannelWords;
  }

  /** The result of a call whose caller is still there. */
  private async settled(call: Authorised, words: ChannelWords): Promise<DialogueEvent> {
    const { settlement, store } = this.parts;
    const isAnswered = saysAnswered(words);
    const calls = await store.callsOf(this.request.uniqueid).catch(() => []);
    const record = calls.find(({ uniqueid }) => uniqueid === call.uniqueid);
    const settled = record ? await settlement.earlier(record, words) : null;
    if (!isAnswered) return { type: 'notTalked', dialStatus: words.dialStatus };
    return { type: 'talked', balance: settled && (await this.balanceOf(call.accountcode).catch(() => null)) };
  }

  private async dialOne(endpoint: string, { grant }: Authorised): Promise<ChannelWords> {
    const { ringSeconds, warnings, warnSound } = this.parts;
    const warning = warnings ? dialWarning(grant.terms, grant.grantedSeconds, warnSound) : null;
    for (const [name, value] of Object.entries(warningVariables(warning))) await this.session.setVariable(name, value);
    // g: the caller goes on here when the called party has hung up.
    const options = `${limitOption(grant.grantedSeconds, warning)}g`;
    await this.session.ask('EXEC', ['Dial', `${endpoint},${ringSeconds},${options}`], 'as long as it takes');
    return wordsOf(this.session);
  }
}
