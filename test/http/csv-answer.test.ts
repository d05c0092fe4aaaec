import { OPERATIONS } from '../../src/admin/operations';
import { csvPieces } from '../../src/http/csv-answer';
import { Decimal, PLAIN_CSV } from '../../src/operator/csv';
import type { Operation } from '../../src/operator/operation';

const report = OPERATIONS.find(({ name }) => name === 'report') as Operation;

/** The pieces of the report as CSV, where it has so many rows. */
async function pieces(count: number) {
  const rows = (async function* () {
    for (let number = 0; number < count; number++) yield [number, new Decimal('-1.50'), new Date(0)];
  })();
  const ask = async () => ({ columns: ['number', 'share', 'at'], rows });
  const style = { ...PLAIN_CSV, separator: ';', decimalMark: ',', dateFormat: 'spreadsheet' } as const;
  const all = [];
  for await (const piece of csvPieces(report, { input: {}, style }, ask)) all.push(piece);
  return all;
}

const HEADING = '\ufeffnumber;share;at\n';

test('a report has its heading also where it has no rows', async () => {
  expect(await pieces(0)).toEqual([{ text: HEADING, rows: 0 }]);
});

test('its numbers and times are in the style that is asked for', async () => {
  expect(await pieces(2)).toEqual([
    { text: `${HEADING}0;-1,50;1970-01-01 00:00:00\n1;-1,50;1970-01-01 00:00:00\n`, rows: 2 },
  ]);
});

test('a thousand rows are written at once, however many there are', async () => {
  expect((await pieces(2_500)).map(({ rows }) => rows)).toEqual([1_000, 1_000, 500]);
});
