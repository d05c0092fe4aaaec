/** People who log in, from where, and their sessions: astsession, astlogin, astbrowser. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { inTransaction } from '../database/connection';
import { orFault } from '../database/fault';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import type { Role } from '../operator/operation';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { secretHash, wordsOf } from './api-key';
import { isOfOpenAccount } from './customer-store';
import { IDLE_MINUTES, isOperatorName, MOST_HOURS, objectOf } from './operator';
import { placeOf } from './place';
import { factorOf, type Proof, type SecondFactor, useProof } from './second-factor-store';
import { isBrowserToken, isSessionToken } from './session';

/** What decides whether a person may log in. */
export interface Candidate {
  operatorId: number;
  operator: string;
  /** null for a person who cannot log in: invited, blocked, or a customer of a closed account. */
  passwordHash: string | null;
  /** The second factor that a log-in needs; null for none. */
  factor: SecondFactor | null;
  /** The person has logged in from this place before. */
  isKnown: boolean;
  /** The hash of what the browser holds, if the person has logged in in this browser before; otherwise null. */
  browser: string | null;
}

/** Where a log-in comes from: the address, and what the browser holds of an earlier one. */
export interface Whence {
  from: string;
  browser: string | null;
}

/** A session that is alive. */
export interface Session {
  sessionId: string;
  operatorId: number;
  operator: string;
  roles: Role[];
  /** The account of a customer; null for every other role. */
  accountcode: string | null;
  /** Where the person logged in. */
  address: string;
  createdAt: Date;
  usedAt: Date;
  /** The session ends then, however much it is used. */
  endsAt: Date;
}

/** A new session, and what the browser holds of it. */
export interface NewSession {
  session: Session;
  token: string;
  /** By which the browser is known from now on. */
  browser: string;
}

/** A place or a browser is forgotten when a person did not log in there for this long. */
export const KNOWN_DAYS = 90;
/** The most browsers of a person that are known: programs that keep no cookie make a new one each time. */
const MOST_BROWSERS = 20;

const IS_ALIVE = `s.used_at > UTC_TIMESTAMP(3) - INTERVAL ${IDLE_MINUTES} MINUTE AND s.created_at > UTC_TIMESTAMP(3) - INTERVAL ${MOST_HOURS} HOUR AND o.blocked_at IS NULL AND ${isOfOpenAccount('o')}`;

/** The person of that name, as seen from there; null if there is none. @throws DatabaseFault */
export async function candidateNamed(
  database: Knex,
  operator: string,
  { from, browser }: Whence,
): Promise<Candidate | null> {
  const known = database.raw(`UTC_TIMESTAMP(3) - INTERVAL ${KNOWN_DAYS} DAY`);
  const browserHash = browser !== null && isBrowserToken(browser) ? secretHash(browser) : '';
  // Also a text that can be no name is looked up: the answer takes as long.
  const row = await orFault(() =>
    database('astoperator as o')
      .leftJoin('astlogin as l', on => {
        on.on('l.operator_id', 'o.operator_id').andOnVal('l.place', placeOf(from));
        on.andOn('l.last_at', '>', known);
      })
      .leftJoin('astbrowser as b', on => {
        on.on('b.operator_id', 'o.operator_id').andOnVal('b.token_hash', browserHash);
        on.andOn('b.last_at', '>', known);
      })
      .leftJoin('astsecondfactor as f', 'f.operator_id', 'o.operator_id')
      .where({ operator: isOperatorName(operator) ? operator : '' })
      .first('o.operator_id', 'o.operator', 'o.password_hash', 'o.blocked_at', 'l.last_at as known_at', 'f.secret', {
        confirmed_at: 'f.confirmed_at',
        last_step: 'f.last_step',
        browser: 'b.token_hash',
        is_open: database.raw(isOfOpenAccount('o')),
      }),
  );
  if (!row) return null;
  return {
    operatorId: row.operator_id,
    operator: row.operator,
    passwordHash: row.blocked_at || Number(row.is_open) === 0 ? null : row.password_hash,
    factor: row.confirmed_at ? factorOf(row) : null,
    isKnown: row.known_at !== null,
    browser: row.browser,
  };
}

