import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root';
import { DEFAULT_RULE, isCarriersOwn, ruleOf, triesNextRoute } from '../../src/routes/refusal-rule';
import { REFUSED, refusalTable, sipOfCause } from './refusal-table';

const BEGIN =
  '<!-- The table of trunk refusals: rendered by RINGFENCE_TEST_WRITE_REFUSALS=1 npm test -- test/routes/refusal-rule -->\n';
const END = '\n<!-- end -->';

test('the table of docs/refusals.md is what the rule says', () => {
  const path = join(projectRoot, 'docs/refusals.md');
  const page = readFileSync(path, 'utf8');
  const [before, rest] = page.split(BEGIN) as [string, string];
  const [table, after] = rest.split(END) as [string, string];
  if (process.env.RINGFENCE_TEST_WRITE_REFUSALS)
    writeFileSync(path, `${before}${BEGIN}${refusalTable()}${END}${after}`);
  else expect(table).toBe(refusalTable());
});

test('every cause of the table is one that a caller sees something of', () => {
  for (const { cause } of REFUSED) expect(sipOfCause.get(cause)).toBeDefined();
});

const said = (sipStatus: number | null, cause = 21, rang = false) => ({ sipStatus, cause, rang });

test.each([
  [said(401), true, 'the password that we send is wrong'],
  [said(403), true, 'the carrier does not let us in'],
  [said(407), true, 'the password that we send is wrong'],
  [said(402), true, 'no money is left with the carrier'],
  [said(483, 19), true, 'a loop between carriers'],
  [said(603), false, 'the callee declined, though the cause is that of 403'],
  [said(408, 18), true, 'nobody was there'],
  [said(408, 18, true), false, 'it rang and nobody came'],
  [said(486, 17), false, 'busy'],
  [said(null, 17), false, 'busy, by the cause'],
  [said(null, 21), true, 'by the cause alone 403 cannot be told from 603, and another route hurts nobody'],
  [said(null, 0), true, 'nothing is known'],
  [said(302, 23), true, 'nobody follows it'],
])('%j tries the next route: %s, as %s', (refusal, next, _why) => {
  expect(triesNextRoute(DEFAULT_RULE, refusal)).toBe(next);
  expect(isCarriersOwn(DEFAULT_RULE, refusal)).toBe(next);
});

test('a trunk may have a rule of its own, and try the next route for a busy callee too', () => {
  const rule = ruleOf({ calleeCodes: '403,486', calleeCauses: '', nextOnBusy: true });
  expect(triesNextRoute(rule, said(403))).toBe(false);
  expect(triesNextRoute(rule, said(404, 1))).toBe(true);
  expect(triesNextRoute(rule, said(486, 17))).toBe(true);
  // A busy callee stays a busy callee: the caller is told so if there is no other route.
  expect(isCarriersOwn(rule, said(486, 17))).toBe(false);
  expect(triesNextRoute(rule, said(null, 17))).toBe(true);
  expect(ruleOf({ calleeCodes: null, calleeCauses: null, nextOnBusy: false })).toEqual(DEFAULT_RULE);
});
