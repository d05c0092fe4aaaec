import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** A dialog as OpenSIPS tells it; states as in its dlg_hash.h: 2 rings, 3 and 4 talk. */
export interface StandInDialog {
  ID: string;
  state: number;
  timestart: number;
}

/**
 * The answers of OpenSIPS' mi_datagram to the commands that we send, and to those that it does not take. Debian has no OpenSIPS, so this
 * stands in for one: its bytes, refusals included, are those of 4.0.1 and 3.6.8, recorded by hand.
 */
export interface OpensipsStandIn {
  port: number;
  /** By Call-ID. */
  dialogs: Map<string, StandInDialog>;
  /** The content of the collection `ringfence` in cachedb_local. */
  cache: Map<string, string>;
  /** What the script's event route set, by ID of the dialog; seconds from then. */
  limits: [did: string, seconds: number][];
  /** The dialogs that it was told to end, by what was written. */
  ended: string[];
  /** The questions to it, and its answers. */
  exchanged: [question: string, answer: string][];
  /** It does not answer. */
  isSilent: boolean;
  /** It takes the end of a dialog and goes on with it, as with a phone that does not answer its BYE. */
  endsNothing: boolean;
  stop(): void;
}

type Params = readonly unknown[] | Record<string, unknown>;

/** The sets of parameters that each command takes, and whether it takes them by position too. */
const COMMANDS: Record<string, { recipes: string[][]; namedOnly?: boolean }> = {
  uptime: { recipes: [[]] },
  dlg_list: { recipes: [[], ['callid'], ['callid', 'from_tag'], ['index', 'counter']], namedOnly: true },
  dlg_end_dlg: { recipes: [['dialog_id'], ['dialog_id', 'extra_hdrs']] },
  cache_store: {
    recipes: [
      ['system', 'attr', 'value'],
      ['system', 'attr', 'value', 'expire'],
    ],
  },
  cache_fetch: { recipes: [['system', 'attr']] },
  cache_remove: { recipes: [['system', 'attr']] },
  raise_event: { recipes: [['event'], ['event', 'params']] },
};

class MiError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: string,
  ) {
    super(message);
  }
}

const invalid = (data: string): MiError => new MiError(-32602, 'Invalid params', data);

/** The parameters by name, as handle_mi_request() of OpenSIPS takes them. @throws MiError */
function paramsOf(method: string, params: Params = []): Record<string, string> {
  const command = COMMANDS[method];
  if (!command) throw new MiError(-32601, 'Method not found');
  const { recipes, namedOnly } = command;
  if (Array.isArray(params) && params.length > 0 && namedOnly) throw invalid('Command only supports named parameters');
  const count = Object.keys(params).length;
  const fitting = recipes.filter(({ length }) => length === count);
  if (fitting.length === 0) throw invalid('Too few or too many parameters');
  if (Array.isArray(params)) {
    return Object.fromEntries((fitting[0] as string[]).map((name, at) => [name, String(params[at])]));
  }
  const named = params as Record<string, unknown>;
  if (!fitting.some(recipe => recipe.every(name => name in named))) throw invalid('Named parameters do not match');
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, String(value)]));
}

export async function startOpensipsStandIn(): Promise<OpensipsStandIn> {
  const socket = createSocket('udp4');
  const startedAt = Date.now();
  const standIn: OpensipsStandIn = {
    port: 0,
    dialogs: new Map(),
    cache: new Map(),
    limits: [],
    ended: [],
    exchanged: [],
    isSilent: false,
    endsNothing: false,
    stop: () => socket.close(),
  };
  const resultOf = (method: string, params: Record<string, string>): unknown => {
    switch (method) {
      case 'uptime':
        return {
          Now: new Date().toUTCString(),
          'Up since': new Date(startedAt).toUTCString(),
          'Up time': `${Math.floor((Date.now() - startedAt) / 1000)} [sec]`,
        };
      case 'dlg_list': {
        const { callid } = params;
        if (callid === undefined) return { Dialogs: [...standIn.dialogs].map(([id, dialog]) => listed(id, dialog)) };
        const dialog = standIn.dialogs.get(callid);
        if (!dialog) throw new MiError(404, 'No such dialog');
        return { Dialog: listed(callid, dialog) };
      }
      case 'cache_store':
      case 'cache_fetch':
      case 'cache_remove': {
        const { system, attr = '', value = '' } = params;
        if (system !== 'local:ringfence') throw new MiError(500, `Cache ${method.slice(6)} command failed`);
        if (method === 'cache_store') standIn.cache.set(attr, value);
        if (method === 'cache_remove') standIn.cache.delete(attr);
        if (method !== 'cache_fetch') return 'OK';
        const found = standIn.cache.get(attr);
        if (found === undefined) throw new MiError(400, 'Value not found');
        return { key: attr, value: found };
      }
      case 'raise_event': {
        if (params.event !== 'E_RINGFENCE_LIMIT') throw new MiError(404, 'Event not registered');
        const { did, seconds } = JSON.parse(params.params ?? '{}');
        standIn.limits.push([did, seconds]);
        return 'OK';
      }
      default: {
        // dlg_end_dlg: by ID first, then by Call-ID.
        const { dialog_id = '' } = params;
        const found = [...standIn.dialogs].find(([, { ID }]) => ID === dialog_id)?.[0] ?? dialog_id;
        if (!standIn.dialogs.has(found)) throw new MiError(404, 'Requested Dialog not found');
        if (!standIn.endsNothing) standIn.dialogs.delete(found);
        standIn.ended.push(dialog_id);
        return 'OK';
      }
    }
  };
  const answerTo = (method: string, params?: Params): object => {
    try {
      return { result: resultOf(method, paramsOf(method, params)) };
    } catch (error) {
      const { code, message, data } = error as MiError;
      return { error: { code, message, ...(data && { data }) } };
    }
  };
  socket.on('message', (bytes, from) => {
    if (standIn.isSilent) return;
    const { id, method, params } = JSON.parse(bytes.toString());
    const answer = JSON.stringify({ jsonrpc: '2.0', ...answerTo(method, params), id });
    standIn.exchanged.push([bytes.toString(), answer]);
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve));
  standIn.port = (socket.address() as AddressInfo).port;
  return standIn;
}

/** As dlg_list prints it. */
const listed = (callid: string, { ID, state, timestart }: StandInDialog): object => ({
  ID,
  db_id: '6928042873795',
  state,
  user_flags: '',
  timestart,
  timeout: timestart > 0 ? timestart + 3600 : 0,
  callid,
  from_uri: 'sip:osb@127.0.0.2:5060',
  to_uri: 'sip:4420711@127.0.0.1:5195',
  caller_tag: '11168c1',
  caller_contact: 'sip:osb@127.0.0.2:5060',
  callee_cseq: '0',
  caller_route_set: '',
  caller_bind_addr: 'udp:127.0.0.1:5195',
  caller_sdp: '',
  CALLEES: [
    {
      callee_tag: '19317s2',
      callee_contact: '',
      caller_cseq: '1',
      callee_route_set: '',
      callee_bind_addr: 'udp:127.0.0.1:5195',
    },
  ],
});