/**
 * Begins a session of a person whose password was right, and ends `former`, the session that the browser had. Returns null if the person was
 * blocked, lost its account or has another password meanwhile, if `proof` was used already, or if one is needed and there is none.
 * @throws DatabaseFault
 */
export async function beginSession(
  acting: Acting & Whence,
  { operatorId, passwordHash, browser: known }: Candidate,
  { proof, former }: { proof: Proof | null; former: string | null },
): Promise<NewSession | null> {
  const token = `rfs_${randomBytes(32).toString('base64url')}`;
  const token_hash = secretHash(token);
  const browser = (known !== null && acting.browser) || `rfb_${randomBytes(32).toString('base64url')}`;
  const address = acting.from.slice(0, 45);
  const session = await inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const written = commitWasLost ? await sessions(transaction).where({ 's.token_hash': token_hash }).first() : null;
      if (written) return sessionOf(written);
      const person = await transaction('astoperator')
        .where({ operator_id: operatorId, password_hash: passwordHash })
        .whereNull('blocked_at')
        .whereRaw(isOfOpenAccount('astoperator'))
        .forUpdate()
        .first('operator');
      if (!person || !(await useProof(transaction, operatorId, proof))) return null;
      const now = transaction.raw('UTC_TIMESTAMP(3)');
      const own = () => transaction('astsession').where({ operator_id: operatorId });
      // Of whichever person: the browser has one session.
      if (former !== null)
        await transaction('astsession')
          .where({ token_hash: secretHash(former) })
          .delete();
      await own().whereRaw(`created_at < UTC_TIMESTAMP(3) - INTERVAL ${MOST_HOURS} HOUR`).delete();
      const [id] = await transaction('astsession').insert({ token_hash, operator_id: operatorId, address });
      await transaction('astoperator')
        .where({ operator_id: operatorId })
        .update({ last_login_at: now, last_login_from: address });
      await transaction('astlogin')
        .insert({ operator_id: operatorId, place: placeOf(acting.from), last_at: now })
        .onConflict(['operator_id', 'place'])
        .merge(['last_at']);
      await transaction('astlogin')
        .where({ operator_id: operatorId })
        .whereRaw(`last_at < UTC_TIMESTAMP(3) - INTERVAL ${KNOWN_DAYS} DAY`)
        .delete();
      await noteBrowser(transaction, operatorId, secretHash(browser));
      await writeAudit(transaction, acting, {
        operation: 'session begin',
        object: objectOf(person.operator),
        before: null,
        after: { session: String(id), second_factor: proof && (proof.kind === 'totp' ? 'code' : 'recovery code') },
      });
      return sessionOf(await sessions(transaction).where({ 's.token_hash': token_hash }).first());
    },
    { idempotent: true },
  );
  return session && { session, token, browser };
}

/** Assumes that the person's row is locked. */
async function noteBrowser(transaction: Knex.Transaction, operatorId: number, token_hash: string): Promise<void> {
  const own = () => transaction('astbrowser').where({ operator_id: operatorId });
  await transaction('astbrowser')
    .insert({ token_hash, operator_id: operatorId, last_at: transaction.raw('UTC_TIMESTAMP(3)') })
    .onConflict('token_hash')
    .merge(['last_at']);
  await own().whereRaw(`last_at < UTC_TIMESTAMP(3) - INTERVAL ${KNOWN_DAYS} DAY`).delete();
  const oldest = await own()
    .orderBy([{ column: 'last_at', order: 'desc' }, 'token_hash'])
    .offset(MOST_BROWSERS)
    .limit(MOST_BROWSERS)
    .pluck('token_hash');
  await transaction('astbrowser').whereIn('token_hash', oldest).delete();
}

