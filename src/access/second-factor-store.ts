/** Second factors of people in the database: astsecondfactor, astrecoverycode. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { orFault } from '../database/fault';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { Refused } from '../operator/operator-refusal';
import { secretHash } from './api-key';
import { isStillLoggedIn, type LoggedIn } from './logged-in-store';
import { objectOf } from './operator';
import {
  type Enrolment,
  enrolmentOf,
  IV_BYTES,
  opened,
  RECOVERY_BYTES,
  RECOVERY_CODES,
  recoveryCode,
  SECRET_BYTES,
  sealed,
  stepOf,
} from './second-factor';

/** The second factor of a person, as the table has it. */
export interface SecondFactor {
  /** Encrypted. */
  secret: string;
  isConfirmed: boolean;
  lastStep: number | null;
}

/** What was right beside the password: a code of an authenticator, or a recovery code. It can be used once. */
export type Proof = { kind: 'totp'; step: number; renewed: Renewed | null } | { kind: 'recovery'; hash: string };

/** A secret that an older key of RINGFENCE_PIN_KEY opened, as it is kept, and encrypted anew with the newest. */
export interface Renewed {
  before: string;
  after: string;
}

/** A person who is logged in, with the hash of the password that was right. */
export interface Proven extends LoggedIn {
  passwordHash: string | null;
}

/**
 * Keeps a new secret, which counts when it is confirmed. A log-in needs no code until then. Returns null if the person is not the same any more.
 * @throws Refused second_factor_exists, pin_key_missing; DatabaseFault
 */
export async function enrol(acting: Acting, proven: Proven, keys: readonly string[]): Promise<Enrolment | null> {
  const { operatorId, operator } = proven.session;
  const [key] = keys;
  if (key === undefined) {
    throw new Refused('pin_key_missing', 'set RINGFENCE_PIN_KEY, by which second factors are encrypted');
  }
  const secret = randomBytes(SECRET_BYTES);
  const row = { secret: sealed(secret, operatorId, key, randomBytes(IV_BYTES)), confirmed_at: null, last_step: null };
  return inTransaction(
    acting.database,
    async transaction => {
      if (!(await isStillLoggedIn(transaction, proven, proven.passwordHash))) return null;
      const factor = await lockedFactor(transaction, operatorId);
      if (factor?.isConfirmed)
        throw new Refused('second_factor_exists', 'remove the second factor that you have first');
      await transaction('astsecondfactor')
        .insert({ operator_id: operatorId, ...row })
        .onConflict('operator_id')
        .merge(row);
      await writeAudit(transaction, acting, {
        ...audited(operator, 'second-factor enrol'),
        after: { second_factor: 'not confirmed' },
      });
      return enrolmentOf(secret, operator);
    },
    { idempotent: true },
  );
}

/**
 * Confirms the secret by a first code. From now on a log-in needs one. Returns recovery codes, which nothing shows again; null if the person
 * is not the same any more.
 * @throws Refused second_factor_not_found, second_factor_exists, code_wrong; DatabaseFault
 */
export function confirm(
  acting: Acting,
  loggedIn: LoggedIn,
  { digits, keys, nowMs }: { digits: string; keys: readonly string[]; nowMs: number },
): Promise<string[] | null> {
  const { operatorId, operator } = loggedIn.session;
  const codes = newCodes();
  return inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      if (!(await isStillLoggedIn(transaction, loggedIn))) return null;
      const factor = await lockedFactor(transaction, operatorId);
      if (!factor) throw noFactor();
      if (factor.isConfirmed && commitWasLost) return codes;
      if (factor.isConfirmed) throw new Refused('second_factor_exists', 'the second factor is confirmed already');
      const { secret, renewed } = openFactor(factor, operatorId, keys);
      const step = stepOf(secret, digits, nowMs, null);
      if (step === null) throw new Refused('code_wrong', 'code is not the one that the authenticator shows now');
      await transaction('astsecondfactor')
        .where({ operator_id: operatorId })
        .update({
          confirmed_at: transaction.raw('UTC_TIMESTAMP(3)'),
          last_step: step,
          ...(renewed && { secret: renewed.after }),
        });
      await replaceCodes(transaction, operatorId, codes);
      await writeAudit(transaction, acting, {
        ...audited(operator, 'second-factor confirm'),
        after: { second_factor: 'confirmed', recovery_codes: codes.length },
      });
      return codes;
    },
    { idempotent: true },
  );
}

/**
 * Removes the second factor and the recovery codes, by a proof. Returns false if that was used meanwhile, or if the person is not the same any
 * more.
 * @throws DatabaseFault
 */
export function removeFactor(acting: Acting, proven: Proven, proof: Proof): Promise<boolean> {
  const { operatorId, operator } = proven.session;
  return inTransaction(acting.database, async transaction => {
    if (!(await mayWith(transaction, proven, proof))) return false;
    await deleteFactor(transaction, operatorId);
    await writeAudit(transaction, acting, {
      ...audited(operator, 'second-factor remove'),
      before: { second_factor: 'confirmed' },
      after: null,
    });
    return true;
  });
}

