import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** How long it waits for a final response. Ms. */
const ANSWER_WITHIN_MS = 8_000;

export interface SipRequest {
  method: 'INVITE' | 'REGISTER' | 'OPTIONS' | 'SUBSCRIBE' | 'MESSAGE' | 'REFER' | 'PUBLISH' | 'NOTIFY';
  /** The user of the From header, and of Contact unless `contact` is given. */
  fromUser: string;
  /** The callee: the user of the URI. */
  to?: string;
  /** `sip:…`, instead of the agent's own address. */
  contact?: string;
  /** More header lines, as they are sent. */
  headers?: string[];
  /** Answers a challenge. */
  password?: string;
  /** Offers media by SRTP, and nothing else. */
  srtp?: boolean;
}

export interface SipResponse {
  status: number;
  /** The whole text. */
  text: string;
}

export type SipTransport = 'UDP' | 'TCP' | 'TLS';

type Wire = { send(text: string): void; close(): void; host: string };

/**
 * A SIP user agent that a test controls: SIPp's scenarios can neither take a header from the test nor answer a challenge by a name of their
 * own.
 */
export class SipAgent {
  readonly #waiting = new Map<string, (response: SipResponse) => void>();

  private constructor(
    private readonly wire: Wire,
    private readonly sip: string,
    private readonly transport: SipTransport,
  ) {}

  /** An agent at `from` that talks to `sip` (`127.0.0.1:5060`). */
  static async open(options: { sip: string; from: string; transport: SipTransport }): Promise<SipAgent> {
    const [host, port] = options.sip.split(':') as [string, string];
    let agent: SipAgent | null = null;
    const take = (text: string): void => agent?.take(text);
    const wire =
      options.transport === 'UDP'
        ? await udpWire(host, Number(port), options.from, take)
        : await streamWire(host, Number(port), options, take);
    agent = new SipAgent(wire, options.sip, options.transport);
    return agent;
  }

  /**
   * The final response; after a challenge, if there is a password, the response to the answered challenge. An accepted INVITE is hung up
   * again.
   */
  async ask(request: SipRequest): Promise<SipResponse> {
    const id = `${randomUUID()}@${this.wire.host}`;
    const tag = randomUUID();
    const first = await this.send(request, id, tag, 1, request.headers ?? []);
    if (first.status !== 401 || request.password === undefined) return first;
    const authorization = digestOf(first.text, request, this.uriOf(request));
    return this.send(request, id, tag, 2, [...(request.headers ?? []), authorization]);
  }

  close(): void {
    this.wire.close();
  }

  private uriOf({ method, to }: SipRequest): string {
    return method === 'REGISTER' || to === undefined ? `sip:${this.sip}` : `sip:${to}@${this.sip}`;
  }

  private async send(request: SipRequest, id: string, tag: string, cseq: number, more: string[]): Promise<SipResponse> {
    const { method, fromUser } = request;
    let branch = newBranch();
    const from = `<sip:${fromUser}@${this.wire.host}>;tag=${tag}`;
    const isRegister = method === 'REGISTER';
    const body = method === 'INVITE' ? offer(this.wire.host, request.srtp === true) : '';
    const lines = (verb: string, count: number, to: string, extra: string[], text: string): string =>
      [
        `${verb} ${this.uriOf(request)} SIP/2.0`,
        `Via: SIP/2.0/${this.transport} ${this.wire.host};branch=${branch};rport`,
        `From: ${from}`,
        `To: ${to}`,
        `Call-ID: ${id}`,
        `CSeq: ${count} ${verb}`,
        'Max-Forwards: 70',
        ...extra,
        `Content-Length: ${Buffer.byteLength(text)}`,
        '',
        text,
      ].join('\r\n');
    const to = isRegister ? `<sip:${fromUser}@${this.sip}>` : `<${this.uriOf(request)}>`;
    const contact = `Contact: <${request.contact ?? `sip:${fromUser}@${this.wire.host}`}>`;
    const text = lines(
      method,
      cseq,
      to,
      [contact, ...(isRegister ? ['Expires: 60'] : []), ...(body ? ['Content-Type: application/sdp'] : []), ...more],
      body,
    );
    const response = await this.answerTo(`${id} ${cseq} ${method}`, text);
    if (method === 'INVITE') {
      const answeredTo = headerOf(response.text, 'To');
      // The ACK of a refusal belongs to the INVITE; the ACK of a 200 is a transaction of its own.
      if (response.status < 300) branch = newBranch();
      this.wire.send(lines('ACK', cseq, answeredTo, [], ''));
      branch = newBranch();
      if (response.status < 300)
        await this.answerTo(`${id} ${cseq + 1} BYE`, lines('BYE', cseq + 1, answeredTo, [], ''));
    }
    return response;
  }

