/**
 * Which actors of the API may be one: an actor that makes a key, or invites or resets a person, is shown the secret, and can act as that one.
 * The audit trail says who did so. No service can change or delete a row of it, as it could a column.
 */
import type { Knex } from 'knex';
import type { Row } from '../database/rows';

/** Secrets that ended, and one-time tokens, count for so long: longer than any request of theirs waits. */
const DAYS = 30;

/** How the trail names an actor as what was changed. */
const OBJECTS: readonly (readonly [prefix: string, object: string])[] = [
  ['key:', 'key '],
  ['operator:', 'operator '],
];

const SHOWN_BY = ['key create', 'key rotate', 'operator invite', 'operator reset'];

/**
 * An actor that may be both of two; null if none may. The command line is none: its user can reach the database anyway.
 * @throws DatabaseFault
 */
export async function actorBehindBoth(transaction: Knex, one: string, other: string): Promise<string | null> {
  const [behindOne, behindOther] = [await actorsBehind(transaction, one), await actorsBehind(transaction, other)];
  return [...behindOne].find(actor => behindOther.has(actor)) ?? null;
}

/** The actor, those that were shown a secret or a token of it, those that were shown one of these, and so on. */
async function actorsBehind(transaction: Knex, actor: string): Promise<ReadonlySet<string>> {
  const found = new Set([actor]);
  for (let next = [actor]; next.length > 0; ) {
    const shown = await shownTo(transaction, next);
    next = [...new Set(shown)].filter(each => !found.has(each) && objectsOf(each).length > 0);
    for (const each of next) found.add(each);
  }
  return found;
}

async function shownTo(transaction: Knex, actors: readonly string[]): Promise<string[]> {
  const rows: Row[] = await transaction('astaudit')
    .whereIn('object', actors.flatMap(objectsOf))
    .whereIn('operation', SHOWN_BY)
    .select('actor', 'operation', 'state_after', {
      is_recent: transaction.raw('created_at > UTC_TIMESTAMP(3) - INTERVAL ? DAY', [DAYS]),
    });
  const secrets = await livingSecrets(transaction, actors);
  return rows
    .filter(({ operation, state_after, is_recent }) =>
      operation.startsWith('key ') ? secrets.has(JSON.parse(state_after).secret) : Number(is_recent) === 1,
    )
    .map(row => row.actor);
}

/** The numbers of the secrets of keys that are alive, or ended lately. */
async function livingSecrets(transaction: Knex, actors: readonly string[]): Promise<ReadonlySet<number>> {
  const keys = actors.filter(actor => actor.startsWith('key:')).map(actor => actor.slice('key:'.length));
  const since = transaction.raw('UTC_TIMESTAMP(3) - INTERVAL ? DAY', [DAYS]);
  const ids = await transaction('astapikey')
    .whereIn('api_key', keys)
    .where(row => row.whereNull('revoked_at').orWhere('revoked_at', '>', since))
    .where(row => row.whereNull('expires_at').orWhere('expires_at', '>', since))
    .pluck('api_key_id');
  return new Set(ids);
}

const objectsOf = (actor: string): string[] =>
  OBJECTS.flatMap(([prefix, object]) => (actor.startsWith(prefix) ? [object + actor.slice(prefix.length)] : []));
