/** Whatever happens to the service and its database: a call by a door is charged once, to the second. */
import { join } from 'node:path';
import { debitBalance, maxSessionTime } from '../../lab/clients/call-control';
import { askPort } from '../../lab/clients/door';
import { getCredit, posted, subtractCredit } from '../../lab/clients/sems';
import { ServiceProcess } from '../../lab/drill/service';
import { findFreePort } from '../../lab/servers/ports';
import { openWire, type Wire } from '../../lab/servers/wire';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { addAccount, addDeck, booksBalance } from '../credit/ledger-fixture';
import { usersOf } from '../database/service-user';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { randomOf } from './fuzz';

const random = randomOf(1);
const ACCOUNTS = ['alice', 'bob', 'carol'];
const OPENING = '1000.00';
/** The cost at 0.60 a minute, billed by the second. */
const costOf = (seconds: number) => (seconds / 100).toFixed(2);
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** What a client knows of its call. */
interface Made {
  uniqueid: string;
  accountcode: string;
  /** null if the call was refused, or its client cannot know whether it was granted: then the call was not made. */
  seconds: number | null;
}

/** Asks until a useful answer comes, like a client that may repeat itself. */
async function untilAnswered<Answer>(ask: () => Promise<Answer | null>): Promise<Answer> {
  for (;;) {
    const answer = await ask().catch(() => null);
    if (answer !== null) return answer;
    await sleep(50 + random(200));
  }
}

let db: TestDatabase;
let wire: Wire;
let service: ServiceProcess;
let ports: { rest: number; sems: number; rating: number };

type Client = (name: string, accountcode: string, talkMs: number, seconds: number) => Promise<Made>;

