import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from './ports';
import { scenarioPath } from './sipp';

/** One packet as it arrived; the time is performance.now(). */
export interface Heard {
  atMs: number;
  payload: Buffer;
}

/** 20 ms of G.711. */
const SAMPLES = 160;
const PACKET_MS = 20;
const HEADER_BYTES = 12;
const PCMU = 0;
/** The media that `keys` scenarios offer for telephone-events (RFC 4733). */
const EVENTS = 101;
const KEYS = '0123456789*#ABCD';
/** The last packet of an event comes three times. */
const ENDS = 3;
const SILENCE = 0xff;
const MS_PER_SAMPLE = 8;

/**
 * The media of one party whose SIP is SIPp's, which itself sends none. It sends one byte over and over, by which the other side recognises
 * it, and keeps what it receives.
 */
export class RtpParty {
  readonly heard: Heard[] = [];
  /** The address from which it receives, and to which it sends keys. */
  #origin: { address: string; port: number } | null = null;
  #speaking: NodeJS.Timeout | null = null;
  #sequence = 0;
  #samples = 0;

  private constructor(
    readonly address: string,
    readonly port: number,
    private readonly socket: Socket,
  ) {
    socket.on('message', (packet, { address: from, port: at }) => {
      if ((packet[1]! & 0x7f) !== PCMU) return;
      this.#origin = { address: from, port: at };
      this.heard.push({ atMs: performance.now(), payload: packet.subarray(HEADER_BYTES) });
    });
    // Asterisk closes its side first.
    socket.on('error', () => {});
  }

  static async open(address: string): Promise<RtpParty> {
    const port = await findFreePort(address);
    const socket = createSocket('udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return new RtpParty(address, port, socket);
  }

  /** A scenario of lab/sipp whose SDP names this party as the end of the media; its path. */
  scenario(name: string): string {
    const path = join(mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER ?? tmpdir(), 'rtp-')), `${name}.xml`);
    const text = readFileSync(scenarioPath(name), 'utf8');
    writeFileSync(path, text.replaceAll('[media_port]', String(this.port)).replaceAll('[media_ip]', this.address));
    return path;
  }

  /** A scenario of lab/sipp as `scenario`, whose SDP offers telephone-events too. */
  keysScenario(name: string): string {
    const path = this.scenario(name);
    const events = `a=rtpmap:${EVENTS} telephone-event/8000\na=fmtp:${EVENTS} 0-15`;
    const text = readFileSync(path, 'utf8');
    const offered = text
      .replace(/(m=audio \d+ RTP\/AVP 0)\n/, `$1 ${EVENTS}\n`)
      .replace('a=rtpmap:0 PCMU/8000', `a=rtpmap:0 PCMU/8000\n${events}`);
    if (!offered.includes(`AVP 0 ${EVENTS}`)) throw new Error(`the scenario ${name} offers no audio`);
    writeFileSync(path, offered);
    return path;
  }

  /** Resolves when the first sound is heard. */
  async hears(): Promise<void> {
    while (this.#origin === null) await sleep(PACKET_MS);
  }

  /**
   * Presses keys like a telephone that dials a whole number: each for `onMs`, then silent for `offMs`, whatever it hears. Packets go out by
   * the clock: after a pause of this process those that are due go at once. Assumes `hears`.
   */
  async press(keys: string, { onMs = 100, offMs = 100 } = {}): Promise<void> {
    const begin = performance.now();
    let packets = 0;
    const send = (payload: Buffer, type: number, mark: boolean, samples: number) => {
      const { address, port } = this.#origin!;
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt16BE(0x8000 | (mark ? 0x80 : 0) | type, 0);
      header.writeUInt16BE(this.#sequence++ & 0xffff, 2);
      header.writeUInt32BE(samples >>> 0, 4);
      header.writeUInt32BE(this.port, 8);
      this.socket.send(Buffer.concat([header, payload]), port, address);
    };
    const tick = async () => {
      packets += 1;
      this.#samples += SAMPLES;
      await sleep(Math.max(0, begin + packets * PACKET_MS - performance.now()));
    };
    for (const key of keys) {
      const [beganAt, count] = [this.#samples, onMs / PACKET_MS];
      for (let packet = 1; packet <= count; packet++) {
        const isLast = packet === count;
        const event = Buffer.from([KEYS.indexOf(key), isLast ? 0x8a : 0x0a, 0, 0]);
        event.writeUInt16BE(packet * PACKET_MS * MS_PER_SAMPLE, 2);
        for (let copy = 0; copy < (isLast ? ENDS : 1); copy++) send(event, EVENTS, packet === 1, beganAt);
        await tick();
      }
      for (let packet = 0; packet < offMs / PACKET_MS; packet++) {
        send(Buffer.alloc(SAMPLES, SILENCE), PCMU, false, this.#samples);
        await tick();
      }
    }
  }

  /** Sends `voice`, a byte of µ-law, to `host:port` until it is stopped. */
  speak(voice: number, to: string): void {
    this.hush();
    const [host, port] = to.split(':') as [string, string];
    const packet = Buffer.alloc(HEADER_BYTES + SAMPLES, voice);
    packet.writeUInt16BE(0x8000 | PCMU, 0);
    packet.writeUInt32BE(voice * 0x01010101, 8);
    let sequence = 0;
    this.#speaking = setInterval(() => {
      packet.writeUInt16BE(sequence & 0xffff, 2);
      packet.writeUInt32BE((sequence * SAMPLES) >>> 0, 4);
      sequence += 1;
      this.socket.send(packet, Number(port), host);
    }, PACKET_MS);
  }

  hush(): void {
    if (this.#speaking !== null) clearInterval(this.#speaking);
    this.#speaking = null;
  }

  /** How many packets contained only `voice`, and how many anything else, between two instants of performance.now(). */
  count(voice: number, fromMs = 0, toMs = Number.POSITIVE_INFINITY): { voice: number; other: number } {
    const packets = this.heard.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    const voices = packets.filter(({ payload }) => payload.every(byte => byte === voice)).length;
    return { voice: voices, other: packets.length - voices };
  }

  close(): void {
    this.hush();
    this.socket.close();
  }
}
