/** How a person proves who they are: by password, in turns, with waits after wrong ones. */
import { randomBytes } from 'node:crypto';
import { inTransaction } from '../database/connection';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { HashTurns } from './hash-turns';
import { LoginDelays, type Try } from './login-delays';
import { isOperatorName } from './operator';
import { acceptInvitation, choosePassword, invitedBy, noInvitation, objectOf } from './operator-store';
import { isPasswordOf, passwordHash, SALT_BYTES } from './password';
import { placeOf } from './place';
import { beginSession, type Candidate, candidateNamed, type NewSession, type Session } from './session-store';

/** Why a person is not let in. It never says whether there is such a person. */
export type LoginRefusal =
  | { refusal: 'login_refused' }
  | { refusal: 'too_many_tries'; waitMs: number }
  /** Too many strangers wait for their turn. */
  | { refusal: 'too_busy' };

/** A request by a client that has not proved anything yet. */
export type Stranger = Omit<Acting, 'actor'> & { from: string };

/** What a person types. */
export interface Typed {
  name: string;
  password: string;
}

const REFUSED: LoginRefusal = { refusal: 'login_refused' };

/** One for a process: its turns and its waits are those of the process. */
export class Logins {
  private readonly turns = new HashTurns();
  private readonly delays = new LoginDelays();

  /**
   * Begins a session, and ends `former`, the one that the browser had.
   * @throws DatabaseFault
   */
  async logIn(acting: Stranger, { name, password }: Typed, former: string | null): Promise<NewSession | LoginRefusal> {
    const checked = await this.check(acting, { name: name.toLowerCase(), password });
    if ('refusal' in checked) return checked;
    const { candidate, tried } = checked;
    const actor = actorOf(candidate.operator);
    const begun = await beginSession({ ...acting, actor }, candidate, former);
    if (!begun) return REFUSED;
    this.delays.wasRight(tried);
    return begun;
  }

  /**
   * Gives the person of a one-time token a password. Returns the person's name; null if too many strangers wait.
   * @throws Refused invitation_not_found; DatabaseFault
   */
  async accept(acting: Stranger, token: string, password: string): Promise<string | null> {
    // Before the slow hash: a token of 256 bits is not guessed, but a hash is work.
    const operator = await invitedBy(acting.database, token);
    if (operator === null) throw noInvitation();
    const hashed = await this.turns.run(true, () => passwordHash(password, randomBytes(SALT_BYTES)));
    return hashed && acceptInvitation({ ...acting, actor: actorOf(operator) }, token, hashed.result);
  }

  /**
   * Gives a person who is logged in another password, and ends the person's other sessions. Returns how many.
   * @throws DatabaseFault
   */
  async changePassword(
    acting: Acting & Stranger,
    { operatorId, operator }: Session,
    { password, next, token }: { password: string; next: string; token: string },
  ): Promise<number | LoginRefusal> {
    const checked = await this.check(acting, { name: operator, password });
    if ('refusal' in checked) return checked;
    const hashed = await this.turns.run(true, () => passwordHash(next, randomBytes(SALT_BYTES)));
    if (!hashed) return { refusal: 'too_busy' };
    this.delays.wasRight(checked.tried);
    return inTransaction(
      acting.database,
      async transaction => {
        const ended = await choosePassword(transaction, operatorId, hashed.result, token);
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

  /** The person of that name, if the password is right. The try stays counted until `wasRight`. @throws DatabaseFault */
  private async check(
    { database, from }: Stranger,
    { name, password }: Typed,
  ): Promise<{ candidate: Candidate; tried: Try } | LoginRefusal> {
    const candidate = await candidateNamed(database, name, from);
    const isKnown = candidate?.isKnown === true;
    // Texts that can be no name are one, so that they fill no memory.
    const tried = { name: isOperatorName(name) ? name : '', place: placeOf(from), isKnown };
    const waitMs = this.delays.begin(tried, performance.now());
    if (waitMs > 0) return { refusal: 'too_many_tries', waitMs };
    const hashed = await this.turns.run(isKnown, () => isPasswordOf(password, candidate?.passwordHash ?? null));
    if (!hashed) {
      this.delays.takeBack(tried);
      return { refusal: 'too_busy' };
    }
    return candidate && hashed.result ? { candidate, tried } : REFUSED;
  }
}

/** How the audit trail names a person who acts. */
export const actorOf = (operator: string): string => `operator:${operator}`;
