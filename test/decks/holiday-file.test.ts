import { Readable } from 'node:stream';
import { MOST_HOLIDAYS, readHolidayFile } from '../../src/decks/holiday-file';

const read = (text: string) => readHolidayFile(Readable.from([Buffer.from(text)]), 'germany');

/** The bad lines of a file, as they are told, and by name. */
async function problems(text: string): Promise<{ told: string[]; rules: string[] }> {
  try {
    await read(text);
  } catch (error) {
    const { refusal, more, lines } = error as { refusal: string; more: string[]; lines: { rule: string }[] };
    if (refusal !== 'file_invalid') throw error;
    return { told: more, rules: lines.map(({ rule }) => rule) };
  }
  return { told: [], rules: [] };
}

test('the days of a file, in its order, with columns in any order and a calendar that may be empty', async () => {
  const christmas = { day: '2026-12-25', name: 'Christmas, the first day' };
  const eve = { day: '2026-12-24', name: 'Heiligabend' };
  const first = '2026-12-25,"Christmas, the first day"';
  expect(await read(`day,name\r\n${first}\r\n\r\n2026-12-24,Heiligabend`)).toEqual([christmas, eve]);
  expect(await read('\uFEFFname,calendar,day\nHeiligabend,germany,2026-12-24\n')).toEqual([eve]);
  expect(await read('name,calendar,day\nHeiligabend,,2026-12-24\n')).toEqual([eve]);
});

test.each([
  ['day;name\n2026-12-24;x\n', 'line 1: "day;name" is one column: separate the columns with commas', 'one_column'],
  ['day\n2026-12-24\n', 'line 1: column name is missing: add it', 'column_missing'],
  ['day,name\n', 'line 1: the file holds no holiday: write one line for each day', 'file_empty'],
  ['day,name\n2026-02-29,x\n', 'line 2: day "2026-02-29" is not a day: write it as 2026-12-31', 'not_day'],
  ['day,name\n24.12.2026,x\n', 'line 2: day "24.12.2026" is not a day: write it as 2026-12-31', 'not_day'],
  ['day,name\n,x\n', 'line 2: day "" is empty: write it as 2026-12-31', 'missing'],
  ['day,name\n2026-12-24,\n', 'line 2: name "" is empty: name it', 'missing'],
  ['day,name\n2026-12-24\n', 'line 2: 1 cells, the header has 2: make them equal, quote commas', 'cell_count'],
  [
    'day,name\n2026-12-24,x\n\n2026-12-24,y\n',
    'line 4: day 2026-12-24 is in line 2 already: keep one of the two',
    'day_twice',
  ],
  [
    'calendar,day,name\nfrance,2026-12-24,x\n',
    'line 2: calendar "france" is not "germany", into which the file is imported: import the lines of each calendar by themselves',
    'calendar_other',
  ],
])('%j is refused', async (text, told, rule) => {
  expect(await problems(text)).toEqual({ told: [told], rules: [rule] });
});

test('all that is wrong is told, in the order of the lines', async () => {
  const { told } = await problems('day,name\n2026-12-24,x\n2026-12-24,y\nx,\n');
  expect(told.map(text => text.split(' ').slice(0, 3).join(' '))).toEqual([
    'line 3: day',
    'line 4: day',
    'line 4: name',
  ]);
});

test(`a file of ${MOST_HOLIDAYS} days is read, and one more is refused`, async () => {
  const days = (count: number) =>
    Array.from({ length: count }, (_, at) => {
      const day = new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10);
      return `${day},Day ${at}\n`;
    }).join('');
  expect(await read(`day,name\n${days(MOST_HOLIDAYS)}`)).toHaveLength(MOST_HOLIDAYS);
  await expect(read(`day,name\n${days(MOST_HOLIDAYS + 1)}`)).rejects.toMatchObject({
    refusal: 'file_invalid',
    detail: expect.stringContaining(`more than ${MOST_HOLIDAYS} holidays`),
  });
});