const rest: Client = async (name, accountcode, talkMs, seconds) => {
  const ask = (path: string, body: object) =>
    untilAnswered(async () => {
      const response = await fetch(`http://127.0.0.1:${ports.rest}/v1/calls${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(5_000),
      });
      return response.status === 503
        ? null
        : { status: response.status, body: (await response.json()) as { cost?: string } };
    });
  const uniqueid = `rest:main:call:${name}`;
  const granted = await ask('', { call_id: name, account: accountcode, number: '4930123' });
  expect([200, 201]).toContain(granted.status);
  await sleep(talkMs);
  const settled = await ask(`/${name}/settle`, { talk_seconds: seconds });
  expect([settled.status, settled.body.cost]).toEqual([200, costOf(seconds)]);
  return { uniqueid, accountcode, seconds };
};

const sems: Client = async (name, accountcode, talkMs, seconds) => {
  const pin = `${accountcode}|4930123|${name}`;
  const ask = async (body: string) => {
    const int = /<int>(-?\d+)</.exec(await askPort(ports.sems, posted(body), /<\/methodResponse>/))?.[1];
    return int === undefined ? null : Number(int);
  };
  const made = { uniqueid: `sems:main:call:${name}`, accountcode };
  const granted = await ask(getCredit(pin)).catch(() => null);
  if (granted === null || granted <= 0) return { ...made, seconds: null };
  await sleep(talkMs);
  // 0 means "not yet": there is always more left.
  await untilAnswered(async () => (await ask(subtractCredit(pin, seconds))) || null);
  return { ...made, seconds };
};

const ratingEngine: Client = async (name, accountcode, talkMs, seconds) => {
  const words = [name, `${accountcode}@example.com`] as const;
  const more = { to: 'sip:4930123@example.com' };
  const ask = (line: string) => askPort(ports.rating, line, /\n\n$/);
  const made = { uniqueid: `rating:main:call:${name}`, accountcode };
  const granted = await ask(maxSessionTime(...words, more)).catch(() => '');
  if (!/^[1-9]\d*\n/.test(granted)) return { ...made, seconds: null };
  await sleep(talkMs);
  await untilAnswered(async () => ((await ask(debitBalance(...words, seconds, more))).startsWith('Ok') ? true : null));
  return { ...made, seconds };
};

describe.each(engines)('the doors on bad days, %s', engine => {
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{ price_per_minute: '0.60', initial_increment_seconds: 1, increment_seconds: 1 }]);
    for (const accountcode of ACCOUNTS) await addAccount(db, accountcode, OPENING, { max_call_seconds: 600 });
    wire = await openWire((await usersOf(db)).service);
    ports = { rest: await findFreePort(), sems: await findFreePort(), rating: await findFreePort() };
    service = new ServiceProcess('doors', join(process.env.RINGFENCE_TEST_FOLDER!, `bad-days-${engine}`), {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: wire.url,
      RINGFENCE_REST_LISTEN: String(ports.rest),
      RINGFENCE_SEMS_LISTEN: String(ports.sems),
      RINGFENCE_RATING_LISTEN: String(ports.rating),
      RINGFENCE_RATING_ACCOUNT: '{user}',
    });
    service.start();
    await service.serves();
  });
  afterAll(async () => {
    await service?.kill();
    await wire?.close();
    await db?.drop();
  });

  test('through kills of the service, and a database that is away, that stands still and that loses answers', async () => {
    const clients: Client[] = [rest, sems, ratingEngine];
    const calls: Promise<Made>[] = [];
    const DOORS = ['rest:', 'sems:', 'rating:'];
    const ENOUGH = 31;
    const talked: Made[] = [];
    const areEnough = () =>
      DOORS.every(door => talked.filter(({ uniqueid }) => uniqueid.startsWith(door)).length >= ENOUGH);
    const place = async (call: Promise<Made>): Promise<Made> => {
      const made = await call;
      if (made.seconds !== null) talked.push(made);
      return made;
    };
    let goOn = true;
    const begin = async () => {
      for (let count = 0; goOn; count++) {
        const client = clients[count % clients.length] as Client;
        const accountcode = ACCOUNTS[random(ACCOUNTS.length)] as string;
        calls.push(place(client(`call-${count}`, accountcode, 20 + random(1_500), 1 + random(90))));
        await sleep(15 + random(15));
      }
    };
    const begun = begin();
    const start = () => {
      service.start();
      return service.serves();
    };
    const again = async () => {
      await service.kill();
      await start();
    };
    const badDays = [
      again,
      () => wire.loseNextCommitReply(),
      async () => {
        await wire.cut();
        await sleep(700);
        await wire.restore();
      },
      async () => {
        wire.freeze();
        await sleep(900);
        await service.kill();
        wire.thaw();
        await start();
      },
      again,
      () => wire.loseNextCommitReply(),
      again,
    ];
    try {
      for (const badDay of badDays) {
        await sleep(600 + random(600));
        await badDay();
      }
      await sleep(1_000);
      // A busy machine makes fewer calls a second.
      await eventually(async () => (areEnough() ? true : null), `${ENOUGH} calls that talked at each door`, 30_000);
    } finally {
      goOn = false;
      await begun;
    }
    const made = await Promise.all(calls);

    const cdrs = new Map((await db.database('astcdr')).map(row => [row.uniqueid, row]));
    for (const { uniqueid, seconds } of talked) {
      const { billsec, cost, end_at } = cdrs.get(uniqueid) ?? {};
      expect([uniqueid, billsec, formatAmount(parseAmount(cost ?? '0')), end_at !== null]).toEqual([
        uniqueid,
        seconds,
        costOf(seconds as number),
        true,
      ]);
    }
    // A call that was not made was charged to no account.
    for (const { uniqueid } of made.filter(({ seconds }) => seconds === null)) {
      expect([uniqueid, cdrs.get(uniqueid)?.cost ?? '0.000000']).toEqual([uniqueid, '0.000000']);
    }
    for (const accountcode of ACCOUNTS) {
      const spent = talked
        .filter(call => call.accountcode === accountcode)
        .reduce((sum, call) => sum + (call.seconds as number), 0);
      const { balance } = await db.database('astaccount').where({ accountcode }).first('balance');
      expect([accountcode, formatAmount(parseAmount(balance))]).toEqual([accountcode, (1000 - spent / 100).toFixed(2)]);
    }
    await booksBalance(db);
  }, 120_000);
});
