/** People in the database: astoperator. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { asFault, isFault, orFault } from '../database/fault';
import { mailAddressField } from '../mail/mail-address';
import type { Acting, Lent } from '../operator/acting';
import { changedFields, writeAudit } from '../operator/audit-store';
import type { Facts } from '../operator/facts';
import { invalid } from '../operator/fields';
import type { Role } from '../operator/operation';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { refuseOtherVersion } from '../operator/version';
import { boundAccount, rolesField, secretHash, wordsOf } from './api-key';
import { isOfOpenAccount, refuseUnlessBindable } from './customer-store';
import { actorOf, FORGOTTEN_HOURS, isOperatorName, objectOf, operatorField, TOKEN_HOURS } from './operator';
import { deleteFactor } from './second-factor-store';
import { isInvitationToken } from './session';

/** A person, as an operator sees one: no secret. */
export interface OperatorView {
  operatorId: number;
  operator: string;
  /** invited: has chosen no password yet. */
  status: 'invited' | 'active' | 'blocked';
  roles: Role[];
  /** The account of a customer; null for every other role. */
  accountcode: string | null;
  /** That account is closed: its customer cannot log in. */
  isAccountClosed: boolean;
  /** The person's address of mail; null for none. */
  mail: string | null;
  createdAt: Date;
  /** When the one-time token ends; null if none can be used. */
  tokenExpiresAt: Date | null;
  passwordAt: Date | null;
  /** A log-in needs a code besides the password. */
  hasSecondFactor: boolean;
  lastLoginAt: Date | null;
  lastLoginFrom: string | null;
}

/** A new one-time token, which nothing shows again. */
export interface Invitation {
  view: OperatorView;
  token: string;
}

/**
 * Adds a person, and a token by which the person chooses a password. `accountcode`: of a customer. `mail`: the person's address; no mail is
 * sent here.
 * @throws Refused operator_exists, account_not_found, account_is_pool, account_closed, field_invalid; DatabaseFault
 */
export async function inviteOperator(
  acting: Acting,
  operator: string,
  roles: readonly string[],
  accountcode?: string,
  mail: string | null = null,
): Promise<Invitation> {
  const words = rolesField(roles);
  const row = {
    operator: operatorField('name', operator),
    roles: words,
    accountcode: boundAccount(words, accountcode),
    mail: mail && mailAddressField('mail', mail),
  };
  await refuseUnlessBindable(acting.database, row.accountcode);
  return withToken(acting, async (transaction, token) => {
    const view = await inserted(transaction, { ...row, ...token });
    await writeAudit(transaction, acting, {
      operation: 'operator invite',
      object: objectOf(operator),
      before: null,
      after: { roles: row.roles, accountcode: row.accountcode, mail: row.mail, token_expires_at: view.tokenExpiresAt },
    });
    return view;
  });
}

/**
 * Takes a person's password and second factor away, ends the person's sessions, and gives a new one-time token. A blocked person stays
 * blocked.
 * @throws Refused operator_not_found; DatabaseFault
 */
export function resetOperator(acting: Acting, operator: string): Promise<Invitation> {
  refuseOneself(acting, operator);
  return withToken(acting, async (transaction, token) => {
    const before = await locked(transaction, operator);
    const { operatorId } = before;
    await transaction('astoperator')
      .where({ operator_id: operatorId })
      .update({ ...token, password_hash: null, password_at: null });
    await deleteFactor(transaction, operatorId);
    await transaction('astbrowser').where({ operator_id: operatorId }).delete();
    const sessions = await endSessionsOf(transaction, operatorId);
    const view = await viewNamed(transaction, operator);
    await writeAudit(transaction, acting, {
      operation: 'operator reset',
      object: objectOf(operator),
      before: { status: before.status, second_factor: before.hasSecondFactor, sessions },
      after: { status: view.status, second_factor: false, sessions: 0, token_expires_at: view.tokenExpiresAt },
    });
    return view;
  });
}

/** What of a person an administrator may set; what is not given stays. */
export interface OperatorChange {
  roles?: readonly string[];
  /** null for no address. */
  mail?: string | null;
}

/** What administrators edit of a person: two states that differ in this are two versions. */
export const editedOf = ({ roles, mail }: OperatorView): Facts => ({ roles: roles.join(','), mail });

