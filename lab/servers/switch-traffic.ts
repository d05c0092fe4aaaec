import { FrameReader } from './switch-wire';
import { openTcpProxy } from './tcp-proxy';

/** What goes between a service and Asterisk's HTTP server. */
export interface SwitchTraffic {
  /** Asterisk's ARI URL by this way. */
  readonly url: string;
  /** Each request so far, as `POST /channels/create`, without its query. Without the one that opens the stream of events. */
  readonly requests: readonly string[];
  /** The type of each event so far. */
  readonly events: readonly string[];
  close(): Promise<void>;
}

export async function openSwitchTraffic(ariUrl: string): Promise<SwitchTraffic> {
  const target = new URL(ariUrl);
  const requests: string[] = [];
  const events: string[] = [];
  const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) }, passage => {
    let isStream = false;
    const reader = new FrameReader();
    passage.fromClient = data => {
      const text = data.toString('latin1');
      isStream ||= text.startsWith('GET /ari/events');
      for (const [, method, path] of text.matchAll(/^(GET|POST|PUT|DELETE) \/ari(\/(?!events)[^ ?]*)/gm)) {
        requests.push(`${method} ${path}`);
      }
      passage.server.write(data);
    };
    passage.fromServer = data => {
      if (isStream) for (const frame of reader.read(data)) events.push(...typesIn(frame));
      passage.client.write(data);
    };
  });
  target.port = String(proxy.port);
  return { url: target.toString().replace(/\/$/, ''), requests, events, close: () => proxy.cut() };
}

/** The type of the event in a frame; none where it is no text. */
function typesIn(frame: Buffer): string[] {
  const TEXT = 0x81;
  if ((frame[0]! & 0x8f) !== TEXT) return [];
  const type = /"type": ?"(\w+)"/.exec(frame.toString('latin1'))?.[1];
  return type === undefined ? [] : [type];
}
