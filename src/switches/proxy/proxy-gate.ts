import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { callIdPattern, uniqueidOf } from '../../calls/call-id';
import { openCallStore } from '../../calls/open-call-store';
import type { Authorisation, SwitchEvent } from '../../calls/switch-port';
import { type Dialogs, dialogsOf } from './dialogs';
import { type ProxyRpc, proxyRpc } from './proxy-rpc';
import { type ProxySettings, startWithinMs } from './proxy-settings';
import { type ProxyCall, ProxySwitch } from './proxy-switch';
import type { ProxyUrl } from './proxy-url';

export interface ProxyGateOptions {
  settings: ProxySettings & { rpc: ProxyUrl };
  database: Knex;
  log: Logger;
}

/** The value of astcdr.node for the calls of that proxy. */
export const proxyNode = (name: string): string => `proxy:${name}`;

/** The beginning of a proxy call's uniqueid, before its Call-ID. */
const prefixOf = (node: string): string => uniqueidOf(node, '');

/** The Call-ID in a uniqueid; null if it was too long to be kept. */
export const callIdIn = (node: string, uniqueid: string): string | null =>
  uniqueid.startsWith(prefixOf(node)) ? uniqueid.slice(prefixOf(node).length) : null;

const CALL_ID = callIdPattern(128);

/** Where the doors for SIP proxies find the one switch for which they speak, while this process acts for it. */
export class ProxyGate {
  readonly node: string;
  private readonly rpc: ProxyRpc;
  private readonly dialogs: Dialogs;
  private serving: ProxySwitch | null = null;
  private droppedCalls = 0;

  constructor(private readonly options: ProxyGateOptions) {
    const { settings } = options;
    this.node = proxyNode(settings.name);
    this.rpc = proxyRpc(settings.rpc);
    this.dialogs = dialogsOf(settings.rpc, this.rpc.ask, settings.limitTable);
  }

  /** A new connection to the proxy, not started; it gets every event of the proxy. */
  connect(onEvent: (event: SwitchEvent) => void): ProxySwitch {
    const openCalls = openCallStore(this.options.database);
    const port: ProxySwitch = new ProxySwitch({
      node: this.node,
      dialogs: this.dialogs,
      startWithinMs: startWithinMs(this.options.settings),
      callIdOf: uniqueid => callIdIn(this.node, uniqueid),
      openCalls: () => openCalls.of(this.node),
      onEvent,
      onServing: serves => {
        if (serves) this.serving = port;
        else if (this.serving === port) this.serving = null;
      },
      onDropped: () => this.droppedCalls++,
      log: this.options.log,
    });
    return port;
  }

  /** The switch, while this process acts for it and has asked it once; null otherwise. */
  get port(): ProxySwitch | null {
    return this.serving;
  }

  /** How long a worker of the proxy can wait for an answer; ms. */
  get answerWithinMs(): number {
    return this.options.settings.answerWithinMs;
  }

  /** How many calls of the proxy were ended by force since the start. */
  get dropped(): number {
    return this.droppedCalls;
  }

  /** The uniqueid of a call; null for a text that is no Call-ID, or too long to be found again. */
  uniqueidOf(callId: string): string | null {
    if (!CALL_ID.test(callId)) return null;
    const uniqueid = uniqueidOf(this.node, callId);
    return callIdIn(this.node, uniqueid) === callId ? uniqueid : null;
  }

  /** Requests a call. `away`: another process acts for the proxy, or the proxy cannot be asked. `duplicate`: the call is in progress. */
  async authorise(
    call: Omit<ProxyCall, 'uniqueid'>,
  ): Promise<Authorisation | 'away' | 'late' | 'duplicate' | 'invalid'> {
    const uniqueid = this.uniqueidOf(call.callId);
    if (uniqueid === null) return 'invalid';
    const { port } = this;
    if (!port) return 'away';
    if (port.knows(uniqueid)) return 'duplicate';
    const decided = await port.authorise({ ...call, uniqueid }, this.answerWithinMs);
    return decided !== 'late' && decided.refusal === 'uniqueid_reused' ? 'duplicate' : decided;
  }

  close(): void {
    this.rpc.close();
  }
}