/**
 * Gives a person other roles, from the next request on, or another address of mail, or both. A customer stays one, of the same account. With the
 * address a one-time token ends: it may have been sent to the former one.
 * @throws Refused operator_not_found, operator_is_self, changed_meanwhile, field_invalid; DatabaseFault
 */
export function setOperator(
  acting: Acting & Pick<Lent, 'ifMatch'>,
  operator: string,
  { roles, mail }: OperatorChange,
): Promise<OperatorView> {
  const columns = {
    ...(roles !== undefined && { roles: rolesField(roles) }),
    ...(mail !== undefined && { mail: mail && mailAddressField('mail', mail) }),
  };
  if (Object.keys(columns).length === 0)
    throw new Refused('field_invalid', 'roles or mail is missing: give one, or both');
  refuseOneself(acting, operator);
  return change(acting, 'operator set', operator, async (transaction, before) => {
    refuseOtherVersion(acting, objectOf(operator), editedOf(before));
    if (columns.roles !== undefined && (before.accountcode === null) === (columns.roles === 'customer')) {
      const todo =
        'makes an operator of a customer, or a customer of an operator: invite the person under another name';
      throw invalid('roles', columns.roles, todo);
    }
    const isMoved = columns.mail !== undefined && columns.mail !== before.mail;
    await transaction('astoperator')
      .where({ operator_id: before.operatorId })
      .update({ ...columns, ...(isMoved && NO_TOKEN) });
  });
}

/** Blocks a person at once: the person's sessions and one-time token end. Again changes nothing. @throws Refused operator_not_found, operator_is_self; DatabaseFault */
export function blockOperator(acting: Acting, operator: string): Promise<OperatorView> {
  refuseOneself(acting, operator);
  return change(acting, 'operator block', operator, async (transaction, { operatorId }) => {
    await transaction('astoperator')
      .where({ operator_id: operatorId })
      .whereNull('blocked_at')
      // A token that leaked must not work when the person is let in again.
      .update({ blocked_at: transaction.raw('UTC_TIMESTAMP(3)'), ...NO_TOKEN });
    await endSessionsOf(transaction, operatorId);
  });
}

/** Lets a blocked person log in again. @throws Refused operator_not_found; DatabaseFault */
export function unblockOperator(acting: Acting, operator: string): Promise<OperatorView> {
  return change(acting, 'operator unblock', operator, async (transaction, { operatorId }) => {
    await transaction('astoperator').where({ operator_id: operatorId }).update({ blocked_at: null });
  });
}

/** People by their names. `text`: only those whose name contains it. */
export async function listOperators(
  database: Knex,
  { text }: { text?: string },
  { limit, offset }: PageRequest,
): Promise<Page<OperatorView>> {
  const isWanted = text === undefined ? database.raw('TRUE') : database.raw('LOCATE(?, operator) > 0', [text]);
  const [row] = await database('astoperator').where(isWanted).count({ total: '*' });
  const rows = await operators(database).where(isWanted).orderBy('operator').limit(limit).offset(offset);
  return { items: rows.map(viewOf), total: Number(row?.total) };
}

/** Whether there is any person. @throws DatabaseFault */
export const isAnyOperator = async (database: Knex): Promise<boolean> =>
  (await orFault(() => database('astoperator').first('operator_id'))) !== undefined;

/** The name of the person whose one-time token this is; null if it was used, has expired, or its person is blocked. @throws DatabaseFault */
export async function invitedBy(database: Knex, token: string): Promise<string | null> {
  if (!isInvitationToken(token)) return null;
  const row = await orFault(() => database<OperatorRow>('astoperator').where(usable(database, token)).first());
  return row?.operator ?? null;
}

/**
 * Gives the person of a one-time token this password, and ends the token and the person's sessions. Returns the person's name.
 * @throws Refused invitation_not_found if the token was used meanwhile; DatabaseFault
 */
export function acceptInvitation(acting: Acting, token: string, passwordHash: string): Promise<string> {
  return inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const rows = transaction<OperatorRow>('astoperator');
      const done = commitWasLost ? await rows.clone().where({ password_hash: passwordHash }).first() : undefined;
      if (done) return done.operator;
      const row = await rows.clone().where(usable(transaction, token)).forUpdate().first();
      if (!row) throw noInvitation();
      await choosePassword(transaction, row.operator_id, passwordHash);
      await writeAudit(transaction, acting, {
        operation: 'invitation accept',
        object: objectOf(row.operator),
        before: { status: row.password_hash === null ? 'invited' : 'active' },
        after: { status: 'active' },
      });
      return row.operator;
    },
    { idempotent: true },
  );
}

