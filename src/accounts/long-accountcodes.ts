import type { Knex } from 'knex';
import { LONGEST_ACCOUNTCODE_BYTES } from '../database/accountcode';
import { orFault } from '../database/fault';

/** More are not named in one message. */
const MOST_NAMED = 20;

/**
 * The accounts whose codes are longer than Asterisk keeps, in one line with what to do; null when there is none. They come from a Ringfence
 * that took 80 characters. Nothing is renamed: entries, call records and the operator's own systems name them so. No door takes a
 * call on them. @throws DatabaseFault
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
