import { createRequire } from 'node:module';
import { SwitchError } from '../../calls/switch-port';
import { type AriTransport, carryRequestsOf, faultText, type SwaggerModule } from './ari-transport';

/**
 * The operations of ari-client that we use, as Asterisk 22.10 describes them in its api-docs. @types/ari-client 2.2.14 lacks some
 * parameters (`variables` of create, `reason_code`, `caller`) and demands others that are optional.
 */
export interface AriApi {
  applications: {
    filter(p: { applicationName: string; filter: { allowed: { type: string }[] } }): Promise<unknown>;
    subscribe(p: { applicationName: string; eventSource: string }): Promise<unknown>;
  };
  asterisk: {
    ping(): Promise<{ timestamp: string }>;
    setGlobalVar(p: { variable: string; value: string }): Promise<unknown>;
  };
  bridges: {
    createWithId(p: { bridgeId: string; type: string; name: string }): Promise<unknown>;
    addChannel(p: { bridgeId: string; channel: string }): Promise<unknown>;
    destroy(p: { bridgeId: string }): Promise<unknown>;
  };
  channels: {
    create(p: {
      endpoint: string;
      app: string;
      appArgs: string;
      channelId: string;
      originator: string;
      variables: Record<string, string>;
    }): Promise<unknown>;
    dial(p: { channelId: string; caller: string; timeout: number }): Promise<unknown>;
    hangup(p: { channelId: string; reason_code: string }): Promise<unknown>;
    playWithId(p: { channelId: string; playbackId: string; media: string }): Promise<unknown>;
    getChannelVar(p: { channelId: string; variable: string }): Promise<{ value: string }>;
    setChannelVar(p: { channelId: string; variable: string; value: string }): Promise<unknown>;
    setChannelVars(p: { channelId: string; variables: Record<string, string> }): Promise<unknown>;
    continueInDialplan(p: { channelId: string }): Promise<unknown>;
  };
  playbacks: {
    stop(p: { playbackId: string }): Promise<unknown>;
  };
}

/** A channel as ARI's JSON shows it, with the fields that we read. */
export interface AriChannel {
  id: string;
  name: string;
  state: string;
  caller: { name: string; number: string };
  accountcode: string;
  dialplan: { context: string; exten: string; app_name?: string; app_data?: string };
  creationtime: string;
}

/** A bridge, likewise. */
export interface AriBridge {
  id: string;
  name: string;
  channels: string[];
}

/**
 * Loads Asterisk's own description of ARI and returns the operations, bound to `transport`.
 *
 * About thirteen requests, 60 ms on loopback. Rejects if they have not all been answered after five deadlines: a fault of the switch in the
 * middle can leave ari-client's own promise pending.
 */
export async function loadAriApi(transport: AriTransport): Promise<AriApi> {
  const ariClient = requireAriClient();
  const withinMs = transport.deadlineMs * 5;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not loaded in ${withinMs} ms`)), withinMs);
  });
  try {
    // No credentials: ari-client would keep them, and AriTransport sends them.
    const client = await Promise.race([transport.run(() => ariClient.connect(transport.address.origin, '', '')), late]);
    return boundTo(transport, client);
  } catch (cause) {
    // swagger-client rejects with plain strings.
    throw new SwitchError('unanswered', `api-docs: ${faultText(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** The same resources, each operation run in the transport's context. */
function boundTo(transport: AriTransport, client: AriApi): AriApi {
  const bind = <Resource extends object>(resource: Resource): Resource =>
    new Proxy(resource, {
      get(target, name) {
        const operation = Reflect.get(target, name);
        if (typeof operation !== 'function') return operation;
        return (parameters?: object) => transport.run(() => operation.call(target, parameters));
      },
    });
  return {
    applications: bind(client.applications),
    asterisk: bind(client.asterisk),
    bridges: bind(client.bridges),
    channels: bind(client.channels),
    playbacks: bind(client.playbacks),
  };
}

interface AriClientModule {
  connect(baseUrl: string, user: string, password: string): Promise<AriApi>;
}

let loaded: AriClientModule | null = null;

function requireAriClient(): AriClientModule {
  if (loaded !== null) return loaded;
  const entry = require.resolve('ari-client');
  const ariClient = require('ari-client') as AriClientModule;
  // Resolved from ari-client's place, not ours: npm may nest it, and replacing another copy would leave the original one in use.
  const swagger = require(createRequire(entry).resolve('swagger-client')) as SwaggerModule;
  carryRequestsOf(swagger);
  // swagger-client assigns its logger to an undeclared `log`, which makes it a global, and prints "This API is using a
  // deprecated version of Swagger!" through it on every load (node-ari-client#3, #29, #34, #61). Replacing that global
  // silences it and nothing else.
  (globalThis as { log?: unknown }).log = () => {};
  loaded = ariClient;
  return ariClient;
}
