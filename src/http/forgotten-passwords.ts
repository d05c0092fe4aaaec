/** People who forgot their passwords. The answer is the same at once for whatever name; everything else happens after it. */
import type { Logger } from 'pino';
import type { Stranger } from '../access/logins';
import { endToken, tokenForForgotten } from '../access/operator-store';
import { placeOf } from '../access/place';
import { invitationMail } from '../mail/invitation-mail';
import type { Acting, Mailer } from '../operator/acting';
import { Allowance } from './allowance';

/** Of one place. A person is bounded besides: no second mail is sent before the first one's token has ended. */
const OF_A_PLACE = { perSecond: 1 / 60, burst: 5, mostNames: 10_000 };

/** Requests that are looked at, and mailed, at once, and those that wait. */
const MOST = { atOnce: 2, waiting: 20 };

/** The name in the audit trail: the service does not know who asks. */
const ACTOR = 'stranger';

export class ForgottenPasswords {
  private readonly places = new Allowance(OF_A_PLACE);
  private readonly waiting: (() => Promise<void>)[] = [];
  private running = new Set<Promise<void>>();

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
   * whatever name, if too many wait.
   */
  begin(acting: Stranger, name: string): boolean {
    if (this.waiting.length >= MOST.waiting) return false;
    this.waiting.push(() => this.sendTo({ ...acting, actor: ACTOR }, name));
    // After the answer.
    setImmediate(() => this.goOn());
    return true;
  }

  /** Drops what waits. Resolves when what was begun is done, or after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.waiting.length = 0;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all(this.running), late]);
    clearTimeout(timer);
  }

  private goOn(): void {
    while (this.running.size < MOST.atOnce) {
      const next = this.waiting.shift();
      if (!next) return;
      const work = next().finally(() => {
        this.running.delete(work);
        this.goOn();
      });
      this.running.add(work);
    }
  }

  /** Never rejects. */
  private async sendTo(acting: Acting, name: string): Promise<void> {
    const { mailer, log } = this;
    try {
      const given = await tokenForForgotten(acting, name);
      if (!mailer || !given) return;
      const { token, view } = given;
      const { operator, mail, tokenExpiresAt: expiresAt } = view;
      if (mail === null || expiresAt === null) return;
      const letter = invitationMail(mailer.consoleUrl, { reason: 'forgotten', operator, mail, token, expiresAt });
      const failure = await mailer.send(letter, 'stranger');
      if (failure === null) return void log.info({ event: 'mail_sent', operator });
      log.warn({ event: 'mail_not_sent', operator, failure });
      // So that the person may ask again.
      await endToken(acting.database, token);
    } catch (error) {
      log.warn({ event: 'mail_not_sent', code: (error as { code?: unknown }).code });
    }
  }
}