  private async answerTo(key: string, text: string): Promise<SipResponse> {
    let again: NodeJS.Timeout | undefined;
    let late: NodeJS.Timeout | undefined;
    try {
      return await new Promise<SipResponse>((resolve, reject) => {
        this.#waiting.set(key, resolve);
        this.wire.send(text);
        if (this.transport === 'UDP') again = setInterval(() => this.wire.send(text), 1_000);
        late = setTimeout(() => reject(new Error(`no final response to ${text.split('\r\n')[0]}`)), ANSWER_WITHIN_MS);
      });
    } finally {
      clearInterval(again);
      clearTimeout(late);
      this.#waiting.delete(key);
    }
  }

  private take(text: string): void {
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0);
    if (status < 200) return;
    this.#waiting.get(`${headerOf(text, 'Call-ID')} ${headerOf(text, 'CSeq')}`)?.({ status, text });
  }
}

const newBranch = (): string => `z9hG4bK${randomUUID()}`;

/** The value of a header; empty if it is missing. */
export function headerOf(text: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(text)?.[1]?.trim() ?? '';
}

const offer = (wireHost: string, isSecret: boolean): string => {
  const [host] = wireHost.split(':');
  const key = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${randomBytes(30).toString('base64')}\r\n`;
  const media = `m=audio 40000 RTP/${isSecret ? 'S' : ''}AVP 0\r\n${isSecret ? key : ''}a=rtpmap:0 PCMU/8000\r\n`;
  return `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\n${media}`;
};

function digestOf(challenge: string, { method, fromUser, password }: SipRequest, uri: string): string {
  const value = headerOf(challenge, 'WWW-Authenticate');
  const word = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`, 'i').exec(value)?.[1] ?? '';
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const [realm, nonce, opaque] = [word('realm'), word('nonce'), word('opaque')];
  const [nc, cnonce] = ['00000001', 'c0ffee'];
  const secret = md5(`${fromUser}:${realm}:${password}`);
  const response = md5([secret, nonce, nc, cnonce, 'auth', md5(`${method}:${uri}`)].join(':'));
  return (
    `Authorization: Digest username="${fromUser}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", ` +
    `algorithm=MD5, qop=auth, nc=${nc}, cnonce="${cnonce}", opaque="${opaque}"`
  );
}

async function udpWire(host: string, port: number, from: string, take: (text: string) => void): Promise<Wire> {
  const socket: UdpSocket = createSocket('udp4');
  await new Promise<void>(done => socket.bind(0, from, done));
  socket.on('message', data => take(data.toString()));
  return {
    host: `${from}:${socket.address().port}`,
    send: text => socket.send(text, port, host),
    close: () => socket.close(),
  };
}

async function streamWire(
  host: string,
  port: number,
  { from, transport }: { from: string; transport: SipTransport },
  take: (text: string) => void,
): Promise<Wire> {
  const plain = connect({ host, port, localAddress: from });
  await new Promise<void>((done, failed) => plain.once('connect', done).once('error', failed));
  // The certificate is one that its own key has signed.
  const socket: Socket = transport === 'TLS' ? connectTls({ socket: plain, rejectUnauthorized: false }) : plain;
  if (transport === 'TLS') {
    await new Promise<void>((done, failed) => socket.once('secureConnect', done).once('error', failed));
  }
  let left = '';
  socket.on('data', data => {
    left += data.toString();
    for (let end = left.indexOf('\r\n\r\n'); end >= 0; end = left.indexOf('\r\n\r\n')) {
      const whole = end + 4 + Number(headerOf(left.slice(0, end), 'Content-Length') || 0);
      if (left.length < whole) return;
      take(left.slice(0, whole));
      left = left.slice(whole);
    }
  });
  return { host: `${from}:${plain.localPort}`, send: text => socket.write(text), close: () => socket.destroy() };
}
