import { Readable } from 'node:stream';
import { addProblem, type CsvFileResult } from '../../src/decks/csv-file';
import { readRateFile } from '../../src/decks/rate-file';
import type { RateLine } from '../../src/decks/rate-line';

const HEADER = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment';
const FULL = `${HEADER},minimum_charge,grace_seconds,max_seconds,valid_from,valid_until`;
const GERMANY = '49,Germany,0.01,0,60,60';

/** The content of a file: its rates, and its problems as they are reported. */
async function read(text: string | Buffer, batchSize = 2) {
  const batches: RateLine[][] = [];
  const result = await readRateFile(Readable.from([Buffer.from(text)]), batchSize, async batch => {
    batches.push(batch);
  });
  const told = result.bad.map(({ line, problem }) => `line ${line}: ${problem}`);
  return { ...result, rates: result.rows, batches, taken: batches.flat(), told };
}

describe('a sound file', () => {
  test('every column is taken, amounts to the sixth decimal', async () => {
    const { taken, told } = await read(
      `${FULL}\n493,"Berlin, ""City""",0.025,0.1,30,6,1.5,5,600,2026-01-01,2026-12-31\n`,
    );
    expect(told).toEqual([]);
    expect(taken).toEqual([
      {
        line: 2,
        prefix: '493',
        destination: 'Berlin, "City"',
        isBlocked: false,
        isRemoved: false,
        pricePerMinute: '0.025000',
        connectFee: '0.100000',
        minimumCharge: '1.500000',
        initialIncrementSeconds: 30,
        incrementSeconds: 6,
        graceSeconds: 5,
        freeSeconds: 0,
        steps: '',
        schedule: '',
        maxSeconds: 600,
        validFrom: '2026-01-01',
        validUntil: '2026-12-31',
      },
    ]);
  });

  test('optional columns that are absent or empty are 0, no limit and always', async () => {
    const blank = {
      minimumCharge: '0.000000',
      graceSeconds: 0,
      freeSeconds: 0,
      steps: '',
      maxSeconds: null,
      validFrom: null,
      validUntil: null,
    };
    expect((await read(`${HEADER}\n${GERMANY}`)).taken).toEqual([expect.objectContaining(blank)]);
    expect((await read(`${FULL}\n${GERMANY},,,,,`)).taken).toEqual([expect.objectContaining(blank)]);
  });

  test.each([
    ['yes', true],
    ['true', true],
    ['no', false],
    ['false', false],
    ['', false],
  ])('blocked %j is %s', async (cell, isBlocked) => {
    const { taken, told } = await read(`${HEADER},blocked\n${GERMANY},${cell}\n`);
    expect([told, taken[0]?.isBlocked]).toEqual([[], isBlocked]);
  });

  test('free seconds and steps are taken, steps in one way of writing', async () => {
    const header = `${HEADER},free_seconds,steps`;
    const { taken, told } = await read(
      `${header}\n${GERMANY},30,  180:0.0500/6   600:0/1 \n${GERMANY.replace('49', '50')},,\n`,
    );
    expect(told).toEqual([]);
    expect(taken).toMatchObject([
      { freeSeconds: 30, steps: '180:0.05/6 600:0.00/1' },
      { freeSeconds: 0, steps: '' },
    ]);
  });

  test.each([
    ['-1,', 'free_seconds "-1" is not a whole number of seconds from 0 to 86400'],
    [',180', 'steps "180" has a step "180": write 180:0.05/6 for 0.05 a minute by 6 s from second 180 on'],
    [',180:0.0000001/6', 'steps "180:0.0000001/6" has a step at a price that "0.0000001" has more than six decimals'],
    [
      '180,180:0.05/6',
      'steps "180:0.05/6" has a step from second 180 on, not behind the 180 free seconds: begin it later',
    ],
  ])('free seconds and steps %j are refused', async (cells, problem) => {
    const { told } = await read(`${HEADER},free_seconds,steps\n${GERMANY},${cells}\n`);
    expect(told[0]).toContain(problem);
  });

  test('a line may name a schedule, but a blocked one and one that removes its prefix have none', async () => {
    const header = `${HEADER},schedule,blocked,removed`;
    const { taken, told } = await read(`${header}\n${GERMANY},peak,,\n${GERMANY},,,\n`);
    expect([told, taken.map(({ schedule }) => schedule)]).toEqual([[], ['peak', '']]);
    const wrong = await read(`${header}\n${GERMANY},peak,yes,\n${GERMANY},peak,,yes\n${GERMANY},peak hours,,\n`);
    expect(wrong.told).toEqual([
      expect.stringContaining('schedule "peak" is of a blocked line: leave it out, it holds at all times'),
      expect.stringContaining('schedule "peak" is of a line that removes its prefix: leave it out'),
      expect.stringContaining('schedule "peak hours" is not the name of a schedule: see "schedule list"'),
    ]);
  });

  test('a blocked line needs a prefix and a name, and no price; what it has of one is kept', async () => {
    const { taken, told } = await read(`${HEADER},blocked\n4915,Mobile,,,,,yes\n4916,Mobile,0.05,,60,1,yes\n`);
    expect(told).toEqual([]);
    expect(taken).toMatchObject([
      { prefix: '4915', isBlocked: true, pricePerMinute: '0.000000', initialIncrementSeconds: 1, incrementSeconds: 1 },
      { prefix: '4916', isBlocked: true, pricePerMinute: '0.050000', initialIncrementSeconds: 60, incrementSeconds: 1 },
    ]);
    expect(taken[0]).toMatchObject({
      connectFee: '0.000000',
      minimumCharge: '0.000000',
      graceSeconds: 0,
      freeSeconds: 0,
      steps: '',
      maxSeconds: null,
    });
  });

  test.each([
    ['49,Germany,,0,60,60,no', 'price_per_minute "" is not an amount'],
    ['49,Germany,1,,60,60,', 'connect_fee "" is not an amount'],
    ['49,Germany,1,0,,60,false', 'initial_increment "" is not a whole number'],
    ['49,Germany,cheap,0,60,60,yes', 'price_per_minute "cheap" is not an amount'],
    ['49,,,,,,yes', 'destination "" is empty: name it'],
    ['49,Germany,1,0,60,60,1', 'blocked "1" is neither yes nor no: write one of them'],
    ['49,Germany,1,0,60,60,Blocked', 'blocked "Blocked" is neither yes nor no'],
  ])('%j is refused', async (line, problem) => {
    const { told, taken } = await read(`${HEADER},blocked\n${line}\n`);
    expect(told[0]).toContain(problem);
    expect(taken).toEqual([]);
  });

  test.each([
    ['a BOM', `\ufeff${HEADER}\n${GERMANY}\n`],
    ['CRLF', `${HEADER}\r\n${GERMANY}\r\n`],
    ['CR', `${HEADER}\r${GERMANY}\r`],
    ['a header ended by CRLF and rates by LF', `${HEADER}\r\n${GERMANY}\n`],
    ['blanks around a quoted cell', `${HEADER}\n49, "Germany" ,0.01,0,60,60\n`],
    ['empty lines', `\n${HEADER}\n\n\n${GERMANY}\n\n`],
    ['blanks around cells', `${HEADER.replaceAll(',', ' , ')}\n 49 , Germany , 0.01 , 0 , 60 , 60 `],
    ['no line end at the end', `${HEADER}\n${GERMANY}`],
    [
      'another order of columns',
      'increment,initial_increment,connect_fee,price_per_minute,destination,prefix\n60,60,0,0.01,Germany,49',
    ],
  ])('%s does not matter', async (_what, text) => {
    const { taken, told } = await read(text);
    expect(told).toEqual([]);
    expect(taken).toEqual([
      expect.objectContaining({ prefix: '49', destination: 'Germany', pricePerMinute: '0.010000' }),
    ]);
  });

  test('five lines are handed on in batches of 2, 2 and 1, in their order', async () => {
    const lines = [1, 2, 3, 4, 5].map(digit => `${digit},Somewhere,1,0,1,1`);
    const { batches, rates } = await read(`${HEADER}\n${lines.join('\n')}`);
    expect(rates).toBe(5);
    expect(batches.map(batch => batch.map(({ prefix }) => prefix))).toEqual([['1', '2'], ['3', '4'], ['5']]);
  });

  test('one prefix may have several prices for days that do not meet', async () => {
    const { taken, told } = await read(`${FULL}\n${GERMANY},,,,,2026-06-30\n${GERMANY},,,,2026-07-01,\n`);
    expect(told).toEqual([]);
    expect(taken.map(({ line }) => line)).toEqual([2, 3]);
  });
});

