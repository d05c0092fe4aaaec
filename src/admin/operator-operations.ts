/** What an administrator may do with the people who use the operator's API, and with their sessions. */
import { type Static, Type } from 'typebox';
import { rolesField } from '../access/api-key';
import { operatorField, TOKEN_HOURS } from '../access/operator';
import {
  blockOperator,
  editedOf,
  type Invitation,
  inviteOperator,
  listOperators,
  type OperatorView,
  resetOperator,
  setOperator,
  unblockOperator,
  viewNamed,
} from '../access/operator-store';
import { SESSION, sessionFacts } from '../access/session-facts';
import { endSession, listSessions } from '../access/session-store';
import { invitationMail, type Reason } from '../mail/invitation-mail';
import { mailAddressField } from '../mail/mail-address';
import type { Service } from '../operator/acting';
import { factsOf, flagFact, instantFact, listFact, orNull, textFact, wordFact } from '../operator/answer-schema';
import type { Facts } from '../operator/facts';
import { textField } from '../operator/fields';
import { fields, operation, PAGE, ROLES, rowsOf } from '../operator/operation';
import { flag, listField, orNone, textBy, whole } from '../operator/schema';
import { BINDING_REFUSALS, customersAccount } from './account-operations';

const name = textBy(operatorField, { description: 'the person', unit: 'name', example: 'anna' });

const roles = listField<string>(Type.String(), rolesField, {
  description: `what the person may do, separated by commas: ${ROLES.join(', ')}`,
  unit: 'roles',
  example: ['support'],
});

const mail = textBy(mailAddressField, {
  description: "the person's address of mail",
  unit: 'address',
  example: 'anna@example.com',
});

const showToken = Type.Optional(flag('show the token also where a mail took it to the person'));

const OPERATOR = factsOf('Operator', {
  name: textFact('by which the person logs in'),
  status: wordFact(['invited', 'active', 'blocked'], 'invited: has chosen no password yet'),
  roles: listFact(textFact(), 'what the person may do'),
  accountcode: orNull(textFact('the only account that a customer sees; null for every other role')),
  mail: orNull(textFact("the person's address; null for none")),
  created_at: instantFact(),
  token_expires_at: orNull(instantFact('when the one-time token ends; null if none can be used')),
  password_at: orNull(instantFact('when the password was chosen')),
  second_factor: flagFact('a log-in needs a code besides the password'),
  last_login_at: orNull(instantFact()),
  last_login_from: orNull(textFact('the address of that log-in')),
});

const operatorFacts = (view: OperatorView): Static<typeof OPERATOR> => ({
  name: view.operator,
  status: view.status,
  roles: view.roles,
  accountcode: view.accountcode,
  mail: view.mail,
  created_at: view.createdAt,
  token_expires_at: view.tokenExpiresAt,
  password_at: view.passwordAt,
  second_factor: view.hasSecondFactor,
  last_login_at: view.lastLoginAt,
  last_login_from: view.lastLoginFrom,
});

const operatorLine = (view: OperatorView): Facts => {
  const { created_at: _, password_at: __, ...line } = operatorFacts(view);
  return line;
};

/** A new one-time token, and what became of it. */
interface Invited extends Omit<Invitation, 'token'> {
  /** null where a mail took it to the person. */
  token: string | null;
  isMailed: boolean;
  /** Why no mail was sent; null if one was, or none was to be. */
  mailFailure: string | null;
}

const INVITATION = factsOf('Invitation', {
  ...OPERATOR.properties,
  token: orNull(textFact('rfi_…, shown this once; null where a mail took it to the person')),
  mail_sent: flagFact('a mail with the token is on its way to the person'),
  mail_failure: orNull(
    textFact(
      'why no mail was sent, or why the token would not work now; null if one was, or the person has no address',
    ),
  ),
});

const invitationFacts = ({ view, token, isMailed, mailFailure }: Invited): Static<typeof INVITATION> => ({
  ...operatorFacts(view),
  token,
  mail_sent: isMailed,
  mail_failure: mailFailure,
});

const notMailed = (invitation: Invitation): Invited => ({ ...invitation, isMailed: false, mailFailure: null });

/** Why a link would let the person in nowhere; null if it would. */
function whyLinkIsClosed({ operator, status, accountcode, isAccountClosed }: OperatorView): string | null {
  if (status === 'blocked') return `${operator} is blocked, and the link would not work: see "operator unblock"`;
  if (isAccountClosed) return `account ${accountcode} is closed, and the link would not work: see "account unblock"`;
  return null;
}

/** Sends the person the token. What was not sent is shown: the administrator hands it over, or resets the person and so sends another one. */
const mailed =
  (reason: Reason) =>
  async ({ mailer }: Service, invited: Invited, input: { show_token?: boolean }): Promise<Invited> => {
    const { view, token } = invited;
    // Also without a mail address: who hands the link over should know.
    const closed = whyLinkIsClosed(view);
    if (closed !== null) return { ...invited, mailFailure: closed };
    if (view.mail === null || token === null || view.tokenExpiresAt === null) return invited;
    if (!mailer) return { ...invited, mailFailure: 'no mail server is set: see RINGFENCE_SMTP_URL' };
    const { operator, mail: to, tokenExpiresAt: expiresAt } = view;
    const letter = invitationMail(mailer.consoleUrl, { reason, operator, mail: to, token, expiresAt });
    const failure = await mailer.send(letter, 'operator');
    if (failure !== null) return { ...invited, mailFailure: failure.why };
    return { ...invited, isMailed: true, token: input.show_token ? token : null };
  };

