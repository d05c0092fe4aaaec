/** cnxcc's functions and RPC commands, with their names and parameters here. Pure. */
import { payerOf } from '../../calls/stasis-arguments';
import { INVALID_PARAMS, METHOD_NOT_FOUND, RpcError, type RpcParams } from './json-rpc';

/** A call that must be let through and watched from now on. */
export interface CallToWatch {
  callId: string;
  caller: string;
  /** The dialled number. Hostile. */
  number: string;
  customer: string;
  /** The dialplan's words for it after `customer=`: `max_credit=100`, `cps=0.5`. */
  limits: string[];
  /** 0 for no limit. */
  maxChannels: number;
}

export type CnxccCommand =
  | { name: 'set_max_credit' | 'set_max_time' | 'set_max_channels'; call: CallToWatch }
  | { name: 'update_max_time'; customer: string; seconds: string }
  | { name: 'get_channel_count' | 'terminate_all' | 'check_client'; customer: string }
  | { name: 'active_clients' }
  | { name: 'stats' }
  | { name: 'kill_call' | 'dialog_start' | 'dialog_end'; callId: string };

/** Parameters after the others, by position: the Call-ID, the caller and the dialled number. */
const CALL = ['call_id', 'caller', 'number'] as const;

/** `needs`: required parameters, in the order of their positions. `may`: further parameters, if they come by name. */
const COMMANDS = {
  set_max_credit: {
    needs: ['customer', 'max_credit', 'connect', 'cps', 'ipulse', 'fpulse', ...CALL],
    may: ['max_time', 'max_channels', 'max_calls_per_second'],
  },
  set_max_time: { needs: ['customer', 'max_time', ...CALL], may: ['max_channels', 'max_calls_per_second'] },
  set_max_channels: { needs: ['customer', 'max_channels', ...CALL], may: ['max_calls_per_second'] },
  update_max_time: { needs: ['customer', 'seconds'], may: [] },
  get_channel_count: { needs: ['customer'], may: [] },
  terminate_all: { needs: ['customer'], may: [] },
  check_client: { needs: ['customer'], may: [] },
  active_clients: { needs: [], may: [] },
  stats: { needs: [], may: [] },
  kill_call: { needs: ['call_id'], may: [] },
  dialog_start: { needs: ['call_id'], may: [] },
  dialog_end: { needs: ['call_id'], may: [] },
} as const satisfies Record<CnxccCommand['name'], { needs: readonly string[]; may: readonly string[] }>;

export const COMMAND_NAMES = Object.keys(COMMANDS) as CnxccCommand['name'][];

const LONGEST_VALUE = 255;

/**
 * The command that a method and its parameters ask for. A name may have cnxcc's own prefix, `cnxcc_set_max_credit` or `cnxcc.stats`.
 * @throws RpcError
 */
export function commandOf(method: string, params: RpcParams): CnxccCommand {
  const name = COMMAND_NAMES.find(known => known === method.replace(/^cnxcc[._]/, ''));
  if (!name) {
    throw new RpcError(METHOD_NOT_FOUND, 404, `no such command: write ${COMMAND_NAMES.join(', ')}`, 'command_unknown');
  }
  const values = valuesOf(name, params);
  const value = (key: string): string => values.get(key) ?? '';
  switch (name) {
    case 'set_max_credit':
    case 'set_max_time':
    case 'set_max_channels':
      return { name, call: callIn(values) };
    case 'update_max_time':
      return { name, customer: value('customer'), seconds: value('seconds') };
    case 'get_channel_count':
    case 'terminate_all':
    case 'check_client':
      return { name, customer: value('customer') };
    case 'active_clients':
    case 'stats':
      return { name };
    case 'kill_call':
    case 'dialog_start':
    case 'dialog_end':
      return { name, callId: value('call_id') };
  }
}

type Values = ReadonlyMap<string, string>;

function valuesOf(name: CnxccCommand['name'], params: RpcParams): Values {
  const { needs, may }: { needs: readonly string[]; may: readonly string[] } = COMMANDS[name];
  const isNamed = !Array.isArray(params);
  if (!isNamed && params.length !== needs.length) {
    const wanted = needs.length === 0 ? 'none' : `${needs.length}: ${needs.join(', ')}`;
    throw invalidParams(`${name} has ${params.length} parameters by position: write ${wanted}`);
  }
  const entries = isNamed ? Object.entries(params) : needs.map((key, at): [string, unknown] => [key, params[at]]);
  const unknown = entries.find(([key]) => !needs.includes(key) && !may.includes(key));
  if (unknown) {
    throw invalidParams(`${shown(unknown[0])} is no parameter of ${name}: write ${[...needs, ...may].join(', ')}`);
  }
  const values = new Map(entries.map(([key, value]) => [key, textOf(key, value)]));
  const missing = needs.find(key => !values.has(key));
  if (missing) throw invalidParams(`${missing} is missing: ${name} needs ${needs.join(', ')}`);
  return values;
}

/** A parameter as text. A number must be whole: an amount is never a float. */
function textOf(key: string, value: unknown): string {
  if (typeof value === 'string' && value.length <= LONGEST_VALUE) return value;
  if (Number.isSafeInteger(value)) return String(value);
  const todo = `write a text of at most ${LONGEST_VALUE} characters, such as "0.5", or a whole number`;
  // The error shows no dialled number, because it is logged.
  throw invalidParams(`${key} ${key === 'number' ? '' : `${shown(value)} `}is neither: ${todo}`);
}

function callIn(values: Values): CallToWatch {
  const value = (key: string): string => values.get(key) ?? '';
  const isLimit = (key: string) => key !== 'customer' && !(CALL as readonly string[]).includes(key);
  return {
    callId: value('call_id'),
    caller: value('caller'),
    number: value('number'),
    customer: value('customer'),
    limits: [...values].filter(([key]) => isLimit(key)).map(([key, text]) => `${key}=${text}`),
    maxChannels: Number(value('max_channels')),
  };
}

/**
 * The dialplan's words for a call, for the pool of this customer (docs/pools.md).
 * @throws RpcError that names the parameter, its value and what to do.
 */
export function wordsFor({ limits, number }: CallToWatch, customer: string): string[] {
  const words = [`customer=${customer}`, ...limits];
  const said = payerOf(words, { accountcode: '', dialledNumber: number });
  if ('error' in said) throw invalidParams(said.error);
  const isPriced = limits.some(word => word.startsWith('cps='));
  // As in cnxcc: with a price of 0, credit would not limit the call.
  if (isPriced && said.pool?.tariff.pricePerMinute === 0n) throw invalidParams('cps is 0, no price: write more');
  return words;
}

export const invalidParams = (message: string): RpcError => new RpcError(INVALID_PARAMS, 400, message);

/** A value as an error shows it: short, in one harmless line. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}';
  return (JSON.stringify(value) ?? 'undefined').slice(0, 60).replace(/[^\x20-\x7e]/g, '?');
}
