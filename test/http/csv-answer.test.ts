import { OPERATIONS } from '../../src/admin/operations';
import { csvPieces } from '../../src/http/csv-answer';
import { PLAIN_CSV } from '../../src/operator/csv';
import type { Operation } from '../../src/operator/operation';
import { MOST_ROWS } from '../../src/operator/page';

const report = OPERATIONS.find(({ name }) => name === 'report') as Operation;

/** The report as CSV, where it has so many rows. */
async function written(rows: number, input: Record<string, unknown>): Promise<string> {
  const ask = async () => Array.from({ length: rows }, (_, number) => ({ number }));
  let text = '';
  for await (const piece of csvPieces(report, { input, style: { ...PLAIN_CSV, dateFormat: 'spreadsheet' } }, ask)) {
    text += piece;
  }
  return text;
}

test('a report that may have more rows than are read is refused, unless its reader says how many are enough', async () => {
  await expect(written(MOST_ROWS, {})).rejects.toMatchObject({
    refusal: 'field_invalid',
    detail: expect.stringMatching(/^limit is missing, and there are 100000 rows or more/),
  });
  expect((await written(MOST_ROWS, { limit: MOST_ROWS })).split('\n')).toHaveLength(MOST_ROWS + 2);
  expect(await written(2, {})).toBe('\ufeffnumber\n0\n1\n');
});
