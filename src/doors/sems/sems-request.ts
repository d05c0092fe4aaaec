/** The messages of SEMS, and of programs that manage credit as in SEMS, in all their forms. Pure. */
import { callIdPattern } from '../../calls/call-id';
import type { XmlRpcCall, XmlRpcValue } from './xml-rpc';

/** The most seconds in one request: 68 years, which fits into the <int> of an answer. */
export const MOST_SECONDS = 2_147_483_647;

const METHODS = ['getCredit', 'subtractCredit', 'setCredit', 'addCredit'] as const;
export type SemsMethod = (typeof METHODS)[number];

export interface SemsRequest {
  method: SemsMethod;
  /**
   * `call`: cc_prepaid_xmlrpc's own messages, getCredit with one string and subtractCredit with one struct; the answer is one <int>.
   * `module`: the way xmlrpc2di serves cc_prepaid, through di(), dotted, or by the names that direct_export gives; the answer is an
   * array.
   */
  form: 'call' | 'module';
  /** The payer that SEMS names: `prepaid_uuid`. */
  pin: string;
  /** Seconds; 0 for getCredit. */
  amount: number;
}

/** Why a message cannot be understood. `code` is the one of xmlrpc2di. */
export interface NotUnderstood {
  wrong: 'method_unknown' | 'arguments_invalid';
  form: SemsRequest['form'];
  code: 300 | 400 | 500 | 504;
  text: string;
}

const MODULE = 'cc_prepaid';

export function requestOf({ method, params }: XmlRpcCall): SemsRequest | NotUnderstood {
  if (method === 'di') {
    const [module, name, ...rest] = params;
    if (typeof module !== 'string' || typeof name !== 'string') {
      const text = 'di needs a module and a function: write di("cc_prepaid","getCredit","joe")';
      return { wrong: 'arguments_invalid', form: 'module', code: 400, text };
    }
    if (module !== MODULE) {
      return { wrong: 'method_unknown', form: 'module', code: 500, text: `only module ${MODULE} is served` };
    }
    return withArguments(name, rest, 'module');
  }
  const dotted = method.startsWith(`${MODULE}.`);
  return withArguments(dotted ? method.slice(MODULE.length + 1) : method, params, dotted ? 'module' : null);
}

/** `said`: what the name says of the form; null if only the arguments show it. */
function withArguments(name: string, params: XmlRpcValue[], said: 'module' | null): SemsRequest | NotUnderstood {
  const method = METHODS.find(known => known === name);
  if (!method) {
    const text = `the functions are ${METHODS.join(', ')}`;
    return { wrong: 'method_unknown', form: said ?? 'call', code: 504, text };
  }
  const form =
    said ?? (method === 'getCredit' || (method === 'subtractCredit' && params.length === 1) ? 'call' : 'module');
  const given = form === 'call' && method === 'subtractCredit' ? ofStruct(params) : params;
  const [pin, amount = 0] = given;
  const wanted = method === 'getCredit' ? 1 : 2;
  const isAmount = typeof amount === 'number' && Math.abs(amount) <= MOST_SECONDS;
  // A negative amount makes sense only for addCredit.
  if (given.length !== wanted || typeof pin !== 'string' || !isAmount || (amount < 0 && method !== 'addCredit')) {
    const text = wanted === 1 ? 'getCredit needs one string' : `${method} needs a string and an int of whole seconds`;
    return { wrong: 'arguments_invalid', form, code: 300, text };
  }
  return { method, form, pin, amount };
}

/** The arguments in cc_prepaid_xmlrpc's form for subtractCredit, an array with one struct, become that struct. Others stay as they are. */
function ofStruct(params: XmlRpcValue[]): XmlRpcValue[] {
  const [list] = params;
  if (!Array.isArray(list) || list.length !== 1 || !(list[0] instanceof Map)) return params;
  const pin = list[0].get('pin');
  const amount = list[0].get('amount');
  return pin === undefined || amount === undefined ? params : [pin, amount];
}

/** The payer, by `prepaid_uuid`, and the call. */
export interface SemsCaller {
  uuid: string;
  /** null if only the uuid was sent: a pool of seconds. */
  call: { dialled: string; callId: string } | null;
}

const CALL_ID = callIdPattern(255);

/**
 * `uuid` alone, or `uuid|number|call-id` of `prepaid_uuid=$H(P-Caller-Uuid)|$rU|$ci`; null for anything else.
 *
 * Exactly three parts: number and Call-ID come from the caller, and a bar in either must not turn one into the other.
 */
export function callerOf(pin: string): SemsCaller | null {
  const parts = pin.split('|');
  const [uuid = '', dialled = '', callId = ''] = parts;
  if (uuid === '') return null;
  if (parts.length === 1) return { uuid, call: null };
  if (parts.length !== 3 || !CALL_ID.test(callId)) return null;
  return { uuid, call: { dialled, callId } };
}
