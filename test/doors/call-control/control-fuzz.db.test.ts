/** 100,000 random and mutated messages, from one seed: none may end the door, move money or keep another connection waiting. */
import { connect, type Socket } from 'node:net';
import { addAccount } from '../../credit/ledger-fixture';
import {
  anyOf,
  booksOf,
  bystander,
  CONNECTIONS,
  expectBorne,
  expectServed,
  MESSAGES,
  mutated,
  type Random,
  randomBytes,
  randomOf,
} from '../fuzz';
import { type ControlService, init, startControlService, told } from './control-fixture';

const SEED = 0xcc5;

/**
 * Whole, each of these moves nothing: a call of victim's is requested and not answered, another that was never let through is answered and
 * stopped, and all else is of an account that does not exist. So a message that moves money was misread.
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

const END = Buffer.from('\r\n\r\n');

/** With an end, and not with two, as what comes behind one is another message; what is empty has no answer. */
function ended(message: Buffer): Buffer {
  if (message.every(byte => byte === 0x0d || byte === 0x0a)) return Buffer.concat([Buffer.from('x'), END]);
  return message.subarray(-END.length).equals(END) ? message : Buffer.concat([message, END]);
}

/** What the module may hear, and who asks what there is, which is `shown`: the least and the most of all answers that it may be. */
const EXPECTED: Record<string, [least: number, most: number]> = {
  closed: [0.1, 0.3],
  Error: [0.5, 0.8],
  'Not found': [0.02, 0.1],
  shown: [0.02, 0.1],
  'Duplicated callid': [0.01, 0.1],
  'Call limit reached': [0.005, 0.1],
  'No credit': [0.005, 0.1],
  Limited: [0, 0.001],
  'No limit': [0, 0.001],
  Locked: [0, 0.001],
  Ok: [0, 0.001],
};
const REASONS = [
  'call_id_reused',
  'caller_invalid',
  'account_not_found',
  'call_limit',
  'call_id_invalid',
  'insufficient_balance',
];

const SHOWN = [
  /^(?:Call id [^\n]* of [^\n]* to [^\n]*: pending\r\n)*\r\n$/,
  /^Call id [^\n]* does not exist\r\n\r\n$/,
  /^(?:(?:callid|user|ruri|prepaid|starttime|timelimit): [^\n]*\r\n){6}\r\n$/,
];
/** Which of those an answer is; itself for none. */
function kindOf(answer: string): string {
  if (answer === '') return 'closed';
  if (SHOWN.some(form => form.test(answer))) return 'shown';
  return answer.endsWith('\r\n') ? answer.slice(0, -2) : answer;
}

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
    const answers: Record<string, number> = {};
    const throwAt = async () => {
      const worker = new Worker(control.socket);
      while (left-- > 0) {
        const kind = kindOf(await worker.ask(ended(fuzz(random))));
        answers[kind] = (answers[kind] ?? 0) + 1;
      }
      worker.close();
    };
    const other = new Worker(control.socket);
    const thrown = Promise.all(Array.from({ length: CONNECTIONS }, throwAt));
    const served = await bystander(thrown, async time => {
      const question = init(`by-${time}`, 'bystander', '0049301234');
      // Closed before it was read, because the worker sent nothing at once on this busy thread: a worker asks again. If it was read, this
      // would be a second request.
      const answer = (await other.ask(question)) || (await other.ask(question));
      if (answer === 'Error\r\n') return 'late';
      expect(answer).toBe('Limited\r\n');
      expect(await other.ask(told('stop', `by-${time}`))).toBe('Ok\r\n');
      return 'served';
    });
    other.close();
    const refused = Object.fromEntries(
      control.lines.filter(({ event }) => event === 'door_refused').map(({ reason, total }) => [reason, total]),
    );
    // Nothing else, each about as often as its messages were sent: a door that closes everything, or answers all alike, fails here.
    expect(Object.keys(answers).filter(kind => !Object.hasOwn(EXPECTED, kind))).toEqual([]);
    const within = Object.entries(EXPECTED).map(([kind, [least, most]]) => {
      const share = (answers[kind] ?? 0) / MESSAGES;
      return [kind, share >= least && share <= most ? 'as expected' : share];
    });
    expect(within).toEqual(Object.keys(EXPECTED).map(kind => [kind, 'as expected']));
    // Those that were closed by their reasons, but for those of the last second, and all others.
    expect(refused.messages_overlap + refused.message_too_long).toBeGreaterThan((answers.closed ?? 0) / 2);
    expect(refused.message_invalid).toBeGreaterThan(MESSAGES / 3);
    for (const reason of REASONS) expect([reason, refused[reason] > 50]).toEqual([reason, true]);
    expectServed(served);

    expect(await booksOf(control.test)).toEqual(before);
    expectBorne(control.lines);
  }, 1_800_000);
});
