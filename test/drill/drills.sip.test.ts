import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdDrills } from '../../lab/drill/drills';
import { FAULTS, type Fault } from '../../lab/drill/faults';
import { numbersOf } from '../../lab/drill/plan';
import { eventually } from '../eventually';

/** The short form of `npm run drill`: a few of the quick ones, on a stack of their own. */
const QUICK = ['service-killed', 'database-killed', 'asterisk-killed', 'commit-reply-lost'];

const THEFT_RUN = QUICK.length + 1;

/** A drill that must fail, so that a clean table means something. */
const theft: Fault = {
  name: 'theft',
  does: 'somebody takes a cent out of an account, past the ledger, and a call out of the books',
  weight: 1,
  seconds: 2,
  async strike(stack) {
    await stack.query("UPDATE astaccount SET balance = balance - 0.01 WHERE accountcode = 'brief'");
    const uniqueid = await eventually(async () => {
      const [call] = await stack.query(
        "SELECT uniqueid FROM astcdr WHERE accountcode = 'rich' AND billsec > 0 AND dst LIKE ? LIMIT 1",
        [`${numbersOf(THEFT_RUN)}%`],
      );
      return call?.uniqueid ?? null;
    }, 'a charged call of this run');
    await stack.query('DELETE FROM astcdr WHERE uniqueid = ?', [uniqueid]);
    return {};
  },
};

test('after each of four bad days the books balance and every call is charged once, to the second; a theft is seen', async () => {
  const dir = join(process.env.RINGFENCE_TEST_FOLDER!, 'drills');
  const faults = [...QUICK.map(name => FAULTS.find(fault => fault.name === name)!), theft];
  const lines: string[] = [];
  const results = await holdDrills({
    runs: faults.map((fault, index) => ({ run: index + 1, fault })),
    seed: 'npm test',
    dir,
    say: line => lines.push(line),
  });
  const honest = results.filter(({ drill }) => drill !== 'theft');
  expect(honest.flatMap(({ violations }) => violations)).toEqual([]);
  expect(honest.map(({ drill }) => drill)).toEqual(QUICK);
  // There was a load to strike at: some 60 calls talk on an idle machine.
  for (const { answered } of honest) expect(answered).toBeGreaterThan(0);
  expect(honest.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThan(20);

  const stolen = results.at(-1)!;
  const rules = new Set(stolen.violations.map(({ rule }) => rule));
  expect([...rules]).toEqual(expect.arrayContaining(['books_balance', 'call_has_one_cdr']));
  expect(lines.join('\n')).toContain(`seed npm test, run ${THEFT_RUN}: books_balance: `);
  const kept = join(dir, `run-${THEFT_RUN}`);
  expect(readFileSync(join(kept, 'service.log'), 'utf8')).toContain('call_settled');
  expect(existsSync(join(kept, 'sipp', 'callers.log'))).toBe(true);
  expect(existsSync(join(dir, 'run-1'))).toBe(false);
}, 240_000);
