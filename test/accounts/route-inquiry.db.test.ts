import { routeNumber } from '../../src/accounts/route-inquiry';
import { OPERATIONS } from '../../src/admin/operations';
import { actingAs } from '../../src/operator/acting';
import { EVERYTHING } from '../../src/operator/visible';
import { addRoute, addTrunk } from '../../src/routes/route-store';
import { ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, endOf, LIMITS, NOON, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const SERVICE = { ...LIMITS, emergencyNumbers: ['112'], ringSeconds: 60 };
const { answer } = OPERATIONS.find(({ name }) => name === 'route explain') as (typeof OPERATIONS)[0];
const factsOf = (answer as { facts(found: unknown): Record<string, unknown> }).facts;

describe.each(engines)('what route explain promises, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    const acting = actingAs('test', db.database);
    await addDeck(db, 'retail', [{ prefix: '49', destination: 'Germany', price_per_minute: '0.06' }]);
    await addDeck(db, 'cheap', [
      {
        prefix: '49',
        destination: 'Germany',
        price_per_minute: '0.02',
        initial_increment_seconds: 1,
        increment_seconds: 1,
      },
      { prefix: '4977', destination: 'Premium', is_blocked: 1 },
    ]);
    await addDeck(db, 'dollars', [{ prefix: '4930', destination: 'Berlin', price_per_minute: '0.03' }], 'USD');
    await addAccount(db, 'alice', '5');
    for (const [trunk, more] of Object.entries({
      main: { cost_deck: 'cheap' },
      dollar: { cost_deck: 'dollars', strip_digits: 2, add_prefix: '0' },
      unknown: {},
      off: { enabled: 'no' as const },
      short: { strip_digits: 12 },
      world: {},
    })) {
      await addTrunk(acting, { trunk, endpoint: `PJSIP/{number}@${trunk}`, ...more });
    }
    for (const [prefix, trunk, priority] of [
      ['49', 'dollar', 2],
      ['49', 'main', 1],
      ['49', 'unknown', 3],
      ['493', 'off', 1],
      ['4930', 'short', 1],
      ['', 'world', 1],
    ] as const) {
      await addRoute(acting, { prefix, trunk, priority });
    }
  });
  afterAll(() => db.drop());

  const explained = async (more: { to: string; accountcode?: string; seconds?: number }) =>
    factsOf(await routeNumber(db.database, EVERYTHING, { seconds: 61, at: NOON, ...more }, SERVICE));

  test('61 s to Germany are sold for 0.12: main is first and costs 0.020334, dollars are not compared, an unknown cost is none', async () => {
    const { routes, passed_over, price, ...rest } = await explained({ to: '+493012345', accountcode: 'alice' });
    expect(rest).toEqual({ digits: '493012345', is_emergency: false, at: new Date(NOON), currency: 'EUR' });
    expect(price).toMatchObject({ accountcode: 'alice', cost: 120_000n, refusal: null });
    const brief = (routes as Record<string, unknown>[]).map(each => [
      each.trunk,
      each.dials,
      each.cost,
      each.currency,
      each.margin,
      each.rate_destination,
    ]);
    expect(brief).toEqual([
      ['main', 'PJSIP/493012345@main', 20_334n, 'EUR', 99_666n, 'Germany'],
      ['dollar', 'PJSIP/03012345@dollar', 60_000n, 'USD', null, 'Berlin'],
      ['unknown', 'PJSIP/493012345@unknown', null, null, null, null],
    ]);
    expect(passed_over).toEqual([
      { prefix: '4930', trunk: 'short', priority: 1, why: 'number_too_short' },
      { prefix: '493', trunk: 'off', priority: 1, why: 'trunk_off' },
      { prefix: '', trunk: 'world', priority: 1, why: 'shorter_prefix' },
    ]);
  });

  test('what a trunk is said to charge is what its call costs in the end', async () => {
    const ledger = openLedger(db);
    try {
      const call = callOf('alice', { dst: '493012345' });
      await ledger.start(call);
      await ledger.end(endOf(call, talked(61), 'main'));
      const { trunk_cost, cost } = await db.database('astcdr').where({ uniqueid: call.uniqueid }).first();
      const { routes } = await explained({ to: '493012345', accountcode: 'alice' });
      const [main] = routes as { cost: bigint; margin: bigint }[];
      expect([trunk_cost, cost]).toEqual(['0.020334', '0.120000']);
      expect([main?.cost, main?.margin]).toEqual([20_334n, 99_666n]);
    } finally {
      await ledger.close();
    }
  });

  test('by a blocked rate a carrier carries no such call: what it would charge is not known', async () => {
    const { routes } = await explained({ to: '4977123', accountcode: 'alice' });
    const blocked = { rate_prefix: '4977', rate_blocked: true, rate_price_per_minute: null, cost: null, margin: null };
    expect(routes).toMatchObject([
      { trunk: 'main', ...blocked },
      { trunk: 'dollar', rate_blocked: false },
      { trunk: 'unknown', rate_blocked: false },
    ]);
  });

  test('without an account there is no sale and no margin; no number has no way, and an emergency number has one', async () => {
    const { routes, price, currency } = await explained({ to: '49301' });
    expect([price, currency]).toEqual([null, null]);
    expect(routes).toMatchObject([
      { trunk: 'main', margin: null },
      { trunk: 'dollar', margin: null },
      { trunk: 'unknown', margin: null },
    ]);
    expect(await explained({ to: 'nobody' })).toMatchObject({ digits: null, routes: [], passed_over: [] });
    expect(await explained({ to: '112' })).toMatchObject({ is_emergency: true, routes: [{ trunk: 'world' }] });
  });

  test('a person reads the trunks as a table, then what is passed over, then the sale', async () => {
    const words = [
      'route',
      'explain',
      '--to',
      '4930',
      '--seconds',
      '61',
      '--account',
      'alice',
      '--at',
      '2026-06-01T12:00:00Z',
    ];
    const { out, exitCode } = await ringfence(db.url, words);
    expect(exitCode).toBe(0);
    const lines = out.split('\n').map(line => line.trim().replaceAll(/ {2,}/g, '  '));
    expect(lines.slice(1, 4)).toEqual([
      '49  main  1  PJSIP/4930@main  0.020334  EUR  0.099666  49  Germany  no',
      '49  dollar  2  PJSIP/030@dollar  0.06  USD  -  4930  Berlin  no',
      '49  unknown  3  PJSIP/4930@unknown  -  -  -  -  -  no',
    ]);
    expect(lines).toContain('493  off  1  trunk_off');
    expect(lines).toEqual(expect.arrayContaining(['cost  0.12', 'currency  EUR', 'start  would be let through']));
    expect((await ringfence(db.url, ['route', 'explain', '--to', 'nobody', '--seconds', '1'])).out).toBe(
      'not a number: write digits, behind one + or 00 at most\n',
    );
  });
});
