import type { Knex } from 'knex';
import { lockAccounts, useCards } from '../credit/call-store';
import { inTransaction } from '../database/connection';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import { asFault } from '../database/fault';
import { sqlOf } from '../database/rows';
import { hasherOf } from './batch';
import { isCode } from './codes';

/**
 * The account of the active card with this PIN; null if there is none.
 *
 * A PIN that was hashed with an older key is hashed again with the newest. So the older key can be removed in the end.
 * @throws Refused pin_key_missing; DatabaseFault.
 */
export async function accountOfPin(database: Knex, keys: readonly string[], pin: string): Promise<string | null> {
  const hasher = hasherOf(keys, 'card');
  if (!isCode(pin)) return null;
  const hashed = await hasher.hashes(pin);
  const [newest] = hashed;
  try {
    const hashes = hashed.map(({ hash }) => hash);
    const row = await database('astcard')
      .whereIn('code_hash', hashes)
      .where({ status: 'active' })
      .timeout(QUESTION_DEADLINE_MS)
      .first('serial', 'accountcode', 'code_key');
    if (!row) return null;
    if (newest && row.code_key !== newest.key) {
      const { hash: code_hash, key: code_key } = newest;
      await database('astcard')
        .where({ serial: row.serial })
        .timeout(QUESTION_DEADLINE_MS)
        .update({ code_hash, code_key });
    }
    return row.accountcode;
  } catch (error) {
    throw asFault(error);
  }
}

/**
 * Records that a caller was admitted to this account, if it is a card's account. The first use begins the days after which the card
 * expires, as the first call does that any door lets start.
 * @throws DatabaseFault
 */
export async function cardUsed(database: Knex, accountcode: string): Promise<void> {
  await inTransaction(
    database,
    async transaction => {
      const sql = sqlOf(transaction);
      await lockAccounts(sql, [accountcode]);
      await useCards(sql, [accountcode]);
    },
    { idempotent: true },
  );
}
