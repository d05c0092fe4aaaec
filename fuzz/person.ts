/** A person who uses the API by a session: what the person knows of it by now, so that requests can be right. */
import { setTimeout as sleep } from 'node:timers/promises';
import { digitsOf, stepAt } from '../src/access/second-factor';
import type { Known } from './known';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, without padding. */
function bytesOf(base32: string): Buffer {
  const bits = [...base32].map(letter => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)));
}

/** What one request is answered with, as far as a person needs it. */
export interface Told {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
  body: any;
  setCookie: readonly string[];
}

/** Sends a request to the API: by an administrator's key, or by the cookie that is given. */
export type Ask = (
  method: string,
  path: string,
  body: object | null,
  headers: Readonly<Record<string, string>>,
) => Promise<Told>;

/** Wrong passwords, of any name, make a new person wait too: a minute at most. */
const MOST_TRIES = 90;

export class Person {
  private name: string | null = null;
  private password = '';
  /** Of the authenticator; null without one. */
  private secret: Buffer | null = null;
  private isConfirmed = false;
  private recoveryCodes: string[] = [];
  private cookie: string | null = null;
  private csrfToken = '';
  private people = 0;

  constructor(
    private readonly ask: Ask,
    /** The header by which an administrator makes people. */
    private readonly administrator: Readonly<Record<string, string>>,
    private readonly known: Known,
  ) {
    known.define('my-name', () => ({ value: this.name ?? 'none' }));
    known.define('my-password', () => ({ value: this.password }));
    known.define('my-code', () => ({ value: this.code() }));
  }

  /** What proves that it is the person. Makes the session first, and the person, where there is none. */
  async credentials(): Promise<[string, string][]> {
    if (this.cookie === null && !(await this.logIn())) {
      await this.begin();
      if (!(await this.logIn())) throw new Error('a new person cannot log in');
    }
    return [
      ['cookie', this.cookie ?? ''],
      ['x-csrf-token', this.csrfToken],
    ];
  }

  /** Learns from the answer to a request of the person. `asked`: its fields. `isRight`: nothing in it was wrong, its session neither. */
  heard(
    operation: string,
    asked: Readonly<Record<string, unknown>>,
    { status, body, setCookie }: Told,
    isRight: boolean,
  ): void {
    if (isRight && status === 401 && /not_authenticated/.test(body?.type ?? '')) this.cookie = null;
    if (status >= 300) return;
    switch (operation) {
      case 'sessionBegin':
        if (asked.name === this.name) this.take(body, setCookie);
        return;
      case 'sessionEnd':
        this.cookie = null;
        return;
      case 'passwordChange':
        this.password = String(asked.new_password);
        return;
      case 'secondFactorEnrol':
        this.secret = bytesOf(body.secret);
        this.isConfirmed = false;
        return;
      case 'secondFactorConfirm':
        this.isConfirmed = true;
        this.recoveryCodes = body.recovery_codes;
        return;
      case 'recoveryCodesRenew':
        this.recoveryCodes = body.recovery_codes;
        return;
      case 'secondFactorRemove':
        this.secret = null;
        this.isConfirmed = false;
        return;
      case 'sessionsOfMine':
        for (const { session_number, is_this } of body.items) {
          if (!is_this) this.known.add('my-session', session_number);
        }
    }
  }

  /** A code that is good now: each is good once. */
  private code(): string {
    const recoveryCode = this.isConfirmed ? this.recoveryCodes.shift() : undefined;
    return recoveryCode ?? (this.secret ? digitsOf(this.secret, stepAt(Date.now())) : '000000');
  }

  /** Whether the session has begun. Another one is left open, for the person to end. */
  private async logIn(): Promise<boolean> {
    if (this.name === null) return false;
    for (const _ of ['one', 'another']) {
      const told = await this.asked();
      if (told.status !== 200) return false;
      this.take(told.body, told.setCookie);
    }
    return true;
  }

  private async asked(): Promise<Told> {
    for (let tries = 1; ; tries++) {
      const code = this.isConfirmed ? { code: this.code() } : {};
      const told = await this.ask('POST', '/session', { name: this.name, password: this.password, ...code }, {});
      if (told.status !== 429 || tries === MOST_TRIES) return told;
      await sleep(1_000);
    }
  }

  private take(body: { csrf_token: string }, setCookie: readonly string[]): void {
    this.cookie = setCookie[0]?.split(';')[0] ?? null;
    this.csrfToken = body.csrf_token;
  }

  private async begin(): Promise<void> {
    const name = `me-${++this.people}`;
    const by = { ...this.administrator, 'idempotency-key': `person-${this.people}` };
    const invited = await this.ask('POST', '/operators', { name, roles: ['support'] }, by);
    const password = `horse of another kind ${this.people}`;
    const accepted = await this.ask('POST', '/invitation', { token: invited.body.token, password }, {});
    if (accepted.status !== 200)
      throw new Error(`${name} cannot accept the invitation: ${JSON.stringify(accepted.body)}`);
    Object.assign(this, { name, password, secret: null, isConfirmed: false, recoveryCodes: [] });
  }
}