const invite = operation({
  name: 'operator invite',
  help: `let a person use the API; sends or shows, this once, the token by which the person chooses a password within ${TOKEN_HOURS} hours`,
  example: 'operator invite anna --roles support --mail anna@example.com',
  roles: ['admin'],
  fields: fields({
    name,
    roles,
    accountcode: Type.Optional(customersAccount),
    mail: Type.Optional(mail),
    show_token: showToken,
  }),
  arguments: ['name'],
  refusals: ['operator_exists', ...BINDING_REFUSALS],
  changes: 'at once',
  showsSecret: true,
  run: async (acting, input) =>
    notMailed(await inviteOperator(acting, input.name, input.roles, input.accountcode, input.mail)),
  afterwards: mailed('invited'),
  answer: { kind: 'record', schema: INVITATION, facts: invitationFacts },
});

const reset = operation({
  name: 'operator reset',
  help: `take a person's password and second factor away, end the person's sessions, and send or show, this once, a token by which the person chooses a new one within ${TOKEN_HOURS} hours`,
  example: 'operator reset anna',
  roles: ['admin'],
  fields: fields({ name, show_token: showToken }),
  arguments: ['name'],
  refusals: ['operator_not_found', 'operator_is_self'],
  changes: 'at once',
  showsSecret: true,
  run: async (acting, input) => notMailed(await resetOperator(acting, input.name)),
  afterwards: mailed('reset'),
  answer: { kind: 'record', schema: INVITATION, facts: invitationFacts },
});

const set = operation({
  name: 'operator set',
  help: 'give a person other roles, from the next request on, or another address of mail, which ends a one-time token',
  example: 'operator set anna --roles support,cashier',
  roles: ['admin'],
  fields: fields({ name, roles: Type.Optional(roles), mail: Type.Optional(orNone(mail)) }),
  arguments: ['name'],
  refusals: ['operator_not_found', 'operator_is_self', 'changed_meanwhile'],
  changes: 'at once',
  run: (acting, { name: operator, ...changed }) => setOperator(acting, operator, changed),
  edits: editedOf,
  answer: { kind: 'record', schema: OPERATOR, facts: operatorFacts },
});

const show = operation({
  name: 'operator show',
  help: 'a person who may use the API',
  example: 'operator show anna',
  roles: ['admin'],
  fields: fields({ name }),
  arguments: ['name'],
  refusals: ['operator_not_found'],
  run: ({ database }, input) => viewNamed(database, input.name),
  edits: editedOf,
  answer: { kind: 'record', schema: OPERATOR, facts: operatorFacts },
});

const block = operation({
  name: 'operator block',
  help: "end a person's sessions, and let the person log in no more",
  example: 'operator block anna',
  roles: ['admin'],
  fields: fields({ name }),
  arguments: ['name'],
  refusals: ['operator_not_found', 'operator_is_self'],
  changes: 'at once',
  run: (acting, input) => blockOperator(acting, input.name),
  answer: { kind: 'record', schema: OPERATOR, facts: operatorFacts },
});

const unblock = operation({
  name: 'operator unblock',
  help: 'let a blocked person log in again',
  example: 'operator unblock anna',
  roles: ['admin'],
  fields: fields({ name }),
  arguments: ['name'],
  refusals: ['operator_not_found'],
  changes: 'at once',
  run: (acting, input) => unblockOperator(acting, input.name),
  answer: { kind: 'record', schema: OPERATOR, facts: operatorFacts },
});

const list = operation({
  name: 'operator list',
  help: 'the people who may use the API',
  example: 'operator list --text anna',
  roles: ['admin'],
  fields: fields({
    text: Type.Optional(
      textBy((field, text) => textField(field, text, 40, 1), {
        description: 'only people whose name contains this',
        unit: 'text',
        example: 'ann',
      }),
    ),
    ...PAGE,
  }),
  arguments: [],
  refusals: [],
  run: ({ database }, { text, ...page }) => listOperators(database, text === undefined ? {} : { text }, rowsOf(page)),
  answer: {
    kind: 'list',
    schema: OPERATOR,
    facts: operatorFacts,
    line: operatorLine,
    none: 'no person: add one with "operator invite"',
  },
});

const sessionList = operation({
  name: 'session list',
  help: 'who is logged in, the newest first',
  example: 'session list --name anna',
  roles: ['admin'],
  fields: fields({ name: Type.Optional(name), ...PAGE }),
  arguments: [],
  refusals: [],
  run: ({ database }, { name: operator, ...page }) =>
    listSessions(database, operator === undefined ? {} : { operator }, rowsOf(page)),
  answer: { kind: 'list', schema: SESSION, facts: sessionFacts, none: 'no person is logged in' },
});

const sessionRevoke = operation({
  name: 'session revoke',
  help: 'end a session at once',
  example: 'session revoke 7',
  roles: ['admin'],
  fields: fields({
    session_number: whole(1, 999_999_999_999_999, {
      description: 'the session, as "session list" shows it',
      unit: 'number',
      example: 7,
    }),
  }),
  arguments: ['session_number'],
  refusals: ['session_not_found'],
  changes: 'at once',
  run: (acting, { session_number: number }) => endSession(acting, 'session revoke', { sessionId: String(number) }),
  answer: {
    kind: 'record',
    schema: SESSION,
    facts: sessionFacts,
    says: session => `session ${session.sessionId} of ${session.operator} is ended`,
  },
});

export const OPERATOR_OPERATIONS = [invite, list, show, set, block, unblock, reset, sessionList, sessionRevoke];
