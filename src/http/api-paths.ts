/** Where the operator's API has each operation, below /api/v1. Pure. */
import type { Operation } from '../operator/operation';

/** What comes before every path. */
export const BASE = '/api/v1';

/**
 * The paths of the operations that only look. A word in braces is a field of the operation; all others are in the query. What changes
 * something has no path yet.
 */
export const PATHS: Readonly<Record<string, string>> = {
  'account list': '/accounts',
  'account show': '/accounts/{accountcode}',
  'pool list': '/pools',
  'pool show': '/pools/{customer}',
  'card list': '/cards',
  'card show': '/cards/{serial}',
  'card export': '/card-export',
  'voucher list': '/vouchers',
  'voucher export': '/voucher-export',
  'caller list': '/callers',
  'deck list': '/decks',
  'deck show': '/decks/{deck}',
  'deck rates': '/decks/{deck}/rates',
  'trunk list': '/trunks',
  'route list': '/routes',
  'rate explain': '/rates/explain',
  'call list': '/calls',
  'call live': '/calls/live',
  'call show': '/calls/{uniqueid}',
  'reservation list': '/reservations',
  'webhook list': '/webhooks',
  'webhook dead': '/dead-deliveries',
  'event list': '/events',
  'key list': '/keys',
  'audit list': '/audit',
  status: '/status',
  report: '/reports/{name}',
};

/** The fields of an operation that its path has. */
export const pathFields = (path: string): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);

/** `account list` → accountList: the name by which generated clients call it. */
export const operationId = ({ name }: Pick<Operation, 'name'>): string =>
  name.replaceAll(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase());