/**
 * Gives a person who asks for it a one-time token for a new password. The password, the second factor and the sessions stay as they are: a
 * stranger who asks keeps the person out of nothing. Returns null, and changes nothing, where the person is unknown, may not log in, has no
 * password or no address of mail, and where a token is alive already: the mail with it stays good for as long as it says. An invitation or a
 * reset that has expired stays so: with the password the second factor was taken away.
 * @throws DatabaseFault
 */
export async function tokenForForgotten(acting: Acting, operator: string): Promise<Invitation | null> {
  if (!isOperatorName(operator)) return null;
  const token = newToken();
  const token_hash = secretHash(token);
  const view = await inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const written = commitWasLost ? await operators(transaction).where({ token_hash }).first() : undefined;
      if (written) return viewOf(written);
      const row = await operators(transaction)
        .where({ operator })
        .whereNull('blocked_at')
        .whereNotNull('mail')
        .whereNotNull('password_hash')
        .whereRaw(isOfOpenAccount('astoperator'))
        .forUpdate()
        .first();
      if (!row || viewOf(row).tokenExpiresAt !== null) return null;
      await transaction('astoperator')
        .where({ operator_id: row.operator_id })
        .update({ token_hash, token_expires_at: inHours(transaction, FORGOTTEN_HOURS) });
      const after = await viewNamed(transaction, operator);
      await writeAudit(transaction, acting, {
        operation: 'password forgotten',
        object: objectOf(operator),
        before: null,
        after: { token_expires_at: after.tokenExpiresAt },
      });
      return after;
    },
    { idempotent: true },
  );
  return view && { view, token };
}

/** Ends a one-time token that did not reach its person. @throws DatabaseFault */
export const endToken = (database: Knex, token: string): Promise<number> =>
  orFault(() =>
    database('astoperator')
      .where({ token_hash: secretHash(token) })
      .update(NO_TOKEN),
  );

const NO_TOKEN = { token_hash: null, token_expires_at: null } as const;

const newToken = (): string => `rfi_${randomBytes(32).toString('base64url')}`;

const inHours = (database: Knex, hours: number): Knex.Raw =>
  database.raw('UTC_TIMESTAMP(3) + INTERVAL ? HOUR', [hours]);

/** Writes a new password; a one-time token that is not used yet ends. Returns how many sessions it ended, all of the person's but `but`. */
export async function choosePassword(
  transaction: Knex,
  operatorId: number,
  passwordHash: string,
  but?: string,
): Promise<number> {
  await transaction('astoperator')
    .where({ operator_id: operatorId })
    .update({
      password_hash: passwordHash,
      password_at: transaction.raw('UTC_TIMESTAMP(3)'),
      ...NO_TOKEN,
    });
  return endSessionsOf(transaction, operatorId, but);
}

export const noInvitation = (): Refused =>
  new Refused('invitation_not_found', 'token is not valid: it was used or has expired; ask for a new one');

/** So the last administrator cannot lock itself out. @throws Refused operator_is_self */
function refuseOneself({ actor }: Acting, operator: string): void {
  if (actor !== actorOf(operator)) return;
  const detail = `name ${JSON.stringify(operator)} is yourself: another administrator must do it`;
  throw new Refused('operator_is_self', detail);
}

interface OperatorRow {
  operator_id: number;
  operator: string;
  roles: string;
  accountcode: string | null;
  mail: string | null;
  blocked_at: Date | null;
  password_hash: string | null;
  password_at: Date | null;
  token_hash: string | null;
  token_expires_at: Date | null;
  created_at: Date;
  last_login_at: Date | null;
  last_login_from: string | null;
  is_token_alive?: unknown;
  is_let_in?: unknown;
  has_second_factor?: unknown;
}

const TOKEN_IS_ALIVE = 'token_expires_at IS NOT NULL AND token_expires_at > UTC_TIMESTAMP(3)';

const HAS_FACTOR =
  'EXISTS (SELECT 1 FROM astsecondfactor f WHERE f.operator_id = astoperator.operator_id AND f.confirmed_at IS NOT NULL) AS has_second_factor';

