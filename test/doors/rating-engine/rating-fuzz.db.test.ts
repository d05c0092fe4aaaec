/** 100,000 random and mutated messages, from one seed: none may end the door, move money or keep another connection waiting. */
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
import { debitBalance, maxSessionTime, openDoor, secondsIn, type TestDoor } from './rating-fixture';

/** Of them, those that come in pieces, without an end or with several, each over a connection of its own. */
const RAW = 3_000;
const SEED = 0x9024;
/** A longer message is refused before it is read. */
const MOST_REQUEST_BYTES = 8_192;

const VICTIM = 'victim@safe.example';

/**
 * Whole, each of these moves nothing: a call of victim's is requested and answered, another that was never let through is debited, and all
 * else is of an account that does not exist. So a message that moves money was misread.
 */
const WHOLE = [
  maxSessionTime('asked-asked-asked', VICTIM),
  maxSessionTime('asked-asked-asked', VICTIM, { state: 'Connected' }),
  debitBalance('TAKEN.TAKEN.TAKEN', VICTIM, 61.301645040512085),
  debitBalance('TAKEN.TAKEN.TAKEN', VICTIM, 0),
  `ShowPrice From=sip:${VICTIM} To=sip:0049301234@x Gateway=10.0.0.1 Duration=59 Timestamp=1767225600`,
  'AddBalance From=nobody@other.example Value=10.00 Reference=a',
  `GetBalance From=${VICTIM}`,
  `GetBalanceHistory From=${VICTIM}`,
  `DumpPrepaidSessions Account=${VICTIM}`,
  'DeleteBalance From=nobody@other.example',
  'ShowClients',
];
const PIECES = [
  ...['CallId=', 'From=', 'To=', 'Duration=', 'Application=', 'State=Connected', 'Value=', 'Reference=', 'Account='],
  ...['sip:', 'sips:', 'tel:', '@', ';user=phone', ':5060', '<', '>', '"', '=', ' ', '\t', '\r', '/', '%00', '\0'],
  ...['\u{1F4DE}', '99999999999999999999', '-1', '1e99', '1e-99', 'NaN', 'none', '0', 'victim', '{user}', '112'],
  ...['MaxSessionTime', 'DebitBalance', 'AddBalance', 'exit', 'x'.repeat(3_000)],
];

function fuzz(random: Random): Buffer {
  const kind = random(10);
  if (kind === 0) return randomBytes(600, random);
  if (kind === 1) return Buffer.from(Array.from({ length: random(40) }, () => anyOf(PIECES, random)).join(''));
  return mutated(Buffer.from(anyOf(WHOLE, random)), PIECES, random);
}

/** One line, which gets one answer. */
function lineOf(bytes: Buffer): Buffer {
  const line = Buffer.from(bytes.map(byte => (byte === 0x0a ? 0x20 : byte)));
  return ['', 'exit', 'quit'].includes(line.toString('utf8').trim()) ? Buffer.from('x') : line;
}

/** `GetBalancesip: From=…`, where a mutation has put a scheme behind a command: a browser's header, for all that the door can tell. */
const looksLikeHttp = (line: Buffer): boolean =>
  line.length <= MOST_REQUEST_BYTES && /^[A-Za-z-]+: /.test(line.toString('utf8').trim());

describe('what is no message of Call Control', () => {
  let db: TestDatabase;
  let rating: TestDoor;

  beforeAll(async () => {
    db = await createTestDatabase('MariaDB');
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, VICTIM, '5');
    await addAccount(db, 'by@example.com', '100000');
    rating = await openDoor(db, { capSeconds: 60 });
  });
  afterAll(async () => {
    await rating.close();
    await db.drop();
  });

  test('100,000 of them move no money, and another connection is answered all the while', async () => {
    const before = await booksOf(db);
    const random = randomOf(SEED);
    let left = MESSAGES - RAW;
    let [answered, refused, likeHttp] = [0, 0, 0];
    const throwAt = async () => {
      let wire = await Wire.open(rating.port);
      while (left-- > 0) {
        const line = lineOf(fuzz(random));
        if (looksLikeHttp(line)) likeHttp++;
        wire.send(Buffer.concat([line, Buffer.from('\n')]));
        const answer = await wire.upTo('\n\n');
        if (/\n\n$/.test(answer)) answered++;
        if (/^(Error: |Failed|0\n)/.test(answer)) refused++;
        if (wire.ended || answer.startsWith('Error: the request is too long')) wire = await Wire.open(rating.port);
      }
      wire.close();
    };
    const throwRaw = async () => {
      for (let count = 0; count < RAW; count++) {
        const wire = await Wire.open(rating.port);
        const bytes = fuzz(random);
        const at = random(bytes.length + 1);
        wire.send(bytes.subarray(0, at));
        if (random(4) === 0) await new Promise(resolve => setTimeout(resolve, random(20)));
        if (random(4) === 0) wire.socket.resetAndDestroy();
        else wire.socket.end(bytes.subarray(at));
        while (!wire.ended) await wire.upTo('\n\n');
      }
    };
    let wire = await Wire.open(rating.port);
    /** null for what could not be done in time: then the connection is closed, or the answer is an error. */
    const askFor = async (line: string) => {
      wire.send(line);
      const reply = (await wire.upTo('\n\n')).trimEnd();
      if (wire.ended) wire = await Wire.open(rating.port);
      return ['', 'Error: ledger_unavailable'].includes(reply) ? null : secondsIn(reply);
    };
    const thrown = Promise.all([...Array.from({ length: CONNECTIONS }, throwAt), throwRaw()]);
    const served = await bystander(thrown, async time => {
      const granted = await askFor(maxSessionTime(`by-${time}`, 'by@example.com'));
      const debited = granted === null ? null : await askFor(debitBalance(`by-${time}`, 'by@example.com', 0));
      if (granted === null || debited === null) return 'late';
      expect([granted, debited]).toEqual([60, 0]);
      return 'served';
    });
    wire.close();
    // A browser gets no answer, and neither does a request that was not done in time.
    const late = rating.door.figures.refusals.too_late ?? 0;
    const unanswered = MESSAGES - RAW - answered - likeHttp;
    expect([unanswered, unanswered >= 0 && unanswered <= late]).toEqual([unanswered, true]);
    expect(late).toBeLessThan(MESSAGES / 100);
    // Some mutations leave a whole message; most do not.
    expect(refused).toBeGreaterThan((MESSAGES - RAW) / 2);
    expectServed(served);

    const after = await booksOf(db);
    expect(after).toEqual(before);
    expect(await differencesIn(db.url)).toEqual([]);
    expectBorne(rating.lines);
  }, 1_800_000);
});
