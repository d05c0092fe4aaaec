import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { eventually } from '../eventually';

/** A SIP user agent of a few lines, for what SIPp cannot do. It does nothing by itself, so a test can leave out or forge any message. */
export class SipPeer {
  private readonly dialogs = new Map<string, SipDialog>();
  private readonly called: SipDialog[] = [];

  private constructor(
    private readonly socket: Socket,
    /** `127.0.0.5:41234` */
    readonly address: string,
  ) {
    socket.on('message', (bytes, { address, port }) => this.take(String(bytes), `${address}:${port}`));
  }

  static async open(host: string): Promise<SipPeer> {
    const socket = createSocket('udp4');
    await new Promise<void>(resolve => socket.bind(0, host, resolve));
    return new SipPeer(socket, `${host}:${socket.address().port}`);
  }

  close(): void {
    this.socket.close();
  }

  /** Calls; `headers` are whole lines that are sent as well. */
  invite(sip: string, to: string, user: string, headers: string[] = []): SipDialog {
    const callId = `${randomBytes(8).toString('hex')}@peer`;
    const from = `<sip:${user}@${this.address}>;tag=${randomBytes(4).toString('hex')}`;
    const dialog = new SipDialog(
      { callId, local: from, remote: `<sip:${to}@${sip}>`, target: `sip:${to}@${sip}` },
      text => this.send(text, sip),
    );
    this.dialogs.set(callId, dialog);
    dialog.request('INVITE', {
      headers: [`Contact: <sip:${user}@${this.address}>`, ...headers],
      body: sdp(this.address),
    });
    return dialog;
  }

  /** The next call that comes in. */
  incoming(): Promise<SipDialog> {
    return eventually(async () => this.called.shift() ?? null, 'an INVITE');
  }

  private send(text: string, to: string): void {
    const [host, port] = to.split(':');
    this.socket.send(text.replace('VIA', this.address), Number(port), host);
  }

  private take(text: string, from: string): void {
    const callId = headerOf(text, 'Call-ID');
    const known = this.dialogs.get(callId);
    known?.take(text);
    if (known || !text.startsWith('INVITE ')) return;
    const local = `${headerOf(text, 'To')};tag=${randomBytes(4).toString('hex')}`;
    const target = /<(.+?)>/.exec(headerOf(text, 'Contact'))?.[1] ?? '';
    const dialog = new SipDialog({ callId, local, remote: headerOf(text, 'From'), target }, reply =>
      this.send(reply, from),
    );
    this.dialogs.set(callId, dialog);
    dialog.take(text);
    this.called.push(dialog);
  }
}

interface Ends {
  callId: string;
  /** This side's From or To, with its tag. */
  local: string;
  remote: string;
  target: string;
}

export interface SipMessage {
  text: string;
  /** `INVITE sip:…` or `SIP/2.0 200 OK`. */
  first: string;
  /** `200 INVITE`, `BYE`. */
  kind: string;
  at: number;
}

/** One dialog of a peer. */
export class SipDialog {
  readonly received: SipMessage[] = [];
  private sequence = 0;
  private branch = '';

  constructor(
    private ends: Ends,
    private readonly send: (text: string) => void,
  ) {}

  /** The dialog's name for a Replaces header to the other side's switch. */
  get replaces(): string {
    return `${this.ends.callId};to-tag=${tagOf(this.ends.remote)};from-tag=${tagOf(this.ends.local)}`;
  }

  take(text: string): void {
    const first = text.slice(0, text.indexOf('\r\n'));
    const method = headerOf(text, 'CSeq').split(' ')[1] ?? '';
    const kind = first.startsWith('SIP/2.0') ? `${first.split(' ')[1]} ${method}` : method;
    this.received.push({ text, first, kind, at: Date.now() });
    if (!/^[23456]\d\d INVITE/.test(kind)) return;
    // An answer to a request that was answered before is acknowledged anew.
    this.ends = {
      ...this.ends,
      remote: headerOf(text, 'To'),
      target: /<(.+?)>/.exec(headerOf(text, 'Contact'))?.[1] ?? this.ends.target,
    };
    this.request('ACK', { sequence: Number.parseInt(headerOf(text, 'CSeq'), 10), sameBranch: !kind.startsWith('2') });
  }

  request(
    method: string,
    more: { headers?: string[]; body?: string; sequence?: number; sameBranch?: boolean } = {},
  ): void {
    const { headers = [], body = '', sequence = ++this.sequence, sameBranch = false } = more;
    const { callId, local, remote, target } = this.ends;
    if (!sameBranch && method !== 'ACK') this.branch = `z9hG4bK${randomBytes(6).toString('hex')}`;
    const branch = method === 'ACK' && !sameBranch ? `z9hG4bK${randomBytes(6).toString('hex')}` : this.branch;
    this.send(
      [
        `${method} ${target} SIP/2.0`,
        `Via: SIP/2.0/UDP VIA;branch=${branch}`,
        `From: ${local}`,
        `To: ${remote}`,
        `Call-ID: ${callId}`,
        `CSeq: ${sequence} ${method}`,
        'Max-Forwards: 70',
        ...headers,
        ...bodyLines(body),
      ].join('\r\n'),
    );
  }

  /** Answers the last request of that method. */
  respond(status: string, method: string, more: { headers?: string[]; body?: string } = {}): void {
    const request = this.received.findLast(({ kind }) => kind === method)?.text ?? '';
    const copied = request.split('\r\n').filter(line => /^(Via|From|Call-ID|CSeq):/i.test(line));
    const lines = [`SIP/2.0 ${status}`, ...copied, `To: ${this.ends.local}`, ...(more.headers ?? [])];
    this.send([...lines, ...bodyLines(more.body ?? '')].join('\r\n'));
  }

  /** Resolves with the first message of that kind (`200 INVITE`, `BYE`), even if it has come already. */
  next(kind: RegExp, withinMs = 10_000): Promise<SipMessage> {
    return eventually(
      async () => this.received.find(message => kind.test(message.kind)) ?? null,
      String(kind),
      withinMs,
    );
  }
}

export const sdp = (address: string, port = 30_000): string => {
  const host = address.split(':')[0];
  return `v=0\r\no=x 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;
};

const bodyLines = (body: string): string[] => [
  ...(body === '' ? [] : ['Content-Type: application/sdp']),
  `Content-Length: ${Buffer.byteLength(body)}`,
  '',
  body,
];

const headerOf = (text: string, name: string): string =>
  new RegExp(`^${name} *: *(.*?)\\r?$`, 'im').exec(text)?.[1] ?? '';

const tagOf = (end: string): string => /;tag=([^;>\s]+)/.exec(end)?.[1] ?? '';
