import type { Knex } from 'knex';
import { orFault } from '../database/fault';
import type { Row } from '../database/rows';
import type { CodeKind } from './codes';

/** The rows whose codes may still open something. */
const USABLE: Record<CodeKind, (database: Knex) => Knex.QueryBuilder> = {
  card: database =>
    database('astcard as c')
      .leftJoin('astaccount as a', 'a.accountcode', 'c.accountcode')
      // Of an activated card the account decides.
      .whereRaw('(CASE WHEN c.accountcode IS NULL THEN c.expires_at ELSE a.expires_at END) IS NULL')
      .orWhereRaw('(CASE WHEN c.accountcode IS NULL THEN c.expires_at ELSE a.expires_at END) > UTC_TIMESTAMP(3)'),
  voucher: database =>
    database('astvoucher as c')
      .whereNot({ status: 'redeemed' })
      .whereRaw('(c.expires_at IS NULL OR c.expires_at > UTC_TIMESTAMP(3))'),
};

/**
 * How many PINs of cards, or codes of vouchers, were hashed with each key and may still be used, by the print of the key. Not those that have
 * expired, and no voucher that is redeemed. Reads the whole table.
 * @throws DatabaseFault
 */
export async function codesByKey(database: Knex, kind: CodeKind): Promise<Map<string, number>> {
  const rows: Row[] = await orFault(() =>
    USABLE[kind](database).select({ key: 'c.code_key' }).count({ count: '*' }).groupBy('c.code_key'),
  );
  return new Map(rows.map(({ key, count }) => [key, Number(count)]));
}
