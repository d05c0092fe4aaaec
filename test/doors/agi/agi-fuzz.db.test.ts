/** 100,000 random and mutated messages, from one seed: none may end the door, move money or keep another channel waiting. */
import { addAccount, addDeck, differencesIn } from '../../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../../database/test-database';
import { Wire } from '../door-fixture';
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
import { Channel, environment, openDoor, type TestDoor } from './agi-fixture';

/** A conversation that waits for more than was sent is abandoned by then. Ms. */
const STALLED_MS = 60;
const SEED = 0xa91;

let channels = 0;

/**
 * Whole, none of these moves money: calls of victim's are requested and never answered, and the ends are of calls that were never let
 * through. So a message that moves money was misread.
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
  () => environment('card', { agi_uniqueid: `ast1-3.${++channels}`, agi_callerid: String(channels % 50) }),
];
const PIECES = [
  '\n',
  '\r\n',
  '\n\n',
  'HANGUP\n',
  '200 result=1\n',
  '200 result=1 (1795732306.120|BUSY|17||60|Up||no|)\n',
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

const CODES = ['200', '200', '200', '510', '511', '520', '100', '999', '000'];
const WORDS = [
  '0',
  '-1',
  '',
  '12345678',
  '9'.repeat(30),
  'timeout',
  '|||||||',
  '1795732306.120|BUSY|17||60|Up||no|',
  ')',
  '(',
];

/** A line as replies are written, of words that none has, or of random bytes: most are read, and the session goes on. */
function oddReply(random: Random): Buffer {
  const word = () =>
    random(2) === 0 ? anyOf(WORDS, random) : randomBytes(40, random).toString('latin1').replaceAll('\n', ' ');
  const value = random(2) === 0 ? ` (${word()})` : '';
  const hangup = random(3) === 0 ? 'HANGUP\n' : '';
  return Buffer.from(`${hangup}${anyOf(CODES, random)} result=${word()}${value}\n`, 'latin1');
}

/** Most with the end that `whole` has, so that the test does not wait for it. */
const fuzzed = (whole: string, random: Random): Buffer => {
  const kind = random(8);
  const end = Buffer.from(/\n+$/.exec(whole)?.[0] ?? '');
  if (kind === 0) return Buffer.concat([randomBytes(300, random), end]);
  if (kind === 1)
    return Buffer.concat([...Array.from({ length: random(20) }, () => Buffer.from(anyOf(PIECES, random))), end]);
  const bytes = mutated(Buffer.from(whole), PIECES, random);
  return kind === 2 ? bytes : Buffer.concat([bytes, end]);
};

/** The first command of a session, whose answer cannot be known. */
const isChallenge = (command: string): boolean => /^GET FULL VARIABLE "[0-9a-f]{16}"/.test(command);

/** What Asterisk answers, whole: so that a conversation goes on for a while. */
function wholeAnswer(command: string, random: Random): string {
  if (command.startsWith('SET')) return '200 result=1\n';
  const asked = /"(.*)"/.exec(command)?.[1] ?? '';
  if (!asked.includes('|')) return `200 result=1 (${asked})\n`;
  const words = ['1795732306.120', anyOf(['', 'BUSY'], random), '17', '', '60', 'Ring', '', 'no', ''];
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

  test('100,000 of them move no money, and another channel is answered all the while', async () => {
    const before = await booksOf(db);
    const random = randomOf(SEED);
    const thrown = { environments: 0, replies: 0, readOn: 0 };
    const count = () => thrown.environments + thrown.replies;
    /** A conversation until one side breaks it off. What is whole in it is not counted. */
    const converse = async (wire: Wire) => {
      if (count() === MESSAGES) return wire.close();
      // The longest conversations are those of authorize.
      const whole = (random(2) === 0 ? anyOf(WHOLE, random) : anyOf(WHOLE.slice(0, 2), random))();
      const isFuzzed = random(5) === 0;
      if (isFuzzed) thrown.environments++;
      wire.send(isFuzzed ? fuzzed(whole, random) : whole);
      for (let replies = 0; ; ) {
        // Some send nothing more, and wait for the end of the session.
        if (random(80) === 0) wire.close();
        const stalled = new Promise<string>(resolve => setTimeout(resolve, STALLED_MS, ''));
        const command = await Promise.race([wire.upTo('\n'), stalled]);
        if (!command.endsWith('\n')) break;
        if (replies > 0) thrown.readOn++;
        if (count() === MESSAGES) break;
        const answer = wholeAnswer(command, random);
        // The door ends the session at a wrong reply to its challenge, so that reply is mostly whole.
        if (isChallenge(command) && random(16) > 0) wire.send(answer);
        else {
          thrown.replies++;
          replies++;
          wire.send(random(6) > 0 ? oddReply(random) : fuzzed(answer, random));
        }
      }
      // Some are left open, for the door to end. Closed in the ordinary way, ten thousands would use up the ports of this machine.
      if (random(20) > 0) wire.socket.resetAndDestroy();
    };
    const throwAt = async () => {
      while (count() < MESSAGES) await converse(await Wire.open(agi.port));
    };
    const thrownAll = Promise.all(Array.from({ length: CONNECTIONS }, throwAt));
    const askAndSettle = async () => {
      const caller = new Channel(agi.port, { agi_accountcode: 'bystander' });
      const told = await caller.agi('authorize');
      if (told.REFUSAL === 'ledger_unavailable') return 'late';
      expect(told).toMatchObject({ REFUSAL: '', SECONDS: '60' });
      caller.dialled('BUSY');
      await caller.agi('settle');
      return 'served';
    };
    const served = await bystander(thrownAll, askAndSettle, 100);
    expect(count()).toBe(MESSAGES);
    expect(thrown.environments).toBeGreaterThan(2_000);
    // Not all at the beginning: most replies were read, and a command came after them.
    expect(thrown.readOn).toBeGreaterThan(MESSAGES / 2);
    expectServed(served);

    expect(await booksOf(db)).toEqual(before);
    expect(await differencesIn(db.url)).toEqual([]);
    expect(await new Channel(agi.port, { agi_accountcode: 'bystander' }).agi('authorize')).toMatchObject({
      REFUSAL: '',
    });
    expectBorne(agi.lines);
    const { refusals } = agi.door.figures;
    expect(refusals.message_invalid).toBeGreaterThan(MESSAGES / 10);
  }, 1_800_000);
});
