/** API keys in the database: astapikey. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { inTransaction } from '../database/connection';
import { orFault } from '../database/fault';
import { parsePeers } from '../listeners/peers';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { invalid } from '../operator/fields';
import type { Role } from '../operator/operation';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { type ApiKey, addressesField, boundAccount, isKeySecret, rolesField, secretHash, wordsOf } from './api-key';
import { isOfOpenAccount, refuseUnlessBindable } from './customer-store';

export interface NewApiKey {
  apiKey: string;
  roles: readonly string[];
  /** The account of a customer; not given for every other role. */
  accountcode?: string;
  /** [] for all. */
  addresses?: readonly string[];
  /** null for never. */
  expiresAt?: Date | null;
}

/** One secret of a key, as an operator sees it: never the secret itself. */
export interface ApiKeyView {
  apiKeyId: number;
  apiKey: string;
  status: 'alive' | 'expired' | 'revoked';
  roles: string[];
  /** The account of a customer; null for every other role. */
  accountcode: string | null;
  /** [] for all. */
  addresses: string[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  lastUsedFrom: string | null;
}

/** A new secret, which nothing shows again. */
export interface IssuedKey {
  view: ApiKeyView;
  secret: string;
}

const MOST_ALIVE = 2;

const MINUTE_AGO = 'UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE';

const IS_ALIVE = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(3))';

/**
 * Makes a key.
 * @throws Refused api_key_exists if one of that name is alive, account_not_found, account_is_pool, account_closed, field_invalid;
 *   DatabaseFault
 */
export async function createApiKey(
  acting: Acting,
  { apiKey, roles, accountcode, addresses, expiresAt }: NewApiKey,
): Promise<IssuedKey> {
  const words = rolesField(roles);
  const row = {
    api_key: apiKey,
    roles: words,
    accountcode: boundAccount(words, accountcode),
    addresses: addressesField(addresses ?? []),
    expires_at: futureField(expiresAt ?? null),
  };
  await refuseUnlessBindable(acting.database, row.accountcode);
  return issue(acting, 'key create', apiKey, alive => {
    if (alive.length === 0) return row;
    throw new Refused(
      'api_key_exists',
      `key ${JSON.stringify(apiKey)} is there already: choose another name, or rotate it`,
    ).about({ key: apiKey });
  });
}

/**
 * Gives a key a second secret with the same rights, beside the one in use. Revoke that when every program has the new one.
 * @throws Refused api_key_not_found, api_key_rotating if there are two already; DatabaseFault
 */
export function rotateApiKey(acting: Acting, apiKey: string): Promise<IssuedKey> {
  return issue(acting, 'key rotate', apiKey, alive => {
    const last = alive.at(-1);
    if (!last) throw noKey(apiKey);
    if (alive.length < MOST_ALIVE) {
      const { roles, accountcode, addresses, expires_at } = last;
      return { api_key: apiKey, roles, accountcode, addresses, expires_at };
    }
    const [older] = alive as [KeyRow];
    throw new Refused(
      'api_key_rotating',
      `key ${JSON.stringify(apiKey)} has two secrets already: revoke the older one, "key revoke ${apiKey} --secret-number ${older.api_key_id}"`,
    ).about({ key: apiKey, secret: older.api_key_id });
  });
}

/**
 * Revokes a key at once: all its secrets, or the one of that number. Returns how many were alive.
 * @throws Refused api_key_not_found; DatabaseFault
 */
export async function revokeApiKey(acting: Acting, apiKey: string, apiKeyId?: number): Promise<number> {
  return inTransaction(
    acting.database,
    async transaction => {
      const of = { api_key: apiKey, ...(apiKeyId !== undefined && { api_key_id: apiKeyId }) };
      const rows = await transaction<KeyRow>('astapikey').where(of).forUpdate();
      if (rows.length === 0) throw noKey(apiKey, apiKeyId);
      const revoked = await transaction('astapikey')
        .where(of)
        .whereRaw(IS_ALIVE)
        .update({ revoked_at: transaction.raw('UTC_TIMESTAMP(3)') });
      if (revoked > 0) {
        await writeAudit(transaction, acting, {
          operation: 'key revoke',
          object: `key ${apiKey}`,
          before: null,
          after: { secret: apiKeyId ?? null, revoked },
        });
      }
      return revoked;
    },
    { idempotent: true },
  );
}

/** Secrets by the names of their keys, the oldest first: those that are alive, or all. */
export async function listApiKeys(
  database: Knex,
  { all }: { all: boolean },
  { limit, offset }: PageRequest,
): Promise<Page<ApiKeyView>> {
  const keys = database<KeyRow>('astapikey');
  if (!all) keys.whereRaw(IS_ALIVE);
  const [row] = await keys.clone().count({ total: '*' });
  const rows = await keys
    .clone()
    .select('*', database.raw(`${IS_ALIVE} AS is_alive`))
    .orderBy(['api_key', 'api_key_id'])
    .limit(limit)
    .offset(offset);
  return { items: rows.map(viewOf), total: Number((row as { total?: unknown } | undefined)?.total) };
}

