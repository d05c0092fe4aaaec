import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { micros } from '../../src/money/micros';
import { type Cell, type CsvStyle, CsvWriter, Decimal, PLAIN_CSV } from '../../src/operator/csv';
import type { Fact } from '../../src/operator/facts';

const styled = (style: Partial<CsvStyle>) => new CsvWriter({ ...PLAIN_CSV, ...style });
const AT = new Date('2026-07-01T12:34:56.789Z');

test.each<[why: string, style: Partial<CsvStyle>, fact: Cell, cell: string]>([
  ['a number keeps its decimals', {}, new Decimal('-1.50'), '-1.50'],
  ['with the mark too', { separator: ';', decimalMark: ',' }, new Decimal('-1.50'), '-1,50'],
  ['null is empty', {}, null, ''],
  ['an amount below zero is a number, and no formula', {}, micros(-1_500_000n), '-1.50'],
  ['a number below zero too', {}, -1.5, '-1.5'],
  ['with the mark that is wanted', { separator: ';', decimalMark: ',' }, micros(-1_500_000n), '-1,50'],
  ['a comma between columns does not split it', { decimalMark: ',' }, micros(1_500_000n), '"1,50"'],
  ['whole numbers have no mark', { decimalMark: ',' }, 1_000, '1000'],
  ['a text keeps its points', { separator: ';', decimalMark: ',' }, '1.5', '1.5'],
  ['yes and no as in JSON', {}, true, 'true'],
  ['a list as JSON', {}, ['a', 'b'], '"[""a"",""b""]"'],
  [
    'amounts and times within, too',
    {},
    { paid: micros(1n), at: AT },
    `"{""paid"":""0.000001"",""at"":""${AT.toISOString()}""}"`,
  ],
  ['a time in UTC', {}, AT, '2026-07-01T12:34:56.789Z'],
  ['in summer', { timeZone: 'Europe/Berlin' }, AT, '2026-07-01T14:34:56.789+02:00'],
  ['in winter', { timeZone: 'Europe/Berlin' }, new Date('2026-01-01T00:00:00Z'), '2026-01-01T01:00:00.000+01:00'],
  ['west of it', { timeZone: 'America/St_Johns' }, new Date('2026-01-01T00:00:00Z'), '2025-12-31T20:30:00.000-03:30'],
  ['as spreadsheets read it', { timeZone: 'Europe/Berlin', dateFormat: 'spreadsheet' }, AT, '2026-07-01 14:34:56'],
  ...['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'].map(
    text =>
      ['a text that would be a formula is none', {}, text, text === '\rx' ? `"'${text}"` : `'${text}`] as [
        string,
        object,
        string,
        string,
      ],
  ),
  ...[',', ';', '\t', '\n', '\r', ';"', ',""'].flatMap(before =>
    ['=1+1', '+1', '-1', '@SUM(A1)'].map((formula): [string, object, string, string] => {
      const written = `paid${before}'${formula}`;
      const cell = /[",\r\n]/.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
      return [
        'nor does one begin behind what another spreadsheet takes for a separator',
        {},
        `paid${before}${formula}`,
        cell,
      ];
    }),
  ),
  ['a text with a sum in it stays', { separator: ';' }, 'paid: 1+1=2, a-b @ home', 'paid: 1+1=2, a-b @ home'],
  ['in JSON it is escaped', {}, ['a', '=1+1', 'b;-1'], '"[""a"",""\\u003d1+1"",""b;\\u002d1""]"'],
  ['but for numbers', {}, [1, -1, -2.5e-7], '"[1,-1,-2.5e-7]"'],
])('%s: %j', (_why, style, fact, cell) => {
  expect(styled(style).line([fact, 'end'])).toBe(`${cell}${style.separator ?? ','}end\n`);
});

const text = fc
  .oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[=+@\-\t\r,;"'\n a]{0,6}$/))
  .filter(value => !value.includes('\ufeff'));

const fact: fc.Arbitrary<Fact> = fc.oneof(
  text,
  fc.constant(null),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(micros),
  fc.integer(),
  fc.boolean(),
);

test('JSON keeps its value, whatever is escaped in it', () => {
  const nested = fc.array(fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })));
  fc.assert(
    fc.property(nested, fc.constantFrom<CsvStyle['separator']>(',', ';', '\t'), (given, separator) => {
      const line = styled({ separator }).line([given]);
      const [[cell]] = parse(line, { delimiter: separator, record_delimiter: '\n' }) as [[string]];
      expect(JSON.parse(cell)).toEqual(JSON.parse(JSON.stringify(given)));
      expect(cell).not.toMatch(/[,;]"*[=+@]|;"*-|,"+-/);
    }),
    { numRuns: 1_000 },
  );
});

test('a parser reads back what was written, but for the apostrophes before what would be a formula', () => {
  const style = fc.record({
    separator: fc.constantFrom<CsvStyle['separator']>(',', ';', '\t'),
    decimalMark: fc.constantFrom<CsvStyle['decimalMark']>('.', ','),
  });
  fc.assert(
    fc.property(style, fc.array(fc.tuple(fact, fact, fact), { minLength: 1, maxLength: 5 }), (chosen, rows) => {
      const writer = styled(chosen);
      const read: string[][] = parse(rows.map(row => writer.line(row)).join(''), {
        delimiter: chosen.separator,
        record_delimiter: '\n',
      });
      const plain = new CsvWriter();
      expect(read).toEqual(
        rows.map(row =>
          row.map(cell => {
            if (typeof cell === 'string') {
              const begun = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
              return begun.replace(/[,;\t\r\n]"*(?=[=+\-@])/g, before => `${before}'`);
            }
            const number = plain.line([cell]).trimEnd();
            return typeof cell === 'bigint' ? number.replace('.', chosen.decimalMark) : number;
          }),
        ),
      );
    }),
    { numRuns: 1_000 },
  );
});
