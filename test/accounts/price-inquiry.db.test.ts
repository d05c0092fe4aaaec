import fc from 'fast-check';
import { priceCall } from '../../src/accounts/price-inquiry';
import type { Ledger } from '../../src/credit/ledger';
import { actingAs } from '../../src/operator/acting';
import { EVERYTHING } from '../../src/operator/visible';
import { addRoute, addTrunk } from '../../src/routes/route-store';
import { RouteTable } from '../../src/routes/route-table';
import { addAccount, addDeck, callOf, LIMITS, openLedger } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

describe.each(engines)('what rate explain promises, %s', engine => {
  let db: TestDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}, ...['41', '43', '45', '47', '49'].map(prefix => ({ prefix, is_blocked: 1 }))]);
    await addAccount(db, 'rich', '1000000', { max_call_seconds: 60 });
    await addAccount(db, 'poor', '0');
    ledger = openLedger(db);
  });
  afterAll(async () => {
    await ledger.close();
    await db.drop();
  });

  /** Why a start is refused, by the routes and the ledger that a call meets; null when it is granted. */
  const refusalOfStart = async (accountcode: string, dst: string): Promise<string | null> => {
    const table = new RouteTable(db.database, { startDeadlineMs: 5_000, onFault: () => undefined });
    await table.open();
    const routes = await table.of(dst, false);
    const outcome = await ledger.start(callOf(accountcode, { dst, routable: (routes?.length ?? 0) > 0 }));
    return 'refusal' in outcome ? outcome.refusal : null;
  };

  test('is what a start is told: whatever the trunks strip and the deck blocks, no number is promised that no trunk carries', async () => {
    const digits = fc.stringMatching(/^4[0-9]{0,6}$/);
    const route = fc.record({
      prefix: fc.constantFrom('', '4', '44', '449'),
      strip_digits: fc.integer({ min: 0, max: 6 }),
    });
    let trunks = 0;
    const refusals = new Set<string | null>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(route, { maxLength: 3 }),
        digits,
        fc.constantFrom('rich', 'poor'),
        async (all, to, who) => {
          await db.database('astroute').delete();
          for (const { prefix, strip_digits } of all) {
            const trunk = `trunk-${++trunks}`;
            await addTrunk(actingAs('test', db.database), { trunk, endpoint: `PJSIP/{number}@${trunk}`, strip_digits });
            await addRoute(actingAs('test', db.database), { prefix, trunk });
          }
          const request = { accountcode: who, to, seconds: 60, at: Date.now() };
          const { refusal } = await priceCall(db.database, EVERYTHING, request, { ...LIMITS, ringSeconds: 60 }, []);
          refusals.add(refusal);
          expect(refusal).toBe(await refusalOfStart(who, to));
        },
      ),
      { numRuns: 60 },
    );
    expect(refusals).toEqual(new Set([null, 'destination_blocked', 'no_route', 'insufficient_balance']));
  });
});
