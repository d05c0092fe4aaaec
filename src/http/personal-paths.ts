/** Where people log in and out, and see to their own password and sessions: each path, declared once. Pure. */
import { type Static, type TObject, Type } from 'typebox';
import { passwordField, typedField } from '../access/operator';
import { SESSION } from '../access/session-facts';
import { factsOf, flagFact, instantFact, listFact, orNull, textFact, wholeFact } from '../operator/answer-schema';
import { fields } from '../operator/operation';
import type { OperatorRefusal } from '../operator/operator-refusal';
import { secretBy, whole } from '../operator/schema';

/** The header that repeats the session's CSRF token on every request that changes something. */
export const CSRF_HEADER = 'x-csrf-token';

const typed = (description: string, example: string) => secretBy(typedField, { description, unit: 'text', example });
const password = typed('the password', 'correct horse battery');
const code = typed('the code of the authenticator, or a recovery code', '123456');
const newPassword = secretBy(passwordField, {
  description: 'the new password, of 12 characters or more',
  unit: 'password',
  example: 'correct horse battery',
});

const OWN_SESSION = factsOf('OwnSession', {
  name: textFact('the person'),
  roles: listFact(textFact(), 'what the person may do'),
  accountcode: orNull(textFact('the only account that a customer sees; null for every other role')),
  session_number: SESSION.properties.session_number,
  csrf_token: textFact(`must come as ${CSRF_HEADER} with every request that changes something`),
  ends_at: SESSION.properties.ends_at,
});

const RECOVERY_CODES = factsOf('RecoveryCodes', {
  recovery_codes: listFact(textFact(), 'each is good for one log-in'),
});

export interface PersonalPath<Fields extends TObject = TObject, Told extends TObject | null = TObject | null> {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  help: string;
  /** Of the body; of the path with DELETE. */
  fields: Fields;
  /** Needs no session. */
  isOpen?: true;
  /** What the door refuses besides a missing session. */
  statuses: readonly number[];
  refusals: readonly OperatorRefusal[];
  /** null: nothing, 204. */
  answer: Told;
}

const personal = <Fields extends TObject, Told extends TObject | null>(
  declared: PersonalPath<Fields, Told>,
): PersonalPath<Fields, Told> => declared;

/** By the name by which generated clients call each. */
export const PERSONAL_PATHS = {
  sessionBegin: personal({
    method: 'POST',
    path: '/session',
    help: 'log in: sets the session as a cookie, and ends the one that the browser had',
    fields: fields({ name: typed('the person', 'anna'), password, code: Type.Optional(code) }),
    isOpen: true,
    statuses: [401, 429, 503],
    refusals: [],
    answer: OWN_SESSION,
  }),
  sessionShow: personal({
    method: 'GET',
    path: '/session',
    help: 'who is logged in here, and the CSRF token of the session',
    fields: fields({}),
    statuses: [],
    refusals: [],
    answer: OWN_SESSION,
  }),
  sessionEnd: personal({
    method: 'DELETE',
    path: '/session',
    help: 'log out',
    fields: fields({}),
    statuses: [],
    refusals: [],
    answer: null,
  }),
  invitationAccept: personal({
    method: 'POST',
    path: '/invitation',
    help: 'choose a password by the one-time token of "operator invite" or "operator reset"',
    fields: fields({ token: typed('the one-time token', 'rfi_…'), password: newPassword }),
    isOpen: true,
    statuses: [503],
    refusals: ['invitation_not_found'],
    answer: factsOf('InvitationAccepted', { name: textFact('by which to log in') }),
  }),
  passwordForgotten: personal({
    method: 'POST',
    path: '/forgotten-password',
    help: 'ask for a mail with a one-time token for a new password; the answer is the same for whatever name',
    fields: fields({ name: typed('the person', 'anna') }),
    isOpen: true,
    statuses: [409, 429, 503],
    refusals: [],
    answer: null,
  }),
  passwordChange: personal({
    method: 'POST',
    path: '/my/password',
    help: "choose another password, by a code too where there is a second factor; ends the person's other sessions",
    fields: fields({ password, code: Type.Optional(code), new_password: newPassword }),
    statuses: [401, 403, 429, 503],
    refusals: [],
    answer: factsOf('PasswordChanged', { sessions_ended: wholeFact() }),
  }),
  secondFactorShow: personal({
    method: 'GET',
    path: '/my/second-factor',
    help: 'whether the person has a second factor, and how many recovery codes are left',
    fields: fields({}),
    statuses: [],
    refusals: [],
    answer: factsOf('SecondFactorState', {
      confirmed_at: orNull(instantFact('null if a log-in needs no code')),
      recovery_codes_left: wholeFact(),
    }),
  }),
  secondFactorEnrol: personal({
    method: 'POST',
    path: '/my/second-factor',
    help: 'begin a second factor: shows, this once, what an authenticator needs. A log-in needs no code before the first one is confirmed',
    fields: fields({ password }),
    statuses: [403, 429, 503],
    refusals: ['second_factor_exists', 'pin_key_missing'],
    answer: factsOf('SecondFactor', {
      secret: textFact('in base32'),
      uri: textFact('the same as otpauth://…, for a QR code'),
    }),
  }),
  secondFactorConfirm: personal({
    method: 'POST',
    path: '/my/second-factor/confirm',
    help: 'confirm the second factor by a first code; shows ten recovery codes, this once',
    fields: fields({ code }),
    statuses: [],
    refusals: ['second_factor_exists', 'second_factor_not_found', 'code_wrong'],
    answer: RECOVERY_CODES,
  }),
  secondFactorRemove: personal({
    method: 'POST',
    path: '/my/second-factor/remove',
    help: 'remove the second factor and its recovery codes',
    fields: fields({ password, code: Type.Optional(code) }),
    statuses: [401, 403, 429, 503],
    refusals: ['second_factor_not_found'],
    answer: null,
  }),
  recoveryCodesRenew: personal({
    method: 'POST',
    path: '/my/recovery-codes',
    help: 'replace the recovery codes; shows ten new ones, this once',
    fields: fields({ password, code: Type.Optional(code) }),
    statuses: [401, 403, 429, 503],
    refusals: ['second_factor_not_found'],
    answer: RECOVERY_CODES,
  }),
  sessionsOfMine: personal({
    method: 'GET',
    path: '/my/sessions',
    help: "the person's own sessions, the newest first",
    fields: fields({}),
    statuses: [],
    refusals: [],
    answer: factsOf('SessionsOfMine', {
      items: listFact(factsOf('SessionOfMine', { ...SESSION.properties, is_this: flagFact('the one that asks') })),
    }),
  }),
  sessionOfMineEnd: personal({
    method: 'DELETE',
    path: '/my/sessions/{session_number}',
    help: "end one of the person's own sessions at once",
    fields: fields({
      session_number: whole(1, 999_999_999_999_999, { description: 'the session', unit: 'number', example: 7 }),
    }),
    statuses: [],
    refusals: ['session_not_found'],
    answer: null,
  }),
};

export type PersonalPaths = typeof PERSONAL_PATHS;

/** What each takes. */
export type PersonalInput<Name extends keyof PersonalPaths> = Static<PersonalPaths[Name]['fields']>;

/** What each answers. */
export type PersonalAnswer<Name extends keyof PersonalPaths> = PersonalPaths[Name]['answer'] extends infer Told
  ? Told extends TObject
    ? Static<Told>
    : null
  : never;