describe('a bad line is named with its field, its value and what to do', () => {
  test.each([
    ['+49,Germany,1,0,1,1', 'prefix "+49" is not digits: write digits only, without + and blanks'],
    ['4 9,Germany,1,0,1,1', 'prefix "4 9" is not digits'],
    ['4.9E+11,Germany,1,0,1,1', 'prefix "4.9E+11" is not digits'],
    ['0049,Germany,1,0,1,1', 'prefix "0049" begins with 00: leave the 00 out'],
    [`${'4'.repeat(33)},Germany,1,0,1,1`, 'has 33 digits: use at most 32'],
    ['49,,1,0,1,1', 'destination "" is empty: name it'],
    [`49,${'x'.repeat(101)},1,0,1,1`, 'has 101 characters: use at most 100'],
    ['49,Ger\u001bmany,1,0,1,1', 'destination "Ger\\u001bmany" holds a control character'],
    ['49,"Ger\nmany",1,0,1,1', 'a quote " is opened and never closed in its line'],
    ['49,Germany,-0,0,1,1', 'price_per_minute "-0" is negative: write 0 or more'],
    ['49,Germany,1,-0.00,1,1', 'connect_fee "-0.00" is negative: write 0 or more'],
    ['49,Germany,-0.01,0,1,1', 'price_per_minute "-0.01" is negative: write 0 or more'],
    ['49,Germany,1,-1,1,1', 'connect_fee "-1" is negative'],
    ['49,Germany,cheap,0,1,1', 'price_per_minute "cheap" is not an amount'],
    ['49,Germany,,0,1,1', 'price_per_minute "" is not an amount'],
    ['49,Germany,1e3,0,1,1', 'price_per_minute "1e3" is not an amount'],
    ['49,Germany,0.0000001,0,1,1', 'price_per_minute "0.0000001" has more than six decimals: round it yourself'],
    ['49,Germany,"0,01",0,1,1', 'price_per_minute "0,01" is not an amount'],
    ['49,Germany,1,0,0,1', 'initial_increment "0" is not a whole number of seconds from 1 to 86400'],
    ['49,Germany,1,0,1,0', 'increment "0" is not a whole number of seconds from 1 to 86400'],
    ['49,Germany,1,0,1,1.5', 'increment "1.5" is not a whole number'],
    ['49,Germany,1,0,1,', 'increment "" is not a whole number'],
    ['49,Germany,1,0,1,86401', 'increment "86401" is not a whole number'],
    ['49,Germany,1,0,1', '5 cells, the header has 6'],
    ['49,Germany, North,1,0,1,1', '7 cells, the header has 6: make them equal, quote commas'],
  ])('%j', async (line, problem) => {
    const { told, taken } = await read(`${HEADER}\n${line}\n`);
    expect(told[0]).toContain(problem);
    expect(told[0]).toMatch(/^line [234]: /);
    expect(taken).toEqual([]);
  });

  test.each([
    ['-1,,,,', 'minimum_charge "-1" is negative'],
    [',-1,,,', 'grace_seconds "-1" is not a whole number of seconds from 0'],
    [',,0,,', 'max_seconds "0" is not a whole number of seconds from 1'],
    [',,,2026-02-30,', 'valid_from "2026-02-30" is not a day: write it as 2026-12-31'],
    [',,,01.02.2026,', 'valid_from "01.02.2026" is not a day'],
    [',,,,2026-13-01', 'valid_until "2026-13-01" is not a day'],
    [',,,2026-06-02,2026-06-01', 'valid_from 2026-06-02 is after valid_until 2026-06-01'],
  ])('optional cells %j', async (cells, problem) => {
    const { told } = await read(`${FULL}\n${GERMANY},${cells}\n`);
    expect(told).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    ['+49,X,1,0,1,1', 'prefix_not_digits', { value: '+49' }],
    ['0049,X,1,0,1,1', 'prefix_begins_00', { value: '0049' }],
    [`${'4'.repeat(33)},X,1,0,1,1`, 'prefix_too_long', { value: '4'.repeat(33), length: 33, most: 32 }],
    ['49,,1,0,1,1', 'missing', { column: 'destination', value: '' }],
    [
      `49,${'x'.repeat(101)},1,0,1,1`,
      'too_long',
      { column: 'destination', value: `${'x'.repeat(40)}…`, length: 101, most: 100 },
    ],
    ['49,a\u001bb,1,0,1,1', 'control_character', { column: 'destination', value: 'a\u001bb' }],
    ['49,a\ufffdb,1,0,1,1', 'not_utf_8', { column: 'destination', value: 'a\ufffdb' }],
    ['49,X,-1,0,1,1', 'below_zero', { column: 'price_per_minute', value: '-1' }],
    ['49,X,cheap,0,1,1', 'not_amount', { column: 'price_per_minute', value: 'cheap' }],
    ['49,X,1,0.0000001,1,1', 'too_many_decimals', { column: 'connect_fee', value: '0.0000001' }],
    ['49,X,100000000000000,0,1,1', 'amount_too_large', { column: 'price_per_minute', value: '100000000000000' }],
    ['49,X,1,0,0,1', 'not_seconds', { column: 'initial_increment', value: '0', least: 1, most: 86_400 }],
    ['49,X,1,0,1', 'cell_count', { length: 5, wanted: 6 }],
    ['49,"X,1,0,1,1', 'quote_not_closed', {}],
    ['49,"X"Y,1,0,1,1', 'quote_not_followed', {}],
    ['49,X"Y,1,0,1,1', 'quote_within', {}],
    [`49,${'x'.repeat(70_000)},1,0,1,1`, 'line_too_long', { most: 65_536 }],
  ])('%#: it is named for a program too', async (line, rule, facts) => {
    const { bad } = await read(`${HEADER}\n${line}\n`);
    expect(bad).toEqual([{ line: 2, problem: expect.any(String), rule, facts }]);
  });

  test.each([
    [',,maybe,,', 'not_yes_or_no', { column: 'blocked', value: 'maybe' }],
    ['2026-02-30,,,,', 'not_day', { column: 'valid_from', value: '2026-02-30' }],
    ['2026-06-02,2026-06-01,,,', 'days_exchanged', { from: '2026-06-02', until: '2026-06-01' }],
    [',,yes,yes,', 'blocked_and_removed', {}],
    [',2026-06-01,,yes,', 'last_day_of_removed', { value: '2026-06-01' }],
    [',,,,180', 'not_step', { column: 'steps', value: '180', most: 86_400 }],
    [',,,,180:-1/6', 'below_zero', { column: 'steps', value: '-1' }],
    [',,,,180:x/6', 'not_amount', { column: 'steps', value: 'x' }],
    [',,,,60:1/6 60:2/6', 'step_too_early', { column: 'steps', from: 60, least: 61 }],
    [
      `,,,,${[1, 2, 3, 4, 5, 6].map(at => `${at}:1/1`).join(' ')}`,
      'steps_too_many',
      { column: 'steps', length: 6, most: 5 },
    ],
  ])('optional cells %j are named for a program too', async (cells, rule, facts) => {
    const { bad } = await read(`${HEADER},valid_from,valid_until,blocked,removed,steps\n${GERMANY},${cells}\n`);
    expect(bad).toEqual([{ line: 2, problem: expect.any(String), rule, facts }]);
  });

  test.each([
    ['prefix;price', 'one_column', { value: 'prefix;price' }],
    [`${HEADER},colour`, 'column_unknown', { value: 'colour', words: expect.stringContaining('prefix, destination') }],
    [`${HEADER},prefix`, 'column_twice', { value: 'prefix' }],
    [HEADER.replace('prefix,', ''), 'column_missing', { value: 'prefix' }],
    [HEADER, 'file_empty', {}],
    ['PK\x03\x04 …', 'file_not_text', {}],
    ['p\0r\0e\0f\0', 'file_utf_16', {}],
  ])('the header %j is named for a program too', async (header, rule, facts) => {
    const { bad } = await read(`${header}\n`);
    expect(bad).toEqual([{ line: 1, problem: expect.any(String), rule, facts }]);
  });

  test('everything that is wrong with a line is told', async () => {
    const { told } = await read(`${HEADER}\nx,,-1,a,0,0\n`);
    expect(told.map(text => text.split(' ')[2])).toEqual([
      'prefix',
      'destination',
      'price_per_minute',
      'connect_fee',
      'initial_increment',
      'increment',
    ]);
  });

  test.each([
    ['LF', ['\n', '\n', '\n', '\n']],
    ['CRLF', ['\r\n', '\r\n', '\r\n', '\r\n']],
    ['CR', ['\r', '\r', '\r', '\r']],
    ['LF, then CRLF', ['\n', '\r\n', '\r\n', '\r\n']],
    ['CRLF, then LF', ['\r\n', '\n', '\n', '\n']],
    ['all three', ['\r', '\r\n', '\n', '\r']],
  ])('lines that end with %s are counted as an editor counts, however the file comes apart', async (_what, ends) => {
    const lines = [HEADER, GERMANY, '+48,Poland,1,0,1,1', '', '+47,Norway,1,0,1,1'];
    const bytes = Buffer.from(lines.map((line, index) => line + (ends[index] ?? '')).join(''));
    for (const size of [1, 7, 64 * 1024]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, piece) =>
        bytes.subarray(piece * size, (piece + 1) * size),
      );
      const { bad } = await readRateFile(Readable.from(pieces), 2, async () => undefined);
      expect(bad.map(({ line }) => line)).toEqual([3, 5]);
    }
  });

  test('a quote that is wrong is blamed on its own line, and hides no other bad one', async () => {
    const rows = [GERMANY, '48,"Poland,1,0,1,1', '+47,Norway,1,0,1,1', '46,Swe"den,1,0,1,1', '45,"Den"mark,1,0,1,1'];
    const { told, rates } = await read(`${HEADER}\n${rows.join('\n')}\n44,UK,x,0,60,1\n`);
    expect(told.map(text => text.slice(0, 24))).toEqual([
      'line 3: a quote " is ope',
      'line 4: prefix "+47" is ',
      'line 5: a quote " stands',
      'line 6: a closing quote ',
      'line 7: price_per_minute',
    ]);
    expect(rates).toBe(1);
  });

  test('a line that is too long is named, and so is a bad one behind it', async () => {
    const { told } = await read(
      `${HEADER}\n48,${'é'.repeat(40_000)},1,0,1,1\n48,${'x'.repeat(300_000)},1,0,1,1\n+47,,\n`,
    );
    expect(told.map(text => text.slice(0, 30))).toEqual([
      'line 2: the line is longer tha',
      'line 3: the line is longer tha',
      'line 4: 3 cells, the header ha',
    ]);
  });

  test.each([
    ['with its mark', '\ufeff'],
    ['without', ''],
  ])('UTF-16 %s is refused by name, whichever byte comes first', async (_what, mark) => {
    const little = Buffer.from(`${mark}${HEADER}\r\n${GERMANY}\r\n`, 'utf16le');
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      expect((await read(bytes)).told).toEqual(['line 1: the file is UTF-16, not UTF-8: save it as UTF-8']);
    }
  });

  test.each([
    ['.xlsx', [0x50, 0x4b, 3, 4, 0x14, 0, 6, 0, 8, 0, 0, 0, 0x21, 0]],
    ['.xls', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0, 0, 0]],
  ])('a workbook (%s) is refused, with what to do', async (_what, bytes) => {
    for (const more of [0, 200_000]) {
      expect((await read(Buffer.from([...bytes, ...new Array<number>(more).fill(1)]))).told).toEqual([
        'line 1: the file is a workbook or packed, not text: save its sheet as CSV, and import that',
      ]);
    }
  });

  test('a file that is not UTF-8 is told so', async () => {
    const latin1 = Buffer.from(`${HEADER}\n43,\xd6sterreich,1,0,1,1\n`, 'latin1');
    expect((await read(latin1)).told).toEqual([expect.stringContaining('is not UTF-8: save the file as UTF-8')]);
  });
});

