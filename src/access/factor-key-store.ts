/** By which keys of RINGFENCE_PIN_KEY the second factors of people are encrypted, and how that is changed: astsecondfactor. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import { orFault } from '../database/fault';
import type { Row } from '../database/rows';
import type { Stoppable } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { Refused } from '../operator/operator-refusal';
import { printOf } from '../operator/pin-key';
import { objectOf } from './operator';
import { opened } from './second-factor';
import { openFactor } from './second-factor-store';

const ROWS_AT_ONCE = 500;

/** A second factor, also one that is not confirmed yet. */
interface KeptFactor {
  operatorId: number;
  operator: string;
  secret: string;
}

/** All of them, page by page, so that none waits for a long transaction. */
async function* factors(database: Knex): AsyncGenerator<KeptFactor> {
  for (let last = 0; ; ) {
    const rows: Row[] = await orFault(() =>
      database('astsecondfactor as f')
        .join('astoperator as o', 'o.operator_id', 'f.operator_id')
        .where('f.operator_id', '>', last)
        .orderBy('f.operator_id')
        .limit(ROWS_AT_ONCE)
        .timeout(QUESTION_DEADLINE_MS)
        .select('f.operator_id', 'o.operator', 'f.secret'),
    );
    for (const { operator_id, operator, secret } of rows) yield { operatorId: operator_id, operator, secret };
    if (rows.length < ROWS_AT_ONCE) return;
    last = rows.at(-1)?.operator_id;
  }
}

export interface FactorsByKey {
  /** How many each key opens, in the order of the keys. */
  counts: number[];
  /** The people whose second factor no key opens: they log in by a recovery code only. */
  unreadable: string[];
}

/** Which keys open the second factors that there are. Tries it: what is kept names no key. @throws DatabaseFault */
export async function factorsByKey(database: Knex, keys: readonly string[]): Promise<FactorsByKey> {
  const counts = keys.map(() => 0);
  const unreadable: string[] = [];
  for await (const { operatorId, operator, secret } of factors(database)) {
    const place = opened(secret, operatorId, keys)?.place;
    if (place === undefined) unreadable.push(operator);
    else counts[place] = (counts[place] ?? 0) + 1;
  }
  return { counts, unreadable };
}

export interface FactorsRenewed {
  /** The print of the newest key, with which all that can be read are encrypted now. */
  key: string;
  /** How many were encrypted anew. */
  renewed: number;
  /** The people whose second factor no key opens: it stays as it is. */
  unreadable: string[];
}

/**
 * Encrypts with the newest key what an older one encrypted, each second factor in a transaction of its own, with a row in the audit trail. Ended in
 * between and run again, it does what is left. A log-in meanwhile does the same for its person.
 * @throws Refused pin_key_missing; DatabaseFault; the reason of `signal`
 */
export async function renewFactors(
  acting: Stoppable,
  keys: readonly string[],
  onProgress?: (done: number, count: number | null) => void,
): Promise<FactorsRenewed> {
  const { database, signal } = acting;
  const [newest] = keys;
  if (newest === undefined) {
    throw new Refused('pin_key_missing', 'set RINGFENCE_PIN_KEY to the new key and the old one, separated by a comma');
  }
  const found: FactorsRenewed = { key: printOf(newest), renewed: 0, unreadable: [] };
  let done = 0;
  for await (const factor of factors(database)) {
    signal?.throwIfAborted();
    const place = opened(factor.secret, factor.operatorId, keys)?.place;
    if (place === undefined) found.unreadable.push(factor.operator);
    else if (place > 0 && (await renewOne(acting, factor, keys))) found.renewed += 1;
    onProgress?.(++done, null);
  }
  return found;
}

/** Returns false if the person has no second factor any more, or a log-in was faster. */
function renewOne(acting: Stoppable, { operatorId, operator }: KeptFactor, keys: readonly string[]): Promise<boolean> {
  const own = { operator_id: operatorId };
  return inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const row: Row | undefined = await transaction('astsecondfactor').where(own).forUpdate().first('secret');
      if (!row) return false;
      const place = opened(row.secret, operatorId, keys)?.place ?? 0;
      // By that COMMIT, as a rule.
      if (place === 0) return commitWasLost;
      const { renewed } = openFactor({ secret: row.secret }, operatorId, keys);
      await transaction('astsecondfactor').where(own).update({ secret: renewed?.after });
      await writeAudit(transaction, acting, {
        operation: 'pin-key renew',
        object: objectOf(operator),
        before: { second_factor_key: printOf(keys[place] as string) },
        after: { second_factor_key: printOf(keys[0] as string) },
      });
      return true;
    },
    { idempotent: true },
  );
}
