/** 100,000 random and mutated messages, from one seed: none may end the door, move money or keep another connection waiting. */
import { addAccount, addDeck, differencesIn } from '../../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../../database/test-database';
import { Wire } from '../door-fixture';
import { anyOf, booksOf, mutated, type Random, randomBytes, randomOf } from '../fuzz';
import { askInt, callOf, getCredit, openDoor, posted, subtractCredit, type TestDoor } from './sems-fixture';

const MESSAGES = 100_000;
/** Of them, those whose HTTP is mutated too, each over a connection of its own. */
const RAW = 4_000;
const CONNECTIONS = 12;
const SEED = 0x5e35;

/**
 * Whole, each of these moves nothing: a call of victim's is asked for, another that was never let through is debited, and all else is
 * of an account that there is not. So whatever moves money is a message that was misread.
 */
const WHOLE = [
  getCredit('victim|49301|asked-asked-asked'),
  getCredit('victim|49301|asked-asked-asked', false),
  subtractCredit('victim|49301|TAKEN.TAKEN.TAKEN', 125),
  subtractCredit('victim|49301|TAKEN.TAKEN.TAKEN', 125, false),
  subtractCredit('nobody', 30),
  callOf('setCredit', 'nobody', 3600),
  callOf('cc_prepaid.addCredit', 'nobody', 60),
  callOf('di', 'cc_prepaid', 'addCredit', 'nobody', 60),
];
const PIECES = [
  '<?xml version="1.0"?>',
  '<!DOCTYPE x [<!ENTITY e "&e;&e;">]>',
  ...[
    'methodCall',
    'methodName',
    'params',
    'param',
    'value',
    'array',
    'data',
    'struct',
    'member',
    'name',
    'string',
    'int',
  ].flatMap(element => [`<${element}>`, `</${element}>`, `<${element}/>`, `<${element} a="1">`]),
  '<![CDATA[',
  ']]>',
  '<!--',
  '&amp;',
  '&#x41;',
  '&e;',
  '\0',
  '\u{1F4DE}',
  '99999999999999999999',
  '-1',
  'NaN',
  'getCredit',
  'addCredit',
  'victim',
];

function fuzz(random: Random): Buffer {
  const kind = random(10);
  if (kind === 0) return randomBytes(600, random);
  if (kind === 1) return Buffer.from(Array.from({ length: random(60) }, () => anyOf(PIECES, random)).join(''));
  if (kind === 2) return Buffer.from('<value><array><data>'.repeat(random(900)));
  return mutated(Buffer.from(anyOf(WHOLE, random)), PIECES, random);
}

describe('what is no message of SEMS', () => {
  let db: TestDatabase;
  let sems: TestDoor;

  beforeAll(async () => {
    db = await createTestDatabase('MariaDB');
    await addDeck(db, 'retail', [
      {},
      { prefix: '999', price_per_minute: '0.60', initial_increment_seconds: 1, increment_seconds: 1 },
    ]);
    await addAccount(db, 'victim', '5');
    await addAccount(db, 'bystander', '100000');
    sems = await openDoor(db, { capSeconds: 60 });
  });
  afterAll(async () => {
    await sems.close();
    await db.drop();
  });

  test('100,000 of them move no money, and another connection is answered all the while', async () => {
    const before = await booksOf(db, 'bystander');
    const random = randomOf(SEED);
    let left = MESSAGES - RAW;
    let [answered, refused] = [0, 0];
    const throwAt = async () => {
      let wire = await Wire.open(sems.port);
      while (left-- > 0) {
        const body = fuzz(random);
        wire.send(Buffer.concat([Buffer.from(posted('').replace('length: 0', `length: ${body.length}`)), body]));
        const answer = await wire.answer();
        // 413 for what is longer than a message may be.
        if (/^HTTP\/1\.1 (200|413) /.test(answer)) answered++;
        if (/<int>-1<|<fault>/.test(answer)) refused++;
        if (/Connection: close/.test(answer) || wire.ended) wire = await Wire.open(sems.port);
      }
      wire.close();
    };
    const throwRaw = async () => {
      for (let count = 0; count < RAW; count++) {
        const wire = await Wire.open(sems.port);
        wire.send(mutated(Buffer.from(posted(anyOf(WHOLE, random))), PIECES, random));
        wire.socket.end();
        const closed = new Promise(resolve => wire.socket.once('close', resolve));
        wire.socket.resume();
        await closed;
      }
    };
    let [isOver, asked, slowestMs] = [false, 0, 0];
    const bystander = (async () => {
      const wire = await Wire.open(sems.port);
      while (!isOver) {
        const startedAt = performance.now();
        wire.send(posted(getCredit(`bystander|49301|by-${++asked}`)));
        expect(await wire.answer()).toContain('<int>60</int>');
        wire.send(posted(subtractCredit(`bystander|49301|by-${asked}`, 0)));
        expect(await wire.answer()).toContain('<int>');
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        await new Promise(resolve => setTimeout(resolve, 20));
      }
      wire.close();
    })();
    await Promise.all([...Array.from({ length: CONNECTIONS }, throwAt), throwRaw()]);
    isOver = true;
    await bystander;
    expect(answered).toBe(MESSAGES - RAW);
    // Some mutations leave a whole message; most do not.
    expect(refused).toBeGreaterThan((MESSAGES - RAW) / 2);
    expect(asked).toBeGreaterThan(20);
    expect(slowestMs).toBeLessThan(2_000);

    expect(await booksOf(db, 'bystander')).toEqual(before);
    expect(await differencesIn(db.url)).toEqual([]);
    expect(await askInt(sems.port, getCredit('bystander|49301|last'))).toBe(60);
    expect(sems.lines.filter(({ event }) => event === 'door_failed')).toEqual([]);
    // At most one line a second for each reason, however much is refused.
    expect(sems.lines.filter(({ event }) => event === 'door_refused').length).toBeLessThan(3_000);
  }, 300_000);
});
