/** 100,000 random and mutated messages, from one seed: none may end the door, move money or keep another connection waiting. */
import { connect, type Socket } from 'node:net';
import { addAccount } from '../../credit/ledger-fixture';
import { anyOf, booksOf, mutated, type Random, randomBytes, randomOf } from '../fuzz';
import { type ControlService, init, startControlService, told } from './control-fixture';

const MESSAGES = 100_000;
const CONNECTIONS = 12;
const SEED = 0xcc5;

/**
 * Whole, each of these moves nothing: a call of victim's is asked for and not answered, another that was never let through is answered and
 * stopped, and all else is of an account that there is not. So whatever moves money is a message that was misread.
 */
const WHOLE = [
  init('asked-asked-asked', 'victim', '0049301234'),
  init('asked-asked-asked', 'victim', '0049301234', ['prepaid: true', 'call_limit: 1', 'call_token: None']),
  init('other', 'nobody', '0049301234', ['prepaid: unknown']),
  told('start', 'TAKEN.TAKEN.TAKEN'),
  told('stop', 'TAKEN.TAKEN.TAKEN'),
  told('terminate', 'TAKEN.TAKEN.TAKEN'),
  'debug\r\nshow: sessions\r\nuser: victim\r\n\r\n',
  'debug\r\nshow: session\r\ncallid: TAKEN.TAKEN.TAKEN\r\n\r\n',
];
const PIECES = [
  ...[
    'init',
    'start',
    'stop',
    'terminate',
    'debug',
    'callid: ',
    'ruri: ',
    'from: ',
    'diverter: ',
    'prepaid: ',
    'show: ',
  ],
  ...['sip:', 'sips:', 'tel:', '@', ';', '<', '>', '"', '\\', ':', ' ', '\t', '\r\n', '\r\n\r\n', '\n', '\0', '%00'],
  ...['\u{1F4DE}', '99999999999999999999', '-1', 'false', 'None', 'victim', 'proxy:main:', '112', 'x'.repeat(9_000)],
];

function fuzz(random: Random): Buffer {
  const kind = random(10);
  if (kind === 0) return randomBytes(600, random);
  if (kind === 1) return Buffer.from(Array.from({ length: random(40) }, () => anyOf(PIECES, random)).join(''));
  return mutated(Buffer.from(anyOf(WHOLE, random)), PIECES, random);
}

const WORD = Buffer.from('x');
const isEmpty = (message: Buffer): boolean => message.every(byte => byte === 0x0d || byte === 0x0a);

/** A worker of a proxy: it keeps its connection, reads what comes at once, and opens another when it finds it closed. */
class Worker {
  private socket: Socket | null = null;

  constructor(private readonly path: string) {}

  /** The answer; '' when the connection was closed without one. */
  async ask(message: string | Buffer): Promise<string> {
    const socket = this.socket ?? this.connected();
    return new Promise(resolve => {
      const done = (answer: string) => {
        socket.off('data', onData);
        socket.off('close', onClose);
        resolve(answer);
      };
      const onData = (bytes: Buffer) => done(bytes.toString('latin1'));
      const onClose = () => done('');
      socket.once('data', onData);
      socket.once('close', onClose);
      socket.write(message);
    });
  }

  close(): void {
    this.socket?.destroy();
  }

  private connected(): Socket {
    const socket = connect({ path: this.path });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.socket === socket) this.socket = null;
    });
    this.socket = socket;
    return socket;
  }
}

describe('what is no message of call_control', () => {
  let control: ControlService;

  beforeAll(async () => {
    control = await startControlService('MariaDB');
    await addAccount(control.test, 'victim@example.com', '5');
    await addAccount(control.test, 'bystander@example.com', '100000');
  });
  afterAll(() => control?.stop());

  test('100,000 of them move no money, and another connection is answered all the while', async () => {
    const before = await booksOf(control.test);
    const random = randomOf(SEED);
    let left = MESSAGES;
    let [answered, closed] = [0, 0];
    const throwAt = async () => {
      const worker = new Worker(control.socket);
      while (left-- > 0) {
        // What has no end of its own gets one, and what is empty is not sent: it has no answer.
        const message = fuzz(random);
        const answer = await worker.ask(Buffer.concat([isEmpty(message) ? WORD : message, Buffer.from('\r\n\r\n')]));
        if (answer === '') closed++;
        else answered++;
      }
      worker.close();
    };
    let [isOver, asked, late, slowestMs] = [false, 0, 0, 0];
    const bystander = (async () => {
      const worker = new Worker(control.socket);
      while (!isOver) {
        const startedAt = performance.now();
        const answer = await worker.ask(init(`by-${++asked}`, 'bystander', '0049301234'));
        // A machine that is busy with other tests may not decide in time.
        if (answer === 'Error\r\n') late++;
        else {
          expect(answer).toBe('Limited\r\n');
          expect(await worker.ask(told('stop', `by-${asked}`))).toBe('Ok\r\n');
        }
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        await new Promise(resolve => setTimeout(resolve, 20));
      }
      worker.close();
    })();
    await Promise.all(Array.from({ length: CONNECTIONS }, throwAt));
    isOver = true;
    await bystander;
    expect(answered + closed).toBe(MESSAGES);
    expect(answered).toBeGreaterThan(MESSAGES / 4);
    expect(asked).toBeGreaterThan(20);
    expect(late).toBeLessThan(asked / 10);
    expect(slowestMs).toBeLessThan(2_000);

    expect(await booksOf(control.test)).toEqual(before);
    expect(control.lines.filter(({ event }) => event === 'door_failed')).toEqual([]);
    // At most one line a second for each reason, however much is refused.
    expect(control.lines.filter(({ event }) => event === 'door_refused').length).toBeLessThan(3_000);
  }, 300_000);
});
