/** People who forgot their passwords. The answer is the same at once for whatever name; everything else happens after it. */
import type { Logger } from 'pino';
import type { Stranger } from '../access/logins';
import { endToken, tokenForForgotten } from '../access/operator-store';
import { placeOf } from '../access/place';
import { invitationMail } from '../mail/invitation-mail';
import type { Acting, Mail, Mailer } from '../operator/acting';
import { Allowance } from './allowance';
import { BoundedQueue } from './bounded-queue';

/** Of one place. A person is bounded besides: no second mail is sent before the first one's token has ended. */
const OF_A_PLACE = { perSecond: 1 / 60, burst: 5, mostNames: 10_000 };

/** Of one person whose mail was certainly not sent, so that its token has ended. */
const OF_A_PERSON = { perSecond: 1 / 300, burst: 1, mostNames: 10_000 };

/** Names that are looked up at once, and those that wait. It takes as long for whatever name: only here may an answer tell that too many wait. */
const LOOK_UPS = { atOnce: 2, waiting: 20 };

/** Mails that are sent at once, and those that wait. No answer tells of them: they are of people who exist. */
const MAILS = { atOnce: 2, waiting: 20 };

/** The name in the audit trail: the service does not know who asks. */
const ACTOR = 'stranger';

interface Asked {
  acting: Acting;
  name: string;
  nowMs: number;
}

/** A mail whose token is alive. */
interface Letter {
  acting: Acting;
  operator: string;
  token: string;
  mail: Mail;
}

export class ForgottenPasswords {
  private readonly places = new Allowance(OF_A_PLACE);
  private readonly people = new Allowance(OF_A_PERSON);
  private readonly lookUps = new BoundedQueue<Asked>(LOOK_UPS, asked => this.lookUp(asked));
  private readonly mails = new BoundedQueue<Letter & { nowMs: number }>(MAILS, letter => this.send(letter));
  private isClosing = false;
  private readonly stopping = new AbortController();

  constructor(
    private readonly mailer: Mailer | null,
    private readonly log: Pick<Logger, 'info' | 'warn'>,
  ) {}

  /** Whether mail can be sent at all. */
  get isPossible(): boolean {
    return this.mailer !== null;
  }

  /** How long a client there must wait before it may ask again; s, 0 if it may now. Then it has asked. */
  waitSeconds(address: string, nowMs: number): number {
    const place = placeOf(address);
    const seconds = this.places.waitSeconds(place, nowMs);
    if (seconds === 0) this.places.spend(place, nowMs);
    return seconds;
  }

  /**
   * Sends the person of that name a token, if there is one who may have it. Returns at once: how long it takes is not to be seen. False, for
   * whatever name, if too many wait to be looked up.
   */
  begin(acting: Stranger, name: string, nowMs: number): boolean {
    return this.lookUps.add({ acting: { ...acting, actor: ACTOR }, name, nowMs });
  }

  /**
   * Drops what waits, and breaks off the mails that are still being sent after half of `graceMs`. Resolves when nothing is being done any more;
   * the database is needed until then.
   */
  async close(graceMs: number): Promise<void> {
    this.isClosing = true;
    const [unseen, unsent] = [this.lookUps.close(), this.mails.close()];
    const count = unseen.length + unsent.length;
    if (count > 0) this.log.warn({ event: 'mail_not_sent', count, failure: STOPS });
    const timer = setTimeout(() => this.stopping.abort(), graceMs / 2);
    // So that these people may ask again.
    await Promise.all(unsent.map(letter => this.end(letter)));
    await this.lookUps.ended();
    await this.mails.ended();
    clearTimeout(timer);
  }

  /** Never rejects. */
  private async lookUp({ acting, name, nowMs }: Asked): Promise<void> {
    const { mailer, log } = this;
    try {
      if (!mailer || this.people.waitSeconds(name, nowMs) > 0) return;
      const given = await tokenForForgotten(acting, name);
      if (!given) return;
      const { token, view } = given;
      const { operator, mail: to, tokenExpiresAt: expiresAt } = view;
      if (to === null || expiresAt === null) return;
      const mail = invitationMail(mailer.consoleUrl, { reason: 'forgotten', operator, mail: to, token, expiresAt });
      const letter = { acting, operator, token, mail, nowMs };
      if (!this.mails.add(letter)) await this.notSent(letter, this.isClosing ? STOPS : TOO_MANY);
    } catch (error) {
      log.warn({ event: 'mail_not_sent', code: (error as { code?: unknown }).code });
    }
  }

  /** Never rejects. */
  private async send(letter: Letter & { nowMs: number }): Promise<void> {
    const { mailer, log, stopping } = this;
    const { operator, mail } = letter;
    const failure = (await mailer?.send(mail, 'stranger', stopping.signal)) ?? null;
    if (failure === null) return void log.info({ event: 'mail_sent', operator });
    if (failure.isCertain) return this.notSent(letter, failure.why);
    // A link that arrives after all must be good: so the token stays, and the person asks again when it has ended.
    log.warn({ event: 'mail_not_sent', operator, failure: failure.why });
  }

  /** Never rejects. */
  private async notSent(letter: Letter & { nowMs: number }, failure: string): Promise<void> {
    const { operator, nowMs } = letter;
    this.log.warn({ event: 'mail_not_sent', operator, failure });
    this.people.spend(operator, nowMs);
    await this.end(letter);
  }

  /** So that the person may ask again. Never rejects. */
  private async end({ acting, operator, token }: Letter): Promise<void> {
    try {
      await endToken(acting.database, token);
    } catch (error) {
      this.log.warn({ event: 'token_not_ended', operator, code: (error as { code?: unknown }).code });
    }
  }
}

const TOO_MANY = 'too many mails wait';
const STOPS = 'the service stops';