/**
 * The session with this token; null if there is none, it has ended, or its person is blocked. The person's roles are those of now. Notes
 * the use, to the minute, if there is a log for a use that cannot be noted.
 * @throws DatabaseFault
 */
export async function sessionWith(
  database: Knex,
  token: string,
  log: Pick<Logger, 'warn'> | null,
): Promise<Session | null> {
  if (!isSessionToken(token)) return null;
  const row = await orFault(() =>
    sessions(database)
      .where({ 's.token_hash': secretHash(token) })
      .select(database.raw('s.used_at < UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE AS is_new_use'))
      .first(),
  );
  if (!row || !log || !Number(row.is_new_use)) return row ? sessionOf(row) : null;
  await database('astsession')
    .where({ session_id: row.session_id })
    .update({ used_at: database.raw('UTC_TIMESTAMP(3)') })
    // The session is good also while the database takes no write.
    .catch(error => log.warn({ event: 'session_use_not_noted', code: (error as { code?: unknown }).code }));
  return sessionOf(row);
}

/** Which sessions: of one person, or one by its number. */
export interface WhichSessions {
  operator?: string;
  sessionId?: string;
}

/** Sessions that are alive, the newest first. */
export async function listSessions(
  database: Knex,
  { operator, sessionId }: WhichSessions,
  { limit, offset }: PageRequest,
): Promise<Page<Session>> {
  const found = sessions(database);
  if (operator !== undefined) found.where({ 'o.operator': operator });
  if (sessionId !== undefined) found.where({ 's.session_id': sessionId });
  const [row] = await found.clone().clearSelect().count({ total: '*' });
  const rows = await found.orderBy('s.session_id', 'desc').limit(limit).offset(offset);
  return { items: rows.map(sessionOf), total: Number((row as { total?: unknown }).total) };
}

/**
 * Ends a session at once. `operation` names what was done, for the audit trail. Returns it as it was.
 * @throws Refused session_not_found if it is not alive, or not of `operator`; DatabaseFault
 */
export async function endSession(
  acting: Acting,
  operation: 'session end' | 'session revoke',
  which: WhichSessions & { sessionId: string },
): Promise<Session> {
  return inTransaction(acting.database, async transaction => {
    const {
      items: [session],
    } = await listSessions(transaction, which, { limit: 1, offset: 0 });
    const ended = session && (await transaction('astsession').where({ session_id: session.sessionId }).delete());
    if (!session || !ended) {
      throw new Refused('session_not_found', `session ${which.sessionId} is not there: "session list" shows them`);
    }
    await writeAudit(transaction, acting, {
      operation,
      object: objectOf(session.operator),
      before: { session: session.sessionId, from: session.address },
      after: null,
    });
    return session;
  });
}

/** Sessions that are alive, with their people. */
const sessions = (database: Knex): Knex.QueryBuilder =>
  database('astsession as s')
    .join('astoperator as o', 'o.operator_id', 's.operator_id')
    .whereRaw(IS_ALIVE)
    .select(
      's.session_id',
      's.operator_id',
      's.address',
      's.created_at',
      's.used_at',
      'o.operator',
      'o.roles',
      'o.accountcode',
    );

const sessionOf = (row: {
  session_id: unknown;
  operator_id: number;
  operator: string;
  roles: string;
  accountcode: string | null;
  address: string;
  created_at: Date;
  used_at: Date;
}): Session => ({
  sessionId: String(row.session_id),
  operatorId: row.operator_id,
  operator: row.operator,
  roles: wordsOf(row.roles) as Role[],
  accountcode: row.accountcode,
  address: row.address,
  createdAt: row.created_at,
  usedAt: row.used_at,
  endsAt: new Date(row.created_at.getTime() + MOST_HOURS * 3_600_000),
});
