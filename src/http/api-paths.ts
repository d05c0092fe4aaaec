/** Where the operator's API has each operation, below /api/v1. Pure. */
import type { Operation } from '../operator/operation';

/** What comes before every path. */
export const BASE = '/api/v1';

/**
 * The paths of the operations. A word in braces is a field of the operation; all others are in the query, or in the body where something
 * changes; where the body is a file, in the query. `deck import` has none: it loads and publishes in one step, unseen.
 */
export const PATHS: Readonly<Record<string, string>> = {
  'account list': '/accounts',
  'account show': '/accounts/{accountcode}',
  'account spend': '/accounts/{accountcode}/spend',
  'account statement': '/accounts/{accountcode}/statement',
  'ledger list': '/ledger',
  'pool list': '/pools',
  'pool show': '/pools/{customer}',
  'card batches': '/card-batches',
  'card list': '/cards',
  'card show': '/cards/{serial}',
  'card export': '/card-export',
  'voucher batches': '/voucher-batches',
  'voucher list': '/vouchers',
  'voucher show': '/vouchers/{serial}',
  'voucher export': '/voucher-export',
  'caller list': '/callers',
  'deck list': '/decks',
  'deck show': '/decks/{deck}',
  'deck rates': '/decks/{deck}/rates',
  'deck compare': '/decks/{deck}/versions/{version}/differences',
  'deck weigh': '/decks/{deck}/versions/{version}/weight',
  'schedule list': '/schedules',
  'schedule show': '/schedules/{schedule}',
  'holiday list': '/holidays',
  'trunk list': '/trunks',
  'route list': '/routes',
  'route show': '/routes/order',
  'route explain': '/routes/explain',
  'rate explain': '/rates/explain',
  'call list': '/calls',
  'call live': '/calls/live',
  'call show': '/calls/{uniqueid}',
  'call explain': '/calls/{uniqueid}/explanation',
  'call evidence': '/calls/{uniqueid}/evidence',
  'reservation list': '/reservations',
  'webhook list': '/webhooks',
  'webhook dead': '/dead-deliveries',
  'webhook deliveries': '/webhooks/{webhook}/deliveries',
  'event list': '/events',
  'key list': '/keys',
  'operator list': '/operators',
  'operator show': '/operators/{name}',
  'session list': '/sessions',
  'pin-key list': '/pin-keys',
  'cashier list': '/cashiers',
  'approval list': '/approvals',
  'approval show': '/approvals/{approval}',
  'audit list': '/audit',
  'job list': '/jobs',
  'job show': '/jobs/{job}',
  status: '/status',
  settings: '/settings',
  report: '/reports/{name}',
  'account create': '/accounts',
  'account set': '/accounts/{accountcode}',
  'account topup': '/accounts/{accountcode}/topup',
  'account refund': '/accounts/{accountcode}/refund',
  'account adjust': '/accounts/{accountcode}/adjust',
  'account block': '/accounts/{accountcode}/block',
  'account unblock': '/accounts/{accountcode}/unblock',
  'account close': '/accounts/{accountcode}/close',
  'account hangup': '/accounts/{accountcode}/hangup',
  'account add-time': '/accounts/{accountcode}/add-time',
  'pool hangup': '/pools/{customer}/hangup',
  'pool raise': '/pools/{customer}/raise',
  'pool add-time': '/pools/{customer}/add-time',
  'card generate': '/cards',
  'card activate': '/cards/activate',
  'card block': '/cards/block',
  'card unblock': '/cards/unblock',
  'voucher generate': '/vouchers',
  'voucher activate': '/vouchers/activate',
  'voucher block': '/vouchers/block',
  'voucher unblock': '/vouchers/unblock',
  'voucher redeem': '/vouchers/redeem',
  'caller add': '/callers',
  'caller remove': '/callers/{number}',
  'deck load': '/decks/{deck}/versions',
  'deck preview': '/decks/{deck}/versions/{version}/preview',
  'deck publish': '/decks/{deck}/versions/{version}/publish',
  'deck restore': '/decks/{deck}/versions/{version}/restore',
  'deck delete-version': '/decks/{deck}/versions/{version}',
  'deck prune': '/decks/{deck}/prune',
  'deck parent': '/decks/{deck}/parent',
  'schedule set': '/schedules/{schedule}',
  'schedule remove': '/schedules/{schedule}',
  'holiday set': '/holidays/{calendar}/{day}',
  'holiday remove': '/holidays/{calendar}/{day}',
  'holiday fill': '/holidays/{calendar}/fill',
  'holiday import': '/holidays/{calendar}/import',
  'trunk show': '/trunks/{trunk}',
  'trunk add': '/trunks',
  'trunk set': '/trunks/{trunk}',
  'trunk remove': '/trunks/{trunk}',
  'route add': '/routes',
  'route set': '/routes',
  'route remove': '/routes',
  'route order': '/routes/order',
  'call hangup': '/calls/{uniqueid}/hangup',
  'webhook add': '/webhooks',
  'webhook test': '/webhooks/{webhook}/test',
  'webhook pause': '/webhooks/{webhook}/pause',
  'webhook resume': '/webhooks/{webhook}/resume',
  'webhook remove': '/webhooks/{webhook}',
  'webhook retry': '/webhooks/retry',
  'event prune': '/events/prune',
  'sheet show': '/sheets/{deck}',
  'sheet keep': '/sheets/{deck}',
  'sheet remove': '/sheets/{deck}',
  'pin-key renew': '/pin-keys/renew',
  'cashier limit': '/cashiers/{actor}/limit',
  'approval approve': '/approvals/{approval}/approve',
  'approval refuse': '/approvals/{approval}/refuse',
  'approval withdraw': '/approvals/{approval}/withdraw',
  'job verify': '/jobs/verify',
  'job reconcile': '/jobs/reconcile',
  'job stop': '/jobs/{job}/stop',
  'key create': '/keys',
  'key rotate': '/keys/{name}/rotate',
  'key revoke': '/keys/{name}/revoke',
  'operator invite': '/operators',
  'operator set': '/operators/{name}',
  'operator block': '/operators/{name}/block',
  'operator unblock': '/operators/{name}/unblock',
  'operator reset': '/operators/{name}/reset',
  'session revoke': '/sessions/{session_number}/revoke',
  'own account': '/own/account',
  'own calls': '/own/calls',
  'own call': '/own/calls/{uniqueid}',
  'own explanation': '/own/calls/{uniqueid}/explanation',
  'own live': '/own/calls/live',
  'own events': '/own/events',
  'own ledger': '/own/ledger',
  'own spend': '/own/spend',
  'own statement': '/own/statement',
  'own price': '/own/price',
};

