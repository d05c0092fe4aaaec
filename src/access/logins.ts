/** How people prove who they are: by password, in turns, with waits after wrong ones; and by a second factor. */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { inTransaction } from '../database/connection';
import { SparseLog } from '../listeners/sparse-log';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { HashTurns } from './hash-turns';
import { isStillLoggedIn, type LoggedIn } from './logged-in-store';
import { LoginDelays, type Try } from './login-delays';
import { actorOf, isOperatorName, objectOf } from './operator';
import { acceptInvitation, choosePassword, invitedBy, noInvitation } from './operator-store';
import { isPasswordOf, passwordHash, SALT_BYTES } from './password';
import { placeOf } from './place';
import { codeOf, type Enrolment, stepOf } from './second-factor';
import {
  confirm,
  enrol,
  mayWith,
  noFactor,
  openFactor,
  type Proof,
  type Proven,
  recoveryProof,
  removeFactor,
  renewCodes,
} from './second-factor-store';
import { beginSession, type Candidate, candidateNamed, type NewSession, type Whence } from './session-store';

/** Why a person is not let in. It never says whether there is such a person. */
export type LoginRefusal =
  | { refusal: 'login_refused' }
  /** The password is right, and a code is needed too. */
  | { refusal: 'code_missing' }
  | { refusal: 'too_many_tries'; waitMs: number }
  /** Too many strangers wait for their turn. */
  | { refusal: 'too_busy' };

/** A request by a client that has not proved anything yet. */
export type Stranger = Omit<Acting, 'actor'> & Whence;

/** What a person types. */
export interface Typed {
  name: string;
  password: string;
  /** Of an authenticator, or a recovery code. */
  code?: string;
}

/** The same of a person who is logged in. */
export type OwnTyped = Omit<Typed, 'name'>;

type Own = Acting & Stranger;

/** What was right. The try counts as wrong until it is told that it was not. */
interface Checked {
  candidate: Candidate;
  tried: Try;
}

const REFUSED: LoginRefusal = { refusal: 'login_refused' };
const BUSY: LoginRefusal = { refusal: 'too_busy' };

/** Hashes that may wait or be made at once for one person who is known. */
const MOST_OF_A_PERSON = 5;

/** One for a process: its turns and its waits are those of the process. */
export class Logins {
  private readonly turns = new HashTurns();
  private readonly delays = new LoginDelays();
  private readonly wrong = new SparseLog();
  /** How many hashes wait or are made for each person, or browser, that is known. */
  private readonly hashing = new Map<string, number>();

