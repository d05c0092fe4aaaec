import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root';
import { decideStart } from '../../src/credit/rules/start';
import { parseAmount } from '../../src/money/micros';
import { account, limits, rate, request, spentOf } from './rules/rules-fixture';

const NONE = '–';

const rows = readFileSync(join(projectRoot, 'docs', 'spend-limits.md'), 'utf8')
  .split('\n')
  .filter(line => /^\| \d/.test(line))
  .map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  );

test('docs/spend-limits.md has its examples', () => {
  expect(rows).toHaveLength(11);
});

test.each(rows)('%s available, %s an hour (%s), %s a day (%s), %s a call, %s reserved: %s s, %s', (...cells) => {
  const [available = '', hour = '', inHour = '', day = '', inDay = '', call = '', reserved = '', seconds, refusal] =
    cells;
  const decision = decideStart(
    request(),
    account({
      balance: parseAmount(available),
      creditLimit: parseAmount(reserved),
      reserved: parseAmount(reserved),
      maxCallCost: call === NONE ? null : parseAmount(call),
      spent: [
        ...(hour === NONE ? [] : [spentOf('hour', hour, inHour)]),
        ...(day === NONE ? [] : [spentOf('day', day, inDay)]),
      ],
    }),
    rate(),
    limits,
  );
  expect(
    'granted' in decision
      ? [String(decision.granted.grantedSeconds), NONE]
      : ['0', 'refusal' in decision && decision.refusal],
  ).toEqual([seconds, refusal]);
});