/** By the verb of its name: `set` edits, `remove` and `delete-version` remove. */
export function methodOf({ name, changes }: Pick<Operation, 'name' | 'changes'>): 'GET' | 'POST' | 'PATCH' | 'DELETE' {
  if (changes === undefined) return 'GET';
  const verb = name.split(' ').at(-1);
  if (verb === 'set') return 'PATCH';
  return verb === 'remove' || verb === 'delete-version' ? 'DELETE' : 'POST';
}

/** Whether it makes something new, in a collection that its path names, or of a file: then it is answered with 201. */
const createsAt = (declared: Pick<Operation, 'name' | 'changes' | 'takesFile'>): boolean =>
  methodOf(declared) === 'POST' && (declared.takesFile === true || /^\/\w+$/.test(PATHS[declared.name] ?? ''));

/** The status of an answer that all was done by. */
export function doneStatus(declared: Pick<Operation, 'name' | 'changes' | 'takesFile' | 'shownBy'>): 200 | 201 | 202 {
  if (declared.shownBy !== undefined) return 202;
  return createsAt(declared) ? 201 : 200;
}

/** Where the operation of that name is asked about the thing that has these facts. */
export const placeOf = (name: string, facts: Readonly<Record<string, unknown>>): string =>
  BASE + (PATHS[name] as string).replaceAll(/\{(\w+)\}/g, (_, field) => encodeURIComponent(String(facts[field])));

/** The fields of an operation that its path has. */
export const pathFields = (path: string): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);

/** `account list` → accountList: the name by which generated clients call it. */
export const operationId = ({ name }: Pick<Operation, 'name'>): string =>
  name.replaceAll(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase());
