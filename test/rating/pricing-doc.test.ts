import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatAmount, parseAmount } from '../../src/money/micros';
import { projectRoot } from '../../src/project-root';
import { billedSeconds, cost, costWithoutGrace, longestSeconds, type Tariff } from '../../src/rating/price';

/** Each table of the page, as rows of the texts under its headings. */
const tables = readFileSync(join(projectRoot, 'docs', 'pricing.md'), 'utf8')
  .split(/\n\n/)
  .filter(block => block.startsWith('|'))
  .map(block => {
    const [head = [], , ...rows] = block.split('\n').map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    );
    return {
      head,
      rows: rows.map(cells => Object.fromEntries(cells.map((cell, index) => [head[index] as string, cell]))),
    };
  });
const rowsUnder = (heading: string): Record<string, string>[] => {
  const table = tables.find(({ head }) => head.at(-1) === heading);
  if (!table) throw new Error(`docs/pricing.md has no table that ends with "${heading}"`);
  return table.rows;
};

function tariffOf(row: Record<string, string>): Tariff {
  const [initial, increment] = (row.increments as string).split('/').map(Number) as [number, number];
  return {
    pricePerMinute: parseAmount(row['price per minute'] ?? '1'),
    connectFee: parseAmount(row['connect fee'] ?? '0'),
    minimumCharge: parseAmount(row['minimum charge'] ?? '0'),
    initialIncrementSeconds: initial,
    incrementSeconds: increment,
    graceSeconds: Number(row.grace ?? 0),
  };
}

test.each(rowsUnder('billed seconds'))('§4: %j', row => {
  expect(billedSeconds(tariffOf(row), Number(row.billsec))).toBe(Number(row['billed seconds']));
});

test.each(rowsUnder('cost'))('§5: %j', row => {
  expect(formatAmount(cost(tariffOf(row), Number(row.billsec)))).toBe(row.cost);
});

test.each(rowsUnder('ring-fenced'))('§6: %j', row => {
  const longest = longestSeconds(tariffOf(row), parseAmount(row.available as string));
  expect(longest).toBe(Number(row.longest));
  expect(longest ? formatAmount(costWithoutGrace(tariffOf(row), longest)) : '–').toBe(row['ring-fenced']);
});
