import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/**
 * The mouth and ear of one party whose SIP is SIPp's, which itself sends no media: it speaks one byte over and over, by which the
 * other side knows it, and keeps what it hears.
 */
export class RtpParty {
  readonly heard: Heard[] = [];
  #speaking: NodeJS.Timeout | null = null;

  private constructor(
    readonly address: string,
    readonly port: number,
    private readonly socket: Socket,
  ) {
    socket.on('message', packet => {
      if ((packet[1]! & 0x7f) !== PCMU) return;
      this.heard.push({ atMs: performance.now(), payload: packet.subarray(HEADER_BYTES) });
    });
    // Asterisk closes its side first.
    socket.on('error', () => {});
  }

  static async open(address: string): Promise<RtpParty> {
    const port = await findFreePort(address);
    const socket = createSocket('udp4');
    await new Promise<void>(done => socket.bind(port, address, done));
    return new RtpParty(address, port, socket);
  }

  /** A scenario of lab/sipp whose SDP names this party as the end of the media; its path. */
  scenario(name: string): string {
    const path = join(mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER ?? tmpdir(), 'rtp-')), `${name}.xml`);
    const text = readFileSync(scenarioPath(name), 'utf8');
    writeFileSync(path, text.replaceAll('[media_port]', String(this.port)).replaceAll('[media_ip]', this.address));
    return path;
  }

  /** Speaks `voice`, a byte of µ-law, to `host:port` until it is told otherwise. */
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

  /** How many packets held `voice` and nothing else, and how many anything else, between two instants of performance.now(). */
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
