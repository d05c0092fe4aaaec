import { FrameReader } from './switch-wire';
import { openTcpProxy } from './tcp-proxy';

/** What goes between a service and Asterisk's HTTP server, counted. */
export interface SwitchTraffic {
  /** Asterisk's ARI URL by this way. */
  readonly url: string;
  /** Requests and events so far. Not counted: the request that opens the stream of events. */
  readonly counted: Readonly<{ requests: number; events: number }>;
  close(): Promise<void>;
}

export async function openSwitchTraffic(ariUrl: string): Promise<SwitchTraffic> {
  const target = new URL(ariUrl);
  const counted = { requests: 0, events: 0 };
  const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) }, passage => {
    let isStream = false;
    const reader = new FrameReader();
    passage.fromClient = data => {
      const text = data.toString('latin1');
      isStream ||= text.startsWith('GET /ari/events');
      counted.requests += text.match(/^(?:GET|POST|PUT|DELETE) \/ari\/(?!events)/gm)?.length ?? 0;
      passage.server.write(data);
    };
    passage.fromServer = data => {
      if (isStream) counted.events += reader.read(data).filter(frame => (frame[0]! & 0x8f) === 0x81).length;
      passage.client.write(data);
    };
  });
  target.port = String(proxy.port);
  return { url: target.toString().replace(/\/$/, ''), counted, close: () => proxy.cut() };
}
