/** What an operator may do with the keys of the operator's API. */
import { type Static, Type } from 'typebox';
import { addressesField, rolesField } from '../access/api-key';
import {
  type ApiKeyView,
  createApiKey,
  type IssuedKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
} from '../access/api-key-store';
import { factsOf, instantFact, listFact, orNull, textFact, wholeFact, wordFact } from '../operator/answer-schema';
import type { Facts } from '../operator/facts';
import { nameField } from '../operator/fields';
import { fields, operation, PAGE, ROLES, rowsOf } from '../operator/operation';
import { flag, instant, listField, textBy, whole } from '../operator/schema';
import { BINDING_REFUSALS, customersAccount } from './account-operations';

const name = textBy(nameField, { description: 'the key', unit: 'name', example: 'crm' });

const KEY = factsOf('Key', {
  name: textFact(),
  secret_number: wholeFact('two secrets of one name may be alive'),
  status: wordFact(['alive', 'expired', 'revoked']),
  roles: listFact(textFact(), 'what it may do'),
  accountcode: orNull(textFact('the only account that a customer sees; null for every other role')),
  addresses: listFact(textFact(), 'only from these addresses and networks; empty for all'),
  created_at: instantFact(),
  expires_at: orNull(instantFact('null for never')),
  revoked_at: orNull(instantFact()),
  last_used_at: orNull(instantFact('to the minute')),
  last_used_from: orNull(textFact('the address of that use')),
});

const keyFacts = (view: ApiKeyView): Static<typeof KEY> => ({
  name: view.apiKey,
  secret_number: view.apiKeyId,
  status: view.status,
  roles: view.roles,
  accountcode: view.accountcode,
  addresses: view.addresses,
  created_at: view.createdAt,
  expires_at: view.expiresAt,
  revoked_at: view.revokedAt,
  last_used_at: view.lastUsedAt,
  last_used_from: view.lastUsedFrom,
});

const keyLine = (view: ApiKeyView): Facts => {
  const { created_at: _, revoked_at: __, ...line } = keyFacts(view);
  return line;
};

const ISSUED = factsOf('KeyIssued', { ...KEY.properties, secret: textFact('rf_…, shown this once') });

const issuedFacts = ({ view, secret }: IssuedKey): Static<typeof ISSUED> => ({ ...keyFacts(view), secret });

const create = operation({
  name: 'key create',
  help: 'make a key for a program that uses the API; shows its secret, this once',
  example: 'key create crm --roles read,support --addresses 10.0.0.7 --expires 2027-12-31T00:00:00Z',
  roles: ['admin'],
  fields: fields({
    name,
    roles: listField<string>(Type.String(), rolesField, {
      description: `what it may do, separated by commas: ${ROLES.join(', ')}`,
      unit: 'roles',
      example: ['read'],
    }),
    accountcode: Type.Optional(customersAccount),
    addresses: Type.Optional(
      listField<string>(Type.String(), addressesField, {
        description:
          'only from these addresses and networks, separated by commas; from all that may connect if not given',
        unit: 'addresses',
        example: ['10.0.0.7'],
      }),
    ),
    expires: Type.Optional(
      instant({ description: 'when it ends; never if not given', unit: 'time', example: '2027-12-31T00:00:00Z' }),
    ),
  }),
  arguments: ['name'],
  refusals: ['api_key_exists', ...BINDING_REFUSALS],
  changes: 'at once',
  showsSecret: true,
  run: (acting, { name: apiKey, roles, accountcode, addresses, expires }) =>
    createApiKey(acting, {
      apiKey,
      roles,
      ...(accountcode !== undefined && { accountcode }),
      ...(addresses && { addresses }),
      ...(expires !== undefined && { expiresAt: new Date(expires) }),
    }),
  answer: { kind: 'record', schema: ISSUED, facts: issuedFacts },
});

const rotate = operation({
  name: 'key rotate',
  help: 'give a key a second secret, and show it this once; the first one goes on until you revoke it',
  example: 'key rotate crm',
  roles: ['admin'],
  fields: fields({ name }),
  arguments: ['name'],
  refusals: ['api_key_not_found', 'api_key_rotating'],
  changes: 'at once',
  showsSecret: true,
  run: (acting, { name: apiKey }) => rotateApiKey(acting, apiKey),
  answer: { kind: 'record', schema: ISSUED, facts: issuedFacts },
});

const revoke = operation({
  name: 'key revoke',
  help: 'end a key at once, or one of its secrets',
  example: 'key revoke crm --secret-number 7',
  roles: ['admin'],
  fields: fields({
    name,
    secret_number: Type.Optional(
      whole(1, 4_294_967_295, {
        description: 'only the secret of this number, as "key list" shows it',
        unit: 'number',
        example: 7,
      }),
    ),
  }),
  arguments: ['name'],
  refusals: ['api_key_not_found'],
  changes: 'at once',
  run: async (acting, { name: apiKey, secret_number: id }) => ({
    apiKey,
    revoked: await revokeApiKey(acting, apiKey, id),
  }),
  answer: {
    kind: 'record',
    schema: factsOf('KeysRevoked', { name: textFact(), revoked: wholeFact('how many secrets ended') }),
    facts: ({ apiKey, revoked }) => ({ name: apiKey, revoked }),
    says: ({ apiKey, revoked }) =>
      revoked === 0
        ? `${apiKey} had no secret in use`
        : `${apiKey}: ${revoked === 1 ? '1 secret' : `${revoked} secrets`} revoked`,
  },
});

const list = operation({
  name: 'key list',
  help: 'the keys of the API, without their secrets',
  example: 'key list --all',
  roles: ['admin'],
  fields: fields({ all: Type.Optional(flag('those too that have expired or were revoked')), ...PAGE }),
  arguments: [],
  refusals: [],
  run: ({ database }, { all, ...page }) => listApiKeys(database, { all: all === true }, rowsOf(page)),
  answer: { kind: 'list', schema: KEY, facts: keyFacts, line: keyLine, none: 'no key: make one with "key create"' },
});

export const KEY_OPERATIONS = [create, rotate, revoke, list];