  /** `keys`: of RINGFENCE_PIN_KEY, the newest first; they encrypt second factors. */
  constructor(
    private readonly keys: readonly string[],
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /**
   * Begins a session, and ends `former`, the one that the browser had.
   * @throws DatabaseFault
   */
  async logIn(acting: Stranger, typed: Typed, former: string | null): Promise<NewSession | LoginRefusal> {
    const proved = await this.prove(acting, { ...typed, name: typed.name.toLowerCase() });
    if ('refusal' in proved) return proved;
    const { candidate, proof } = proved;
    const actor = actorOf(candidate.operator);
    const begun = await beginSession({ ...acting, actor }, candidate, { proof, former });
    if (!begun) return REFUSED;
    this.wereRight(proved);
    return begun;
  }

  /**
   * Gives the person of a one-time token a password. Returns the person's name.
   * @throws Refused invitation_not_found; DatabaseFault
   */
  async accept(acting: Stranger, token: string, password: string): Promise<string | LoginRefusal> {
    // Before the slow hash: a token of 256 bits is not guessed, but a hash is work.
    const operator = await invitedBy(acting.database, token);
    if (operator === null) throw noInvitation();
    const hashed = await this.hashed(operator, password);
    return hashed === null ? BUSY : acceptInvitation({ ...acting, actor: actorOf(operator) }, token, hashed);
  }

  /**
   * Gives a person who is logged in another password, and ends the person's other sessions. Returns how many.
   * @throws DatabaseFault
   */
  async changePassword(acting: Own, own: LoggedIn, typed: OwnTyped & { next: string }): Promise<number | LoginRefusal> {
    const { operatorId, operator } = own.session;
    const proved = await this.prove(acting, { ...typed, name: operator });
    if ('refusal' in proved) return proved;
    const hashed = await this.hashed(operator, typed.next);
    if (hashed === null) return BUSY;
    this.wereRight(proved);
    const { passwordHash } = proved.candidate;
    return inTransaction(
      acting.database,
      async (transaction, { commitWasLost }) => {
        // Hashing takes a while: meanwhile the person may have been blocked or given another password, or the session may have ended.
        const isDone = commitWasLost && (await isStillLoggedIn(transaction, own, hashed));
        if (!isDone && !(await mayWith(transaction, { ...own, passwordHash }, proved.proof))) return REFUSED;
        const ended = await choosePassword(transaction, operatorId, hashed, own.token);
        await writeAudit(transaction, acting, {
          operation: 'password change',
          object: objectOf(operator),
          before: null,
          after: { other_sessions_ended: ended },
        });
        return ended;
      },
      { idempotent: true },
    );
  }

  /** Begins a second factor. @throws Refused second_factor_exists, pin_key_missing; DatabaseFault */
  async enrol(acting: Own, own: LoggedIn, password: string): Promise<Enrolment | LoginRefusal> {
    const checked = await this.check(acting, { name: own.session.operator, password });
    if ('refusal' in checked) return checked;
    const { passwordHash, factor } = checked.candidate;
    // With a second factor the password alone takes no wrong codes back.
    if (factor) this.delays.takeBack(checked.tried);
    else this.delays.wasRight(checked.tried);
    return (await enrol(acting, { ...own, passwordHash }, this.keys)) ?? REFUSED;
  }

  /** Returns recovery codes. @throws Refused second_factor_not_found, second_factor_exists, code_wrong; DatabaseFault */
  async confirm(acting: Own, own: LoggedIn, code: string): Promise<string[] | LoginRefusal> {
    const typed = codeOf(code);
    const digits = typed.kind === 'totp' ? typed.digits : '';
    return (await confirm(acting, own, { digits, keys: this.keys, nowMs: Date.now() })) ?? REFUSED;
  }

  /** Removes the second factor. Returns null. @throws Refused second_factor_not_found; DatabaseFault */
  removeFactor = (acting: Own, own: LoggedIn, typed: OwnTyped): Promise<null | LoginRefusal> =>
    this.withProof(acting, own, typed, async (proven, proof) =>
      (await removeFactor(acting, proven, proof)) ? null : REFUSED,
    );

  /** Returns new recovery codes. @throws Refused second_factor_not_found; DatabaseFault */
  renewCodes = (acting: Own, own: LoggedIn, typed: OwnTyped): Promise<string[] | LoginRefusal> =>
    this.withProof(acting, own, typed, async (proven, proof) => (await renewCodes(acting, proven, proof)) ?? REFUSED);

  private async withProof<Result>(
    acting: Own,
    own: LoggedIn,
    typed: OwnTyped,
    work: (proven: Proven, proof: Proof) => Promise<Result>,
  ): Promise<Result | LoginRefusal> {
    const proved = await this.prove(acting, { ...typed, name: own.session.operator });
    if ('refusal' in proved) return proved;
    if (!proved.proof) {
      this.wereRight(proved);
      throw noFactor();
    }
    const result = await work({ ...own, passwordHash: proved.candidate.passwordHash }, proved.proof);
    this.wereRight(proved);
    return result;
  }

  /** The slow hash of a new password; null if it is busy. The person who chooses one has proved something already. */
  private async hashed(operator: string, password: string): Promise<string | null> {
    const hashed = await this.ofKnown(operator, () => passwordHash(password, randomBytes(SALT_BYTES)));
    return hashed?.result ?? null;
  }

  /** Work for a person, or a browser, that is known, in its turn; null if some waits for the same one already: one cannot fill the queue. */
  private async ofKnown<Result>(who: string, work: () => Promise<Result>): Promise<{ result: Result } | null> {
    const before = this.hashing.get(who) ?? 0;
    if (before >= MOST_OF_A_PERSON) return null;
    this.hashing.set(who, before + 1);
    try {
      return await this.turns.run(true, work);
    } finally {
      const left = (this.hashing.get(who) ?? 1) - 1;
      if (left > 0) this.hashing.set(who, left);
      else this.hashing.delete(who);
    }
  }

  /** The person of that name, if password and second factor are right. @throws DatabaseFault */
  private async prove(acting: Stranger, typed: Typed): Promise<(Checked & { proof: Proof | null }) | LoginRefusal> {
    const checked = await this.check(acting, typed);
    if ('refusal' in checked || !checked.candidate.factor)
      return 'refusal' in checked ? checked : { ...checked, proof: null };
    const { candidate, tried } = checked;
    if (typed.code === undefined || typed.code === '') {
      // Neither wrong nor right: otherwise a stranger with the password could take wrong codes back by it.
      this.delays.takeBack(tried);
      return { refusal: 'code_missing' };
    }
    const waitMs = this.delays.beginCode(tried, performance.now());
    if (waitMs > 0) return { refusal: 'too_many_tries', waitMs };
    const proof = await this.proofOf(acting, candidate, typed.code);
    if (proof) return { ...checked, proof };
    // The name is no secret: the password was right.
    this.log.warn({ event: 'second_factor_wrong', operator: candidate.operator, peer: acting.from });
    return REFUSED;
  }

  private async proofOf(
    { database }: Stranger,
    { operatorId, factor }: Candidate,
    text: string,
  ): Promise<Proof | null> {
    const code = codeOf(text);
    if (code.kind === 'recovery') return recoveryProof(database, operatorId, code.text);
    if (!factor) return null;
    const { secret, renewed } = openFactor(factor, operatorId, this.keys);
    const step = stepOf(secret, code.digits, Date.now(), factor.lastStep);
    return step === null ? null : { kind: 'totp', step, renewed };
  }

  /** The person of that name, if the password is right. @throws DatabaseFault */
  private async check(acting: Stranger, { name, password }: Typed): Promise<Checked | LoginRefusal> {
    const candidate = await candidateNamed(acting.database, name, acting);
    const tried = this.delays.beginOne(triesOf(name, acting, candidate), performance.now());
    if (typeof tried === 'number') return { refusal: 'too_many_tries', waitMs: tried };
    const work = () => isPasswordOf(password, candidate?.passwordHash ?? null);
    // A stranger at the person's own address takes none of the turns of the person's browser.
    const hashed = await (tried.isKnown ? this.ofKnown(tried.browser ?? name, work) : this.turns.run(false, work));
    if (!hashed) {
      this.delays.takeBack(tried);
      return BUSY;
    }
    if (candidate && hashed.result) return { candidate, tried };
    if (candidate) this.tellWrong(candidate, acting);
    return REFUSED;
  }

  /** Only the name of a person who exists: what was typed as another name may be a password. */
  private tellWrong({ operator }: Candidate, { from }: Stranger): void {
    this.wrong.note(operator, counts => this.log.warn({ event: 'password_wrong', operator, peer: from, ...counts }));
  }

  private wereRight({ tried, proof }: Checked & { proof: Proof | null }): void {
    this.delays.wasRight(tried);
    if (proof) this.delays.codeWasRight(tried);
  }
}

/** How a client's try may count: by the browser if the person has logged in there, or else by the place. */
function triesOf(typed: string, { from }: Stranger, candidate: Candidate | null): Try[] {
  // Texts that can be no name are one, so that they fill no memory.
  const name = isOperatorName(typed) ? typed : '';
  const byPlace = { name, place: placeOf(from), isKnown: candidate?.isKnown === true, browser: null };
  const browser = candidate?.browser ?? null;
  return browser === null ? [byPlace] : [{ ...byPlace, isKnown: true, browser }, byPlace];
}
