import type { Knex } from 'knex';
import { LONGEST_ACCOUNTCODE_BYTES } from '../database/accountcode';
import { orFault } from '../database/fault';

/** One message names no more than these. */
const MOST_NAMED = 20;

/**
 * One line that names the accounts whose codes are longer than Asterisk keeps, and says what to do; null if there are none. Such codes come
 * from a Ringfence that accepted 80 characters. Nothing is renamed, because entries, call records and the operator's own systems use these
 * names. No door accepts a call on them. @throws DatabaseFault
 */
export async function longAccountcodes(database: Knex): Promise<string | null> {
  const rows: { accountcode: string }[] = await orFault(() =>
    database('astaccount')
      .whereRaw('LENGTH(accountcode) > ?', [LONGEST_ACCOUNTCODE_BYTES])
      .orderBy('accountcode')
      .limit(MOST_NAMED + 1)
      .select('accountcode'),
  );
  if (rows.length === 0) return null;
  const named = rows.slice(0, MOST_NAMED).map(({ accountcode }) => JSON.stringify(accountcode));
  const more = rows.length > MOST_NAMED ? ' and more' : '';
  const what = `accountcode ${named.join(', ')}${more} is longer than ${LONGEST_ACCOUNTCODE_BYTES} bytes, which Asterisk cuts`;
  const todo =
    'make an account with a shorter code ("account create"), move the money ("account adjust"), then block this one';
  return `${what}: its calls are refused; ${todo}`;
}