/** The condition on a row whose token this is. */
const usable = (database: Knex, token: string) => (row: Knex.QueryBuilder) =>
  row
    .where({ token_hash: secretHash(token) })
    .whereNull('blocked_at')
    .whereRaw(isOfOpenAccount('astoperator'))
    .where(database.raw(TOKEN_IS_ALIVE));

const operators = (database: Knex) =>
  database<OperatorRow>('astoperator').select(
    '*',
    database.raw(`(${TOKEN_IS_ALIVE}) AS is_token_alive`),
    database.raw(`(${isOfOpenAccount('astoperator')}) AS is_let_in`),
    database.raw(HAS_FACTOR),
  );

/** Does a change that gives a person a new token: `token` has its columns. */
async function withToken(
  acting: Acting,
  write: (transaction: Knex.Transaction, token: Record<string, unknown>) => Promise<OperatorView>,
): Promise<Invitation> {
  const token = newToken();
  const token_hash = secretHash(token);
  const view = await inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const written = commitWasLost ? await operators(transaction).where({ token_hash }).first() : undefined;
      if (written) return viewOf(written);
      return write(transaction, { token_hash, token_expires_at: inHours(transaction, TOKEN_HOURS) });
    },
    { idempotent: true },
  );
  return { view, token };
}

/** @throws Refused operator_exists */
async function inserted(transaction: Knex, row: Record<string, unknown> & { operator: string }): Promise<OperatorView> {
  try {
    await transaction('astoperator').insert(row);
  } catch (error) {
    if (!isFault(asFault(error), 'duplicate')) throw error;
    throw new Refused(
      'operator_exists',
      `operator ${JSON.stringify(row.operator)} is there already: choose another name, or "operator reset" for a new token`,
    ).about({ operator: row.operator });
  }
  return viewNamed(transaction, row.operator);
}

/** Changes a person under the lock of the row. What changed is in the audit trail. */
function change(
  acting: Acting,
  operation: string,
  operator: string,
  write: (transaction: Knex.Transaction, before: OperatorView) => Promise<void>,
): Promise<OperatorView> {
  return inTransaction(
    acting.database,
    async transaction => {
      const before = await locked(transaction, operator);
      await write(transaction, before);
      const after = await viewNamed(transaction, operator);
      const changed = changedFields(settingsOf(before), settingsOf(after));
      if (changed) await writeAudit(transaction, acting, { operation, object: objectOf(operator), ...changed });
      return after;
    },
    { idempotent: true },
  );
}

const settingsOf = ({ status, roles, mail }: OperatorView): Facts => ({ status, roles: roles.join(','), mail });

/** @throws Refused operator_not_found */
async function locked(transaction: Knex, operator: string): Promise<OperatorView> {
  await transaction('astoperator').where({ operator }).forUpdate().first('operator_id');
  return viewNamed(transaction, operator);
}

/** @throws Refused operator_not_found; DatabaseFault */
export async function viewNamed(database: Knex, operator: string): Promise<OperatorView> {
  const row = await operators(database).where({ operator }).first();
  if (row) return viewOf(row);
  const todo = 'does not exist: "operator list" shows them';
  throw new Refused('operator_not_found', `operator ${JSON.stringify(operator)} ${todo}`).about({ operator });
}

/** Ends a person's sessions, but for the one with this token. Returns how many. */
function endSessionsOf(transaction: Knex, operatorId: number, but?: string): Promise<number> {
  const sessions = transaction('astsession').where({ operator_id: operatorId });
  return but === undefined ? sessions.delete() : sessions.whereNot({ token_hash: secretHash(but) }).delete();
}

function viewOf(row: OperatorRow): OperatorView {
  return {
    operatorId: row.operator_id,
    operator: row.operator,
    status: row.blocked_at ? 'blocked' : row.password_hash === null ? 'invited' : 'active',
    roles: wordsOf(row.roles) as Role[],
    accountcode: row.accountcode,
    isAccountClosed: Number(row.is_let_in) !== 1,
    mail: row.mail,
    createdAt: row.created_at,
    tokenExpiresAt: Number(row.is_token_alive) === 1 ? row.token_expires_at : null,
    passwordAt: row.password_at,
    hasSecondFactor: Number(row.has_second_factor) === 1,
    lastLoginAt: row.last_login_at,
    lastLoginFrom: row.last_login_from,
  };
}
