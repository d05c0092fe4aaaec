import { openTcpProxy, type Passage, type TcpProxy } from './tcp-proxy';

/** The wire between a service and Asterisk's HTTP server: it carries requests and the event stream, and can break them. */
export interface SwitchWire extends Pick<TcpProxy, 'cut' | 'restore' | 'freeze' | 'thaw'> {
  /** Asterisk's ARI URL through this wire. */
  url: string;
  /** Cuts the event streams and refuses new ones, until `mendEvents`; requests still pass. Returns how many were open. */
  cutEvents(): number;
  mendEvents(): void;
  /**
   * From now on every event is delayed by up to `withinMs`, each by its own time, so that neighbours change places; one in `everyNth` comes
   * twice. Until `order`. `random` returns numbers from 0 to 1.
   */
  disorder(options: { withinMs: number; everyNth: number; random: () => number }): void;
  order(): void;
  /** Events that came twice, and events that came before an earlier one, so far. */
  readonly disordered: { duplicated: number; overtaken: number };
  close(): Promise<void>;
}

const EVENT_STREAM = /^GET \/ari\/events\b/;

export async function openSwitchWire(ariUrl: string): Promise<SwitchWire> {
  const target = new URL(ariUrl);
  const streams = new Set<Passage>();
  let eventsAreCut = false;
  let disorder: Parameters<SwitchWire['disorder']>[0] | null = null;
  const disordered = { duplicated: 0, overtaken: 0 };

  const asEventStream = (passage: Passage): void => {
    streams.add(passage);
    passage.client.on('close', () => streams.delete(passage));
    const reader = new FrameReader();
    let sent = 0;
    let latest = 0;
    passage.fromServer = data => {
      for (const frame of reader.read(data)) {
        if (!disorder || !isText(frame)) {
          passage.client.write(frame);
          continue;
        }
        const { withinMs, everyNth, random } = disorder;
        const number = ++sent;
        const send = () => {
          if (passage.client.destroyed) return;
          if (number < latest) disordered.overtaken++;
          latest = Math.max(latest, number);
          passage.client.write(frame);
        };
        setTimeout(send, random() * withinMs);
        if (random() * everyNth >= 1) continue;
        disordered.duplicated++;
        setTimeout(send, random() * withinMs);
      }
    };
  };

  const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) }, passage => {
    passage.fromClient = data => {
      passage.fromClient = more => passage.server.write(more);
      if (EVENT_STREAM.test(data.toString('latin1', 0, 40))) {
        if (eventsAreCut) {
          passage.client.destroy();
          return;
        }
        asEventStream(passage);
      }
      passage.server.write(data);
    };
  });

  const url = new URL(ariUrl);
  url.port = String(proxy.port);
  return {
    // Without the slash that URL adds, as people write it.
    url: url.toString().replace(/\/$/, ''),
    cut: proxy.cut,
    restore: proxy.restore,
    freeze: proxy.freeze,
    thaw: proxy.thaw,
    cutEvents() {
      eventsAreCut = true;
      const up = streams.size;
      for (const { client } of streams) client.destroy();
      return up;
    },
    mendEvents() {
      eventsAreCut = false;
    },
    disorder(options) {
      disorder = options;
    },
    order() {
      disorder = null;
    },
    disordered,
    close: proxy.cut,
  };
}

const isText = (frame: Buffer): boolean => (frame[0]! & 0x8f) === 0x81;

/**
 * Cuts what a WebSocket server sends into whole frames; the HTTP answer before them counts as one. Asterisk does not compress, and a
 * server's frames are not masked (RFC 6455, 5.2).
 */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);
  private inHead = true;

  read(data: Buffer): Buffer[] {
    this.rest = this.rest.length === 0 ? data : Buffer.concat([this.rest, data]);
    const whole: Buffer[] = [];
    for (;;) {
      const length = this.inHead ? this.headLength() : this.frameLength();
      if (length === null || this.rest.length < length) return whole;
      whole.push(this.rest.subarray(0, length));
      this.rest = this.rest.subarray(length);
      this.inHead = false;
    }
  }

  private headLength(): number | null {
    const end = this.rest.indexOf('\r\n\r\n');
    return end < 0 ? null : end + 4;
  }

  private frameLength(): number | null {
    if (this.rest.length < 2) return null;
    const short = this.rest[1]! & 0x7f;
    if (short < 126) return 2 + short;
    if (short === 126) return this.rest.length < 4 ? null : 4 + this.rest.readUInt16BE(2);
    return this.rest.length < 10 ? null : 10 + Number(this.rest.readBigUInt64BE(2));
  }
}