/**
 * Who has this secret, and asks from this address; null if it is no secret, has expired, was revoked, may not be used from there, or if its
 * customer's account is closed: who tries cannot tell these apart. Notes the use, to the minute.
 * @throws DatabaseFault
 */
export async function holderOf(
  database: Knex,
  secret: string,
  from: string,
  log: Pick<Logger, 'warn'>,
): Promise<ApiKey | null> {
  if (!isKeySecret(secret)) return null;
  const last_used_from = from.slice(0, 45);
  const isNewUse = database.raw(`COALESCE(last_used_from <> ? OR last_used_at < ${MINUTE_AGO}, TRUE) AS is_new_use`, [
    last_used_from,
  ]);
  const row = await orFault(() =>
    database<KeyRow>('astapikey')
      .where({ secret_hash: secretHash(secret) })
      .whereRaw(IS_ALIVE)
      .whereRaw(isOfOpenAccount('astapikey'))
      .first('*', isNewUse),
  );
  if (!row) return null;
  const addresses = wordsOf(row.addresses);
  if (addresses.length > 0 && !parsePeers(addresses).has(from)) return null;
  // An UPDATE that changes nothing would still lock the row that every request of the key needs.
  if (Number(row.is_new_use)) {
    await database('astapikey')
      .where({ api_key_id: row.api_key_id })
      .update({ last_used_at: database.raw('UTC_TIMESTAMP(3)'), last_used_from })
      // The key is good also while the database takes no write.
      .catch(error =>
        log.warn({ event: 'key_use_not_noted', key: row.api_key, code: (error as { code?: unknown }).code }),
      );
  }
  const { api_key_id: apiKeyId, api_key: apiKey, accountcode } = row;
  return { apiKeyId, apiKey, roles: wordsOf(row.roles) as Role[], accountcode };
}

interface KeyRow {
  api_key_id: number;
  api_key: string;
  secret_hash: string;
  roles: string;
  accountcode: string | null;
  addresses: string;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
  last_used_from: string | null;
  is_alive?: unknown;
  is_new_use?: unknown;
}

type NewRow = Pick<KeyRow, 'api_key' | 'roles' | 'accountcode' | 'addresses' | 'expires_at'>;

/** Writes a new secret. `decide` gets the living ones under their lock, the oldest first. */
async function issue(
  acting: Acting,
  operation: string,
  apiKey: string,
  decide: (alive: KeyRow[]) => NewRow,
): Promise<IssuedKey> {
  const secret = `rf_${randomBytes(32).toString('base64url')}`;
  const secret_hash = secretHash(secret);
  const row = await inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const written = commitWasLost ? await transaction<KeyRow>('astapikey').where({ secret_hash }).first() : undefined;
      if (written) return written;
      const living = () =>
        transaction<KeyRow>('astapikey')
          .where({ api_key: apiKey })
          .whereRaw(IS_ALIVE)
          .orderBy('api_key_id')
          .forUpdate();
      const alive = await living();
      const decided = decide(alive);
      const [id] = await transaction('astapikey').insert({ ...decided, secret_hash });
      // Where there was none, nothing was locked: another request may have written one too. One of the two then waits for the other, or is
      // rolled back and decides again.
      decide(await living().whereNot('api_key_id', Number(id)));
      const { api_key: _, ...after } = decided;
      await writeAudit(transaction, acting, {
        operation,
        object: `key ${apiKey}`,
        before: null,
        after: { secret: Number(id), ...after },
      });
      return (await transaction<KeyRow>('astapikey')
        .where({ api_key_id: Number(id) })
        .first()) as KeyRow;
    },
    { idempotent: true },
  );
  return { view: viewOf({ ...row, is_alive: 1 }), secret };
}

function viewOf(row: KeyRow): ApiKeyView {
  return {
    apiKeyId: row.api_key_id,
    apiKey: row.api_key,
    status: Number(row.is_alive) === 1 ? 'alive' : row.revoked_at ? 'revoked' : 'expired',
    roles: wordsOf(row.roles),
    accountcode: row.accountcode,
    addresses: wordsOf(row.addresses),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    lastUsedFrom: row.last_used_from,
  };
}

/** @throws Refused field_invalid for a time that is past */
function futureField(at: Date | null): Date | null {
  if (at && at.getTime() <= Date.now())
    throw invalid('expires', at.toISOString(), 'is past: give a time to come', 'is_in_past');
  return at;
}

function noKey(apiKey: string, apiKeyId?: number): Refused {
  const what = apiKeyId === undefined ? '' : ` has no secret ${apiKeyId}, or`;
  return new Refused(
    'api_key_not_found',
    `key ${JSON.stringify(apiKey)}${what} does not exist: "key list" shows them`,
  ).about({
    key: apiKey,
  });
}
