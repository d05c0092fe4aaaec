/**
 * Which actors of the API may be one: an actor that makes a key, or invites or resets a person, is shown the secret, and can act as that one.
 * So can an actor that set the address of mail of a person: it may be its own, and links for forgotten passwords go there. The audit trail says who did so. No service can change or delete a row of it, as it could a column.
 */
import type { Knex } from 'knex';
import type { Row } from '../database/rows';

/** Secrets that ended, and one-time tokens, count for so long: longer than a session of theirs lasts. Ms. */
const STILL_MS = 30 * 86_400_000;

/** How the trail names an actor as what was changed. */
const OBJECTS: readonly (readonly [prefix: string, object: string])[] = [
  ['key:', 'key '],
  ['operator:', 'operator '],
];

const SHOWN_BY = ['key create', 'key rotate', 'operator invite', 'operator reset'];
/** What may set an address of mail; `operator invite` besides. */
const ADDRESS_SET_BY = 'operator set';

/**
 * An actor that may be both of two that have acted since `since`; null if none may. The command line is none: its user can reach the database
 * anyway. @throws DatabaseFault
 */
export async function actorBehindBoth(
  transaction: Knex,
  [one, other]: readonly [string, string],
  since: Date,
): Promise<string | null> {
  const [behindOne, behindOther] = [
    await actorsBehind(transaction, one, since),
    await actorsBehind(transaction, other, since),
  ];
  return [...behindOne].find(actor => behindOther.has(actor)) ?? null;
}

/**
 * The actor, those that were shown a secret or a token of it, those that were shown one of these, and so on. Whether a secret had ended is asked
 * of the time at which its actor was shown the next one: what that one can do does not end with it.
 */
async function actorsBehind(transaction: Knex, actor: string, since: Date): Promise<ReadonlySet<string>> {
  const actedAt = new Map([[actor, since]]);
  for (let next = [actor]; next.length > 0; ) {
    const shown = await shownTo(transaction, next, actedAt);
    next = [];
    for (const { actor: each, created_at: at } of shown) {
      const known = actedAt.get(each);
      if (objectsOf(each).length === 0 || (known && known <= at)) continue;
      actedAt.set(each, at);
      next.push(each);
    }
  }
  return new Set(actedAt.keys());
}

/** The rows of the trail by which others were shown what these actors prove themselves by, or set where links to it are sent. */
async function shownTo(
  transaction: Knex,
  actors: readonly string[],
  actedAt: ReadonlyMap<string, Date>,
): Promise<Row[]> {
  const needed = new Map(
    actors.flatMap(actor => objectsOf(actor).map(object => [object, Number(actedAt.get(actor)) - STILL_MS] as const)),
  );
  const rows: Row[] = await transaction('astaudit')
    .whereIn('object', [...needed.keys()])
    .whereIn('operation', [...SHOWN_BY, ADDRESS_SET_BY])
    .orderBy('audit_id')
    .select('actor', 'object', 'operation', 'state_after', 'created_at');
  const ends = await endsOfSecrets(transaction, actors);
  const addressEnds = endsOfAddresses(rows);
  return rows.filter(row => {
    const { object, operation, state_after, created_at } = row;
    const secretEnd = operation.startsWith('key ')
      ? ends.get(JSON.parse(state_after).secret)
      : operation === ADDRESS_SET_BY
        ? undefined
        : Number(created_at);
    const neededAt = needed.get(object) as number;
    return [secretEnd, addressEnds.get(row)].some(endsAt => endsAt !== undefined && endsAt > neededAt);
  });
}

/**
 * Until when the address that a row set is in force, of the rows that set one; ms since 1970, Infinity for the current one. Assumes that the
 * rows of a person are in their order.
 */
function endsOfAddresses(rows: readonly Row[]): ReadonlyMap<Row, number> {
  const ends = new Map<Row, number>();
  const current = new Map<string, Row>();
  for (const row of rows) {
    const { object, operation, state_after, created_at } = row;
    if (!operation.startsWith('operator ')) continue;
    const { mail } = JSON.parse(state_after);
    // Only roles were set, or a one-time token was given.
    if (mail === undefined) continue;
    const former = current.get(object);
    if (former) ends.set(former, Number(created_at));
    current.delete(object);
    if (mail === null) continue;
    ends.set(row, Number.POSITIVE_INFINITY);
    current.set(object, row);
  }
  return ends;
}

/** When each secret of these keys ends or ended, by its number; ms since 1970, Infinity for never. */
async function endsOfSecrets(transaction: Knex, actors: readonly string[]): Promise<ReadonlyMap<number, number>> {
  const keys = actors.filter(actor => actor.startsWith('key:')).map(actor => actor.slice('key:'.length));
  const rows: Row[] = await transaction('astapikey')
    .whereIn('api_key', keys)
    .select('api_key_id', 'revoked_at', 'expires_at');
  return new Map(
    rows.map(({ api_key_id, revoked_at, expires_at }) => [
      api_key_id,
      Math.min(...[revoked_at, expires_at].map(at => (at === null ? Number.POSITIVE_INFINITY : Number(at)))),
    ]),
  );
}

const objectsOf = (actor: string): string[] =>
  OBJECTS.flatMap(([prefix, object]) => (actor.startsWith(prefix) ? [object + actor.slice(prefix.length)] : []));
