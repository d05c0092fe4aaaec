/** Whether a person who proved something a moment ago may still act: what follows may take a while. */
import type { Knex } from 'knex';
import { secretHash } from './api-key';
import { isOfOpenAccount } from './customer-store';
import type { Session } from './session-store';

/** A person who is logged in. */
export interface LoggedIn {
  session: Session;
  /** What the person's browser holds of the session. */
  token: string;
}

/**
 * Whether the person is not blocked, its account is not closed, and it still has this session and this password; any password if none is
 * given. Locks the person's row until COMMIT.
 */
export async function isStillLoggedIn(
  transaction: Knex,
  { session: { operatorId }, token }: LoggedIn,
  passwordHash?: string | null,
): Promise<boolean> {
  const person = await transaction('astoperator')
    .where({ operator_id: operatorId, ...(passwordHash !== undefined && { password_hash: passwordHash }) })
    .whereNull('blocked_at')
    .whereRaw(isOfOpenAccount('astoperator'))
    .forUpdate()
    .first('operator_id');
  if (!person) return false;
  const session = await transaction('astsession')
    .where({ operator_id: operatorId, token_hash: secretHash(token) })
    .first('session_id');
  return session !== undefined;
}
