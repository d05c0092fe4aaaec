import { createRequire } from 'node:module';
import { SwitchError } from '../../calls/switch-port';
import { ARI_OPERATIONS, type AriOperation, ariRequest, type DescribedOperation, difference } from './ari-operations';
import { type AriTransport, carryRequestsOf, faultText, parsed, type SwaggerModule } from './ari-transport';

/** The operations, as callers see them. */
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
 * Loads Asterisk's own description of ARI, and returns the operations. `onDifference` is told of each that this switch describes otherwise.
 *
 * ari-client reads the description; what it makes of it would put each request through five of its packages. Ours is a line each.
 *
 * About thirteen requests, 60 ms on loopback. Rejects if they have not all been answered after five deadlines: a fault of the switch in the
 * middle can leave ari-client's own promise pending.
 */
export async function loadAriApi(
  transport: AriTransport,
  onDifference: (difference: string) => void = () => {},
): Promise<AriApi> {
  const ariClient = requireAriClient();
  const withinMs = transport.deadlineMs * 5;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not loaded in ${withinMs} ms`)), withinMs);
  });
  try {
    // No credentials: ari-client would keep them, and AriTransport sends them.
    const client = await Promise.race([transport.run(() => ariClient.connect(transport.address.origin, '', '')), late]);
    for (const each of differences(client)) onDifference(each);
    return apiBy(transport);
  } catch (cause) {
    // swagger-client rejects with plain strings.
    throw new SwitchError('unanswered', `api-docs: ${faultText(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** How a switch's description differs from what is asked of it, a line each. */
const differences = ({ _swagger: { apis } }: LoadedClient): string[] =>
  Object.entries(ARI_OPERATIONS).flatMap(([resource, operations]) =>
    Object.entries<AriOperation>(operations).flatMap(
      ([name, ours]) => difference(ours, apis[resource]?.operations[name]) ?? [],
    ),
  );

/** The operations, each a request of the transport's. */
function apiBy(transport: AriTransport): AriApi {
  const bound = Object.entries(ARI_OPERATIONS).map(([resource, operations]) => {
    const calls = Object.entries<AriOperation>(operations).map(([name, operation]) => {
      const call = async (parameters?: Record<string, unknown>) => {
        const { method, path, body } = ariRequest(operation, parameters);
        const { data } = await transport.request(method, path, body);
        return data === '' ? undefined : parsed(method, data);
      };
      return [name, call];
    });
    return [resource, Object.fromEntries(calls)];
  });
  return Object.fromEntries(bound) as AriApi;
}

/** What ari-client makes of the api-docs, as far as it is read. */
interface LoadedClient {
  _swagger: { apis: Record<string, { operations: Record<string, DescribedOperation> }> };
}

interface AriClientModule {
  connect(baseUrl: string, user: string, password: string): Promise<LoadedClient>;
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
