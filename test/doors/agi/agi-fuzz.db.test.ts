/** 100,000 random and mutated messages, from one seed: none may end the door, move money or keep another channel waiting. */
import { addAccount, addDeck, differencesIn } from '../../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../../database/test-database';
import { Wire } from '../door-fixture';
import { anyOf, booksOf, mutated, type Random, randomBytes, randomOf } from '../fuzz';
import { Channel, environment, openDoor, type TestDoor } from './agi-fixture';

const MESSAGES = 100_000;
const CONNECTIONS = 12;
const SEED = 0xa91;

let channels = 0;

/**
 * Whole, none of these moves money: calls of victim's are asked for and never answered, and what is said to be over was never let
 * through. So whatever moves money is a message that was misread.
 */
const WHOLE = [
  () => environment('authorize', { agi_accountcode: 'victim', agi_uniqueid: `ast1-1.${++channels % 500}` }),
  () =>
    environment('authorize', {
      agi_accountcode: 'nobody',
      agi_uniqueid: `ast1-2.${++channels % 500}`,
      agi_arg_1: 'victim',
      agi_arg_2: '33123',
    }),
  () => environment('settle', { agi_uniqueid: `ast1-9.${++channels}` }),
  () => environment('nonsense', { agi_uniqueid: 'ast1-9.8' }),
  () => environment('card', { agi_uniqueid: `ast1-3.${++channels}`, agi_callerid: String(channels % 50) }),
];
const PIECES = [
  '\n',
  '\r\n',
  '\n\n',
  'HANGUP\n',
  '200 result=1\n',
  '200 result=1 (1795732306.120|BUSY|17||60|Up||no)\n',
  '200 result=-1 endpos=0\n',
  '200 result= (timeout)\n',
  '510 Invalid or unknown command\n',
  '511 Command Not Permitted on a dead channel\n',
  '520-Invalid command syntax.\n',
  '520 End of proper usage.\n',
  'agi_arg_1: victim\n',
  'agi_accountcode: victim\n',
  'agi_threadid: 1\n',
  'agi_',
  ': ',
  '(',
  ')',
  '\0',
  '\u{1F4DE}',
  '9'.repeat(40),
  'x'.repeat(5_000),
];

const fuzzed = (whole: string, random: Random): Buffer => {
  const kind = random(4);
  if (kind === 0) return randomBytes(300, random);
  if (kind === 1) return Buffer.from(Array.from({ length: random(20) }, () => anyOf(PIECES, random)).join(''));
  return mutated(Buffer.from(whole), PIECES, random);
};

/** What Asterisk answers, whole: so that a conversation goes on for a while. */
function wholeAnswer(command: string, random: Random): string {
  if (command.startsWith('SET')) return '200 result=1\n';
  const asked = /"(.*)"/.exec(command)?.[1] ?? '';
  if (!asked.includes('|')) return `200 result=1 (${asked})\n`;
  const words = ['1795732306.120', anyOf(['', 'BUSY'], random), '17', '', '60', 'Ring', '', 'no'];
  return `200 result=1 (${words.join('|')})\n`;
}

describe('what is no AGI', () => {
  let db: TestDatabase;
  let agi: TestDoor;

  beforeAll(async () => {
    db = await createTestDatabase('MariaDB');
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'victim', '5');
    await addAccount(db, 'bystander', '100000');
    agi = await openDoor(db, {
      settings: { capSeconds: 60 },
      pinKeys: ['a-secret-of-thirty-two-characters-0'],
      pace: { sweepMs: 2_000, lookAtMs: [0], earlierLookAtMs: [0] },
    });
  });
  afterAll(async () => {
    await agi.close();
    await db.drop();
  });

  test('100,000 messages move no money, and another channel is answered all the while', async () => {
    const before = await booksOf(db);
    const random = randomOf(SEED);
    let [left, sessions, endings] = [MESSAGES, 0, 0];
    /** A conversation until somebody breaks it off; most break at once. */
    const converse = async (wire: Wire) => {
      sessions++;
      const whole = anyOf(WHOLE, random)();
      left--;
      wire.send(random(4) === 0 ? fuzzed(whole, random) : whole);
      for (let command = ''; left > 0; ) {
        // Some say nothing more, and hear the end of it.
        if (random(40) === 0) wire.close();
        command = await wire.upTo('\n');
        if (!command.endsWith('\n')) break;
        left--;
        wire.send(random(16) === 0 ? fuzzed(wholeAnswer(command, random), random) : wholeAnswer(command, random));
      }
      // Closed in the ordinary way, ten thousands of them would use up the ports of this machine.
      wire.socket.resetAndDestroy();
      endings++;
    };
    const throwAt = async () => {
      while (left > 0) {
        const wire = await Wire.open(agi.port);
        const isLong = new Promise<void>(resolve => setTimeout(resolve, 15));
        await Promise.race([converse(wire), isLong]);
        // What was not a whole message is waited for: some leave that to the door.
        if (random(20) > 0) wire.socket.resetAndDestroy();
      }
    };
    let [isOver, asked, slowestMs] = [false, 0, 0];
    const bystander = (async () => {
      while (!isOver) {
        const startedAt = performance.now();
        const caller = new Channel(agi.port, { agi_accountcode: 'bystander' });
        expect(await caller.agi('authorize')).toMatchObject({ REFUSAL: '', SECONDS: '60' });
        caller.dialled('BUSY');
        await caller.agi('settle');
        asked++;
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    })();
    await Promise.all(Array.from({ length: CONNECTIONS }, throwAt));
    isOver = true;
    await bystander;
    expect(sessions).toBeGreaterThan(5_000);
    // Some are left open, for the door to end.
    expect(endings).toBeGreaterThan(sessions / 2);
    expect(asked).toBeGreaterThan(20);
    expect(slowestMs).toBeLessThan(3_000);

    expect(await booksOf(db)).toEqual(before);
    expect(await differencesIn(db.url)).toEqual([]);
    expect(await new Channel(agi.port, { agi_accountcode: 'bystander' }).agi('authorize')).toMatchObject({
      REFUSAL: '',
    });
    expect(agi.lines.filter(({ event }) => event === 'door_failed')).toEqual([]);
    const { refusals } = agi.door.figures;
    expect(refusals.message_invalid).toBeGreaterThan(1_000);
    expect(agi.lines.filter(({ event }) => event === 'door_refused').length).toBeLessThan(3_000);
  }, 300_000);
});
