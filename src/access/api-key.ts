/** API keys: how a program proves to the operator's API who it is. Pure. */
import { createHash } from 'node:crypto';
import { parsePeers } from '../listeners/peers';
import { invalid, invalidSecret, unknownWord } from '../operator/fields';
import { ROLES, type Role } from '../operator/operation';

/** A living secret of a key, as it is found by the secret. */
export interface ApiKey {
  apiKeyId: number;
  apiKey: string;
  roles: Role[];
  /** The account that a customer is bound to; null for every other role. */
  accountcode: string | null;
}

/** Whether a text can be a secret: rf_ and 256 bits in base64url. */
export const isKeySecret = (text: string): boolean => /^rf_[A-Za-z0-9_-]{43}$/.test(text);

/** What is kept of a secret. It holds 256 bits of chance, so a plain hash cannot be turned back; 64 hexadecimal digits. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Roles in the form of the column; `customer` stands alone. @throws Refused field_invalid */
export function rolesField(roles: readonly string[]): string {
  const unknown = roles.find(role => !(ROLES as readonly string[]).includes(role));
  if (unknown !== undefined) throw unknownWord('roles', unknown, ROLES);
  if (roles.length === 0) throw invalid('roles', '', `is empty: write one or more of ${ROLES.join(', ')}`, 'missing');
  if (roles.includes('customer') && roles.length > 1) {
    throw invalid(
      'roles',
      roles.join(','),
      'gives a customer more than its own account: write customer alone',
      'customer_alone',
    );
  }
  return ROLES.filter(role => roles.includes(role)).join(',');
}

/** The account that a holder of these roles is bound to; null for none. @throws Refused field_invalid: a customer has one, and no other role has */
export function boundAccount(roles: string, accountcode: string | undefined): string | null {
  if (roles !== 'customer') {
    if (accountcode === undefined) return null;
    throw invalid('accountcode', accountcode, 'goes with the role customer alone: leave it out', 'not_of_customers');
  }
  if (accountcode === undefined) throw invalidSecret('accountcode', 'is missing: a customer has one', 'missing');
  return accountcode;
}

/** The words of a column that separates them by commas. */
export const wordsOf = (text: string): string[] => (text === '' ? [] : text.split(','));

/** Addresses and networks in the form of the column. @throws Refused field_invalid */
export function addressesField(addresses: readonly string[]): string {
  const text = addresses.join(',');
  if (text.length > 1_000)
    throw invalid('addresses', `${text.slice(0, 40)}…`, 'is longer than 1000 characters', 'too_long', {
      length: text.length,
      most: 1_000,
    });
  try {
    parsePeers(addresses);
  } catch (error) {
    throw invalid('addresses', text, `is wrong: ${(error as Error).message}`);
  }
  return text;
}
