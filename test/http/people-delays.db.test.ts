/** Waits after wrong passwords, over HTTP. They are in the memory of the service, so one database is enough. */
import { inviteOperator } from '../../src/access/operator-store';
import { actingAs } from '../../src/operator/acting';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { Browser, OTHER_PASSWORD, PASSWORD, type PeopleService, peopleService, toldBy } from './people-fixture';

const HOME = '203.0.113.9';

let db: TestDatabase;
let service: PeopleService;
beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  service = await peopleService(db);
});
afterAll(async () => {
  await service?.stop();
  await db?.drop();
});

async function person(name: string) {
  const { token } = await inviteOperator(actingAs('test', db.database), name, ['read']);
  expect((await at(HOME).post('/invitation', { token, password: PASSWORD })).status).toBe(200);
}
const at = (address: string) => new Browser(service.port, address);
const wrong = async (name: string, address: string) => (await at(address).logIn(name, OTHER_PASSWORD)).status;

test('of one name at one address must be waited for, and the answer says how long; also of a name that no person has', async () => {
  await person('paul');
  const places: [string, string][] = [
    ['paul', '198.51.100.20'],
    ['nobody', '198.51.100.21'],
  ];
  const answers = [];
  for (const [name, address] of places) {
    // At once: a slow machine could let the first wait pass.
    const tries = await Promise.all(Array.from({ length: 6 }, () => at(address).logIn(name, OTHER_PASSWORD)));
    const refused = tries.filter(({ status }) => status === 429);
    expect([tries.length, refused.length]).toEqual([6, 1]);
    for (const each of refused) {
      expect(Number(each.headers.get('retry-after'))).toBeGreaterThan(0);
      answers.push(toldBy(each));
    }
  }
  expect(answers[0]).toMatchObject({ status: 429, body: { type: 'urn:ringfence:problem:too_many_tries' } });
  expect(answers[1]).toEqual(answers[0]);
  expect((await at('198.51.100.22').logIn('paul', PASSWORD)).status).toBe(200);
});

test('of one address over many names must be waited for, also if all come at once', async () => {
  const statuses = await Promise.all(Array.from({ length: 22 }, (_, index) => wrong(`name-${index}`, '198.51.100.30')));
  expect([401, 429].map(wanted => statuses.filter(status => status === wanted).length)).toEqual([20, 2]);
});

describe('at an address that people share with strangers', () => {
  const NAT = '192.0.2.77';

  /** Guesses at once. `meanwhile` is done when some must wait, before that has passed. Returns how many were looked at. */
  async function guessed(name: string, browser: () => Browser, meanwhile?: () => Promise<void>): Promise<number> {
    const tries = Array.from({ length: 12 }, async () => (await browser().logIn(name, OTHER_PASSWORD)).status);
    await Promise.any(tries.map(async each => expect(await each).toBe(429)));
    await meanwhile?.();
    return (await Promise.all(tries)).filter(status => status === 401).length;
  }

  test('they delay no log-in in a browser that the person has used', async () => {
    await person('sven');
    const own = at(NAT);
    expect((await own.logIn('sven', PASSWORD)).status).toBe(200);
    expect(own.known).toMatch(/^__Host-ringfence-browser=rfb_[\w-]{43}$/);
    await guessed(
      'sven',
      () => at(NAT),
      async () => expect((await own.logIn('sven', PASSWORD)).status).toBe(200),
    );
  });

  test('what a browser is known by is good for its person alone, and who has stolen it must wait as well', async () => {
    for (const name of ['tina', 'uwe']) await person(name);
    const own = at(NAT);
    await own.logIn('tina', PASSWORD);
    const thief = () => {
      const browser = at('198.51.100.78');
      browser.known = own.known;
      return browser;
    };
    // As from any address: it is not of this person.
    expect(await guessed('uwe', thief)).toBeLessThanOrEqual(6);
    expect(await guessed('tina', thief)).toBeLessThanOrEqual(11);
    // The person waits for no thief elsewhere.
    expect((await own.logIn('tina', PASSWORD)).status).toBe(200);
  });
});

test('wrong passwords are told in the log by the name of a person, and what is typed as another name is not', async () => {
  await person('vera');
  await wrong('vera', '198.51.100.80');
  await wrong('correct-horse', '198.51.100.81');
  await wrong('My Password!', '198.51.100.81');
  const told = service.lines.map(line => JSON.parse(line)).filter(({ event }) => event === 'password_wrong');
  expect(told.filter(({ operator }) => operator === 'vera')).toMatchObject([
    { peer: '198.51.100.80', total: 1, unlogged: 0 },
  ]);
  const people = new Set(await db.database('astoperator').pluck('operator'));
  for (const { operator } of told) expect(people).toContain(operator);
  expect(service.lines.join('')).not.toMatch(/correct-horse|My Password/);
});

test('of strangers keep no person out where the person has logged in before', async () => {
  await person('rosa');
  expect((await at(HOME).logIn('rosa', PASSWORD)).status).toBe(200);
  for (let round = 0; round < 6; round++) {
    const places = Array.from({ length: 3 }, (_, index) => `198.51.100.${100 + index}`);
    await Promise.all(places.map(address => wrong('rosa', address)));
  }
  // At the person's own address strangers try other names, until they must wait.
  const tries = Array.from({ length: 22 }, (_, index) => wrong(`name-${index}`, HOME));
  await Promise.any(tries.map(async each => expect(await each).toBe(429)));
  expect((await at(HOME).logIn('rosa', PASSWORD)).status).toBe(200);
  await Promise.all(tries);
});