describe('a file that cannot be judged line by line', () => {
  test.each([
    ['', 'line 1: the file holds no rate'],
    [`${HEADER}\n`, 'line 1: the file holds no rate'],
    ['prefix,destination\n49,Germany', 'line 1: column price_per_minute is missing: add it'],
    [`${HEADER},colour\n`, 'line 1: column "colour" is unknown: the columns are prefix, '],
    [`${HEADER},prefix\n`, 'line 1: column prefix is there twice: leave one out'],
    [HEADER.replaceAll(',', ';'), 'is one column: separate the columns with commas'],
    [`${HEADER}\n${GERMANY}\n48,"Poland,1,0,1,1\n47,Norway,1,0,1,1\n`, 'a quote " is opened and never closed'],
    [`${HEADER}\n${GERMANY}\n48,"Pol"and,1,0,1,1\n`, 'line 3: a closing quote " is not followed by a comma'],
    [`${HEADER}\n${GERMANY}\n48,Pol"and,1,0,1,1\n`, 'line 3: a quote " stands within a cell'],
    [`${HEADER}\n48,${'x'.repeat(70_000)},1,0,1,1\n`, 'the line is longer than 65536 bytes'],
  ])('%#', async (text, problem) => {
    const { told, taken } = await read(text);
    expect(told.join('\n')).toContain(problem);
    expect(taken.map(({ prefix }) => prefix)).not.toContain('48');
  });

  test('good lines around bad ones are handed on, to be compared with each other', async () => {
    const good = (from: number) => [0, 1, 2, 3].map(digit => `${from + digit},Somewhere,1,0,1,1`).join('\n');
    const { taken, told, rates } = await read(
      `${HEADER}\n${good(10)}\n49,Germany,-1,0,1,1\n${good(20)}\n48,,1,0,1,1\n`,
    );
    expect(taken.map(({ prefix }) => prefix)).toEqual(['10', '11', '12', '13', '20', '21', '22', '23']);
    expect({ rates, told: told.map(text => text.slice(0, 7)) }).toEqual({ rates: 8, told: ['line 6:', 'line 11'] });
  });

  test('of 120 bad lines 50 are told in full and all are counted', async () => {
    const bad = Array.from({ length: 120 }, (_, index) => `${index},Somewhere,-1,0,1,1`);
    const { told, problems, taken, rates } = await read(`${HEADER}\n${bad.join('\n')}\n${GERMANY}999,1,1,1,1,1\n`);
    expect({ told: told.length, problems, taken: taken.length, rates }).toEqual({
      told: 50,
      problems: 121,
      taken: 0,
      rates: 0,
    });
  });

  test('a problem that is found late is told in the place of its line, the first 50 of all', () => {
    const result: CsvFileResult = { rows: 0, bad: [], problems: 0 };
    const add = (line: number) => addProblem(result, { line, problem: '', rule: 'missing', facts: {} });
    for (let line = 2; line <= 200; line += 2) add(line);
    for (const line of [3, 1, 2, 201]) add(line);
    expect(result.problems).toBe(104);
    expect(result.bad).toHaveLength(50);
    expect(result.bad.map(({ line }) => line).slice(0, 7)).toEqual([1, 2, 2, 3, 4, 6, 8]);
  });
});
