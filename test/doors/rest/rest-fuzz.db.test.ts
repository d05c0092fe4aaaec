/** 100,000 random and mutated messages, from one seed: none may end the door, move money or keep another connection waiting. */
import { addAccount, addDeck, differencesIn } from '../../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../../database/test-database';
import { Wire } from '../door-fixture';
import {
  anyOf,
  booksOf,
  bystander,
  expectBorne,
  expectServed,
  MESSAGES,
  mutated,
  RAW,
  type Random,
  randomBytes,
  randomOf,
  throwHttp,
} from '../fuzz';
import { closeDoors, openDoor, type TestDoor } from './rest-fixture';

const SEED = 0x4e57;

const posted = (path: string, body: string | Buffer): Buffer => {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
};

/**
 * Whole, each of these moves nothing: calls of victim's are authorized, others that were never let through are settled, and all else is of
 * an account that does not exist. So a message that moves money was misread.
 */
const WHOLE: readonly [path: string, body: string][] = [
  ['/v1/calls', '{"call_id":"asked-asked-asked","account":"victim","number":"+49301","seconds":60}'],
  ['/v1/calls', '{"call_id":"nobody-1","account":"nobody","number":"49301","start_at":"NOW"}'],
  ['/v1/calls/TAKEN.TAKEN.TAKEN/settle', '{"talk_seconds":"125.5","cause":16,"hung_up_by":"caller"}'],
  ['/v1/calls/TAKEN.TAKEN.TAKEN/settle', '{"answered_at":"NOW","ended_at":"NOW"}'],
  ['/v1/calls/TAKEN.TAKEN.TAKEN/answered', '{"answered_at":"NOW"}'],
  ['/v1/calls/TAKEN.TAKEN.TAKEN/extend', '{"seconds":86400}'],
];
const PIECES = [
  '{',
  '}',
  '[[[[[[[[',
  ']',
  '"',
  ':',
  ',',
  'null',
  'true',
  '-0',
  '1e999',
  '99999999999999999999',
  '0.0000001',
  'NaN',
  '\\u0000',
  '\\ud800',
  '\0',
  '\u{1F4DE}',
  '\r\n',
  '"__proto__":{"seconds":1},',
  '"constructor":{},',
  '"call_id":"x",',
  '"account":"victim",',
  '"talk_seconds":60,',
  '%00',
  '%ff',
  '../',
  '/settle',
];

/** Well-formed values for places that need another kind. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  59,
  1.5,
  1e300,
  '',
  '7',
  '1e3',
  'victim',
  'asked-asked-asked',
  '+4930',
  '112',
  'x'.repeat(300),
  '\ud800',
  [],
  {},
  [[[[[1]]]]],
];

/** Good JSON with a field cut out, added, or of another value. */
function otherFields(body: string, random: Random): string {
  const fields = Object.entries(JSON.parse(body));
  const at = random(fields.length);
  const how = random(3);
  if (how === 0) fields.splice(at, 1);
  else if (how === 1)
    fields.push([anyOf(['seconds', 'cause', 'caller', 'call_id', 'talk_seconds'], random), anyOf(VALUES, random)]);
  else fields[at]![1] = anyOf(VALUES, random);
  return JSON.stringify(Object.fromEntries(fields));
}

function fuzz(random: Random): Buffer {
  const [path, unstamped] = anyOf(WHOLE, random);
  const body = unstamped.replaceAll('NOW', new Date().toISOString());
  const kind = random(10);
  if (kind === 0) return posted(path, randomBytes(600, random));
  if (kind === 1) return posted(path, Array.from({ length: random(60) }, () => anyOf(PIECES, random)).join(''));
  if (kind === 2) return posted(path, '{"call_id":'.repeat(random(1_500)));
  if (kind <= 4) return posted(path, otherFields(body, random));
  return posted(path, mutated(Buffer.from(body), PIECES, random));
}

describe('what is no request of a switch', () => {
  let db: TestDatabase;
  let rest: TestDoor;

  beforeAll(async () => {
    db = await createTestDatabase('MariaDB');
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'victim', '5');
    await addAccount(db, 'bystander', '100000');
    rest = await openDoor(db);
  });
  afterAll(async () => {
    await closeDoors();
    await db.drop();
  });

  test('100,000 of them move no money, and another connection is answered all the while', async () => {
    const before = await booksOf(db, 'bystander');
    const random = randomOf(SEED);
    const statuses = new Map<string, number>();
    const thrown = throwHttp(rest.port, {
      message: () => fuzz(random),
      raw: () => mutated(posted(...anyOf(WHOLE, random)), PIECES, random),
      heard: answer => {
        const [, status = ''] = /^HTTP\/1\.1 (\d+) /.exec(answer) ?? [];
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      },
    });
    const wire = await Wire.open(rest.port);
    const served = await bystander(thrown, async time => {
      const callId = `by-${time}`;
      wire.send(posted('/v1/calls', JSON.stringify({ call_id: callId, account: 'bystander', number: '49301' })));
      const answer = await wire.answer();
      if (answer.startsWith('HTTP/1.1 503')) return 'late';
      expect(answer).toContain('"granted_seconds":1800');
      wire.send(posted(`/v1/calls/${callId}/settle`, '{"talk_seconds":5}'));
      const settled = await wire.answer();
      if (settled.startsWith('HTTP/1.1 503')) return 'late';
      expect(settled).toContain('"cost":"1.00"');
      return 'served';
    });
    wire.close();
    const of = (status: number) => statuses.get(String(status)) ?? 0;
    // Nothing else: above all no 500, and no connection that broke.
    const known = [200, 201, 400, 402, 404, 409, 413, 422, 503];
    expect([...statuses.keys()].filter(status => !known.includes(Number(status)))).toEqual([]);
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(MESSAGES - RAW);
    expect(of(400)).toBeGreaterThan((MESSAGES - RAW) / 2);
    // Some mutations leave a whole message.
    for (const status of [200, 201, 402, 404, 409]) expect([status, of(status) > 5]).toEqual([status, true]);
    expect(of(503)).toBeLessThan(MESSAGES / 100);
    expectServed(served);

    expect(await booksOf(db, 'bystander')).toEqual(before);
    expect(await differencesIn(db.url)).toEqual([]);
    expectBorne(rest.lines);
  }, 1_800_000);
});