/** Replaces the recovery codes, by a proof. Returns the new ones; null where `removeFactor` returns false. @throws DatabaseFault */
export function renewCodes(acting: Acting, proven: Proven, proof: Proof): Promise<string[] | null> {
  const { operatorId, operator } = proven.session;
  const codes = newCodes();
  return inTransaction(acting.database, async transaction => {
    if (!(await mayWith(transaction, proven, proof))) return null;
    await replaceCodes(transaction, operatorId, codes);
    await writeAudit(transaction, acting, {
      ...audited(operator, 'recovery-codes renew'),
      after: { recovery_codes: codes.length },
    });
    return codes;
  });
}

/** Whether the person is still the same, and the proof was good; it is used up then. Locks the person's row. */
export const mayWith = async (transaction: Knex, proven: Proven, proof: Proof | null): Promise<boolean> =>
  (await isStillLoggedIn(transaction, proven, proven.passwordHash)) &&
  (await useProof(transaction, proven.session.operatorId, proof));

/** Uses a proof up. Returns false if it was used already, or if a proof is needed and there is none. */
export async function useProof(transaction: Knex, operatorId: number, proof: Proof | null): Promise<boolean> {
  const own = { operator_id: operatorId };
  if (proof === null) return !(await lockedFactor(transaction, operatorId))?.isConfirmed;
  const used =
    proof.kind === 'recovery'
      ? await transaction('astrecoverycode')
          .where({ ...own, code_hash: proof.hash })
          .delete()
      : await transaction('astsecondfactor')
          .where(own)
          .whereNotNull('confirmed_at')
          .where(row => row.whereNull('last_step').orWhere('last_step', '<', proof.step))
          .update({ last_step: proof.step });
  if (used === 1 && proof.kind === 'totp' && proof.renewed) {
    const { before, after } = proof.renewed;
    // Not if the person has another second factor by now.
    await transaction('astsecondfactor')
      .where({ ...own, secret: before })
      .update({ secret: after });
  }
  return used === 1;
}

/** Since when a person's log-in needs a code, null if it needs none, and how many recovery codes are left. @throws DatabaseFault */
export async function factorState(
  database: Knex,
  operatorId: number,
): Promise<{ confirmedAt: Date | null; codesLeft: number }> {
  const own = { operator_id: operatorId };
  const row = await database('astsecondfactor')
    .where(own)
    .first('confirmed_at', database('astrecoverycode').where(own).count('*').as('codes'));
  return { confirmedAt: row?.confirmed_at ?? null, codesLeft: Number(row?.codes ?? 0) };
}

/** The proof by a recovery code, typed without dashes; null if it is none of the person's. @throws DatabaseFault */
export async function recoveryProof(database: Knex, operatorId: number, text: string): Promise<Proof | null> {
  const hash = secretHash(text);
  const own = { operator_id: operatorId, code_hash: hash };
  const row = await orFault(() => database('astrecoverycode').where(own).first());
  return row ? { kind: 'recovery', hash } : null;
}

export async function deleteFactor(transaction: Knex, operatorId: number): Promise<void> {
  for (const table of ['astsecondfactor', 'astrecoverycode']) {
    await transaction(table).where({ operator_id: operatorId }).delete();
  }
}

/** The secret in the clear, and encrypted anew if an older key opened it. @throws Error if no key opens it */
export function openFactor(
  { secret: kept }: Pick<SecondFactor, 'secret'>,
  operatorId: number,
  keys: readonly string[],
): { secret: Buffer; renewed: Renewed | null } {
  const found = opened(kept, operatorId, keys);
  const [newest] = keys;
  if (!found || newest === undefined) {
    throw new Error(
      `no key of RINGFENCE_PIN_KEY opens the second factor of operator number ${operatorId}: write the old key behind the new one, or use "operator reset"`,
    );
  }
  const { secret, place } = found;
  if (place === 0) return { secret, renewed: null };
  return { secret, renewed: { before: kept, after: sealed(secret, operatorId, newest, randomBytes(IV_BYTES)) } };
}

export const noFactor = (): Refused =>
  new Refused('second_factor_not_found', 'there is no second factor: begin with POST /my/second-factor');

const audited = (operator: string, operation: string) => ({ operation, object: objectOf(operator), before: null });

const newCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => recoveryCode(randomBytes(RECOVERY_BYTES)));

async function replaceCodes(transaction: Knex, operatorId: number, codes: readonly string[]): Promise<void> {
  await transaction('astrecoverycode').where({ operator_id: operatorId }).delete();
  await transaction('astrecoverycode').insert(
    codes.map(code => ({ operator_id: operatorId, code_hash: secretHash(code.replaceAll('-', '')) })),
  );
}

async function lockedFactor(transaction: Knex, operatorId: number): Promise<SecondFactor | null> {
  const row = await transaction('astsecondfactor').where({ operator_id: operatorId }).forUpdate().first();
  return row ? factorOf(row) : null;
}

export const factorOf = (row: { secret: string; confirmed_at: Date | null; last_step: unknown }): SecondFactor => ({
  secret: row.secret,
  isConfirmed: row.confirmed_at !== null,
  lastStep: row.last_step === null ? null : Number(row.last_step),
});
