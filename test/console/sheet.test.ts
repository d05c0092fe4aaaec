/** How a carrier's sheet is understood: bytes, separators, columns, codes, prices and days, in the shapes that carriers send. */
import fc from 'fast-check';
import { decoded, NoText } from '../../console/src/pages/prices/sheet/bytes';
import {
  amountIn,
  BadCell,
  dayIn,
  hyphenIn,
  incrementsIn,
  markIn,
  orderIn,
  prefixesIn,
} from '../../console/src/pages/prices/sheet/cells';
import { headerAt, isOurHeader, meaningsIn } from '../../console/src/pages/prices/sheet/columns';
import { choicesOf, isSame, meaningsByKept, readingOf } from '../../console/src/pages/prices/sheet/kept';
import { type Choices, type Read, read } from '../../console/src/pages/prices/sheet/reading';
import { rowsOf, separatorOf } from '../../console/src/pages/prices/sheet/rows';

const TODAY = '2026-11-30';

function understood(text: string, choices: Choices = {}, currency = 'EUR'): Read & { meanings: (string | null)[] } {
  const rows = rowsOf(text, separatorOf(text));
  const header = headerAt(rows);
  const meanings = meaningsIn(rows, header);
  const known = {
    currency,
    today: TODAY,
    names: rows[header]?.cells ?? [],
    notices: rows.slice(0, Math.max(0, header)),
  };
  return { ...read(rows.slice(header + 1), meanings, choices, known), meanings };
}

describe('rows', () => {
  test.each([
    ['a quoted cell with a separator, a quote and a line break', 'a,"b,""c""\nd",e\n', [['a', 'b,"c"\nd', 'e']]],
    [
      'a quote that never ends hides nothing',
      'a,"b\nc,d\n',
      [
        ['a', '"b'],
        ['c', 'd'],
      ],
    ],
    [
      'CRLF, CR and LF, blank lines',
      'a,b\r\n\r\nc,d\re,f\n',
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ],
    ],
    ['what keeps digits from becoming a number', '="00425","=""77""",x', [['00425', '77', 'x']]],
    [
      'the last line without an end, and an empty last cell',
      'a,b\nc,',
      [
        ['a', 'b'],
        ['c', ''],
      ],
    ],
  ])('%s', (_, text, cells) => {
    expect(rowsOf(text, ',').map(row => row.cells)).toEqual(cells);
  });

  test('each row knows the line where it begins', () => {
    expect(rowsOf('a,"b\nc"\n\nd,e\n', ',').map(({ line }) => line)).toEqual([1, 4]);
  });

  test.each([
    [';', 'a;1,5;x\nb;2,5;y\n'],
    [',', 'codes,price,name\n"1;2;3",1,x\n4,2,y\n5,2,z\n6,2,z\n'],
    ['\t', 'a\tb\tc\n1\t2\t3\n'],
    ['|', 'a|b|c\n1|2|3\n'],
  ])('the separator %j', (separator, text) => expect(separatorOf(text)).toBe(separator));
});

test('bytes: a workbook is refused, UTF-16 is known by its mark, and what is not UTF-8 is read as Windows writes', () => {
  expect(() => decoded(new TextEncoder().encode('PK\u0003\u0004'))).toThrow(NoText);
  expect(() => decoded(new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]))).toThrow(NoText);
  expect(decoded(new Uint8Array([0xff, 0xfe, 0x61, 0]))).toEqual({ text: 'a', encoding: 'utf-16' });
  expect(decoded(new Uint8Array([0x4d, 0xfc]))).toEqual({ text: 'Mü', encoding: 'windows-1252' });
  expect(decoded(new TextEncoder().encode('\ufeffMü'))).toEqual({ text: 'Mü', encoding: 'utf-8' });
});

describe('a cell of codes', () => {
  test.each([
    ['99971, 99974; 99976-99979', 'range', ['99971', '99974', '99976', '99977', '99978', '99979']],
    ['99970-99979', 'range', ['9997']],
    ['71-75,79', 'range', ['71', '72', '73', '74', '75', '79']],
    ['100-299', 'range', ['1', '2']],
    ['+999 71', 'range', ['99971']],
    ['00425', 'range', ['425']],
    ['0049170-0049179', 'range', ['4917']],
    ['71 - 75', 'range', ['71', '72', '73', '74', '75']],
    ['999 71, 999 74', 'range', ['99971', '99974']],
    ['999 71,74', 'range', ['99971', '99974']],
    ['999-71', 'pair', ['99971']],
    ['425-75, 425-76', 'pair', ['42575', '42576']],
    ['71|71', 'range', ['71']],
  ] as const)('%s', (cell, hyphen, prefixes) => expect(prefixesIn(cell, hyphen)).toEqual(prefixes));

  test('is relative to the country beside it, which alone is a prefix too', () => {
    expect(prefixesIn('201-203,209', 'range', '1')).toEqual(['1201', '1202', '1203', '1209']);
    expect(prefixesIn('', 'range', '+425')).toEqual(['425']);
  });

  test.each([
    ['4.47E+11', 'exponent'],
    ['FRD', 'noDigits'],
    ['99979-99976', 'rangeBackwards'],
    ['100000-199999', 'rangeTooWide'],
    ['1234567890123456', 'tooLong'],
    ['049', 'leadingZero'],
    ['049170-049179', 'leadingZero'],
    ['00', 'noDigits'],
    ['1 876 2,3', 'halfList'],
    ['999 71,99974', 'halfList'],
  ])('%s is refused: %s', (cell, problem) => expect(refusalOf(() => prefixesIn(cell, 'range'))).toBe(problem));

  test('the prefixes of a range fit its numbers and no others, and no fewer would', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), fc.integer({ min: 0, max: 400 }), (from, width) => {
        const to = Math.min(999, from + width);
        const text = (number: number) => String(number).padStart(3, '0');
        const prefixes = prefixesIn(`${text(from)}-${text(to)}`, 'range');
        for (let number = 0; number <= 999; number++) {
          const fitting = prefixes.filter(prefix => text(number).startsWith(prefix)).length;
          if (fitting !== (number >= from && number <= to ? 1 : 0)) return false;
        }
        return true;
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['ranges', ['99976-99979', '71'], false, 'range'],
    ['country and area', ['999-1', '999-71', '425-7'], false, 'pair'],
    ['could be both', ['425-426'], false, null],
    ['beside a country it is a range', ['201-205'], true, 'range'],
    ['both kinds', ['999-1', '99976-99979'], false, null],
    ['none', ['999'], false, 'range'],
  ])('hyphens of a column: %s', (_, cells, hasCountry, hyphen) => expect(hyphenIn(cells, hasCountry)).toBe(hyphen));
});

describe('a price', () => {
  test.each([
    ['$0.0121', '.', 'USD', '0.0121'],
    ['0,0987 EUR', ',', 'EUR', '0.0987'],
    ['1.234,50', ',', 'EUR', '1234.5'],
    ['1,234.50', '.', 'EUR', '1234.5'],
    ['.05', '.', 'EUR', '0.05'],
    ['0.1000000', '.', 'EUR', '0.1'],
    ['7', '.', 'EUR', '7'],
  ] as const)('%s by %s', (cell, mark, currency, amount) => expect(amountIn(cell, mark, currency)).toBe(amount));

  test.each([
    ['0.0000001', 'tooManyDecimals'],
    ['-1', 'negative'],
    ['free', 'noAmount'],
    ['0.05 USD', 'otherCurrency'],
    ['1.2.3', 'noAmount'],
    ['1,23.5', 'noAmount'],
    ['.', 'noAmount'],
  ])('%s is refused: %s', (cell, problem) => expect(refusalOf(() => amountIn(cell, '.', 'EUR'))).toBe(problem));

  test('0.015 is no group of thousands: with the decimal comma it would be 15', () => {
    expect(refusalOf(() => amountIn('0.015', ',', 'EUR'))).toBe('noAmount');
    expect(refusalOf(() => amountIn('01.015', ',', 'EUR'))).toBe('noAmount');
    expect(amountIn('1.015', ',', 'EUR')).toBe('1015');
  });

  test.each([
    [['0.0121', '1'], '.'],
    [['0,221'], ','],
    [['1.234,50', '1.234'], ','],
    [['1.234'], null],
    [['1.234,50', '$ 0.01'], null],
    [['1', '2'], '.'],
  ])('the decimal mark of %j', (cells, mark) => expect(markIn(cells)).toBe(mark));
});

test.each([
  ['60/1', { initial: '60', next: '1' }],
  ['30+6', { initial: '30', next: '6' }],
  ['1', { initial: '1', next: '1' }],
  ['60/30/6', { initial: '60', next: '6' }],
  ['per second', { initial: '1', next: '1' }],
])('increments %s', (cell, increments) => expect(incrementsIn(cell)).toEqual(increments));

test('increments of 0 are refused', () => expect(refusalOf(() => incrementsIn('0/1'))).toBe('increments'));

describe('a day', () => {
  test.each([
    ['2026-12-08 00:00:00', 'dmy', '2026-12-08'],
    ['1/12/2026', 'dmy', '2026-12-01'],
    ['12/1/2026', 'mdy', '2026-12-01'],
    ['08-Dec-2026', 'dmy', '2026-12-08'],
    ['1.12.2026', 'mdy', '2026-12-01'],
    ['20261208', 'dmy', '2026-12-08'],
    ['46357', 'dmy', '2026-12-01'],
    ['ASAP', 'dmy', null],
    ['', 'dmy', null],
  ] as const)('%s in %s', (cell, order, day) => expect(dayIn(cell, order)).toBe(day));

  test.each([
    ['1-Dec', 'noYear'],
    ['31/2/2026', 'noDay'],
    ['soon', 'noDay'],
  ])('%s is refused: %s', (cell, problem) => expect(refusalOf(() => dayIn(cell, 'dmy'))).toBe(problem));

  test.each([
    [['1/12/2026', '24/11/2026'], 'dmy'],
    [['12/24/2026'], 'mdy'],
    [['1/12/2026'], null],
    [['1/1/2026', '2026-12-01'], 'dmy'],
  ])('the order of %j', (cells, order) => expect(orderIn(cells)).toBe(order));
});

describe('a sheet', () => {
  const inDollars = [
    'Example Wholesale Ltd',
    'Currency:,USD per minute',
    '',
    'Country,Network,Dial Codes,Rate/Min,Effective,Billing,Change',
    'Freedonia,Mobile,"99971, 99976-99977",0.0987,01/12/2026,60/1,Increase',
    'Freedonia,Fixed,999,0.0311,24/11/2026,1/1,Unchanged',
    'Latveria,Fixed,2106,0.22,24/11/2026,1/1,Closed',
    'Prices are without tax.',
  ].join('\n');

  test('with notices, lists, ranges, day-first dates and closed lines', () => {
    const sheet = understood(inDollars, {}, 'USD');
    expect(sheet.csv.slice(1)).toEqual([
      '99971,Freedonia Mobile,0.0987,0,60,1,0,0,,2026-12-01,,',
      '99976,Freedonia Mobile,0.0987,0,60,1,0,0,,2026-12-01,,',
      '99977,Freedonia Mobile,0.0987,0,60,1,0,0,,2026-12-01,,',
      '999,Freedonia Fixed,0.0311,0,1,1,0,0,,,,',
      '2106,Latveria Fixed,,,,,,,,,,yes',
    ]);
    expect(sheet.lineOf).toEqual([1, 5, 5, 5, 6, 7]);
    expect(sheet.later).toBe(3);
    expect([sheet.blocked.length, sheet.leftOut.noCode.length]).toEqual([1, 1]);
  });

  test.each([
    [
      'the whole code, not its parts',
      'Destination,Country Code,Area Code,Complete Code,Rate,Pulse\nX,999,71,99971,0.1,1/1',
      '99971,X,0.1,0,1,1,0,0,,,,',
    ],
    [
      'two columns of increments',
      'Code,Destination,Connection Cost (EUR),Cost / Min (EUR),Initial Increment,Increment\n999,X,0.01,0.041,30,6',
      '999,X,0.041,0.01,30,6,0,0,,,,',
    ],
    [
      'a new price beside the current one',
      'Destination,Code,Current Rate,New Rate,Billing\nX,999,0.1,0.2,60/60',
      '999,X,0.2,0,60,60,0,0,,,,',
    ],
    [
      'a decimal comma',
      'Destinazione;Prefisso;Tariffa/min;Takt\n"X; Y";999;0,0311;1/1',
      '999,X; Y,0.0311,0,1,1,0,0,,,,',
    ],
    [
      'a name with a comma is quoted',
      '"Target Pattern Name","Prefix","Per minute charge","Charge period"\n"X, ""Y""",+9997,0.115,60',
      '9997,"X, ""Y""",0.115,0,60,60,0,0,,,,',
    ],
  ])('%s', (_, text, line) => expect(understood(text).csv.slice(1)).toEqual([line]));

  test('without a header is understood by its values', () => {
    const sheet = understood('999;Freedonia Fixed;0.0311;30;6;0\n425;Sylvania;0.0166;1;1;0\n', { increments: '60/1' });
    expect(sheet.meanings).toEqual(['code', 'name', 'price', null, null, null]);
    expect(sheet.csv[1]).toBe('999,Freedonia Fixed,0.0311,0,60,1,0,0,,,,');
  });

  test('asks for what it leaves open, and makes no rate before', () => {
    const text = 'Code,Destination,Rate,Effective\n425-426,X,1.234,1/12/2026\n';
    expect(understood(text)).toMatchObject({ questions: ['hyphen', 'mark', 'order'], csv: [expect.any(String)] });
    expect(understood(text, { hyphen: 'range', mark: '.', order: 'dmy' }).questions).toEqual(['increments']);
    const all = { hyphen: 'range', mark: '.', order: 'dmy', increments: '60/1' } as const;
    expect(understood(text, all)).toMatchObject({ questions: [], lineOf: [1, 2, 2] });
  });

  test('in another currency than the deck makes no rate before a person says that it is in that of the deck', () => {
    const asked = understood(inDollars, {}, 'EUR');
    expect(asked).toMatchObject({ questions: ['currency'], csv: [expect.any(String)] });
    expect(asked.doubts).toMatchObject([{ about: 'currency', found: ['Currency: USD per minute'] }]);
    const confirmed = asked.doubts.map(({ id }) => id);
    expect(understood(inDollars, { confirmed }, 'EUR')).toMatchObject({ questions: [], lineOf: [1, 5, 5, 5, 6, 7] });
    // What was said for one deck says nothing for another.
    expect(understood(inDollars, { confirmed }, 'GBP').questions).toEqual(['currency']);
  });

  test.each([
    ['in brackets', 'Code,Destination,Rate (USD),Billing\n999,X,0.05,1/1', 'currency', 'Rate (USD)'],
    ['in the name', 'Code,Destination,USD per min,Billing\n999,X,0.05,1/1', 'currency', 'USD per min'],
    ['as a sign', 'Code,Destination,Rate [$],Billing\n999,X,0.05,1/1', 'currency', 'Rate [$]'],
    [
      'in words',
      'Rates in US dollars\nCode,Destination,Rate,Billing\n999,X,0.05,1/1',
      'currency',
      'Rates in US dollars',
    ],
    ['of a fee', 'Code,Rate (EUR),Setup Fee (CHF),Billing\n999,0.05,1,1/1', 'currency', 'Setup Fee (CHF)'],
    ['in its own column', 'Code,Destination,Rate,Currency,Billing\n999,X,0.05,USD,1/1', 'currency', 'USD'],
    ['in a column of another name', 'Code,Destination,Rate,Money,Billing\n999,X,0.05,SEK,1/1', 'currency', 'SEK'],
    ['without a header', '999;Freedonia Fixed;0.0311;USD\n425;Sylvania;0.0166;USD\n', 'currency', 'USD'],
    ['that is a word too', 'Currency:;TRY\nCode;Destination;Rate;Billing\n999;X;0.05;1/1', 'currency', 'Currency: TRY'],
    [
      'below',
      'Code,Destination,Rate,Billing\n999,X,0.05,1/1\n,All prices are in GBP,,',
      'currency',
      'All prices are in GBP',
    ],
    ['cents', 'Code,Destination,Rate (cents/min),Billing\n999,X,5.2,1/1', 'unit', 'Rate (cents/min)'],
    ['ct', 'Code,Destination,Preis (ct/min),Billing\n999,X,5.2,1/1', 'unit', 'Preis (ct/min)'],
    ['pence', 'Code,Destination,Price (pence),Billing\n999,X,5.2,1/1', 'unit', 'Price (pence)'],
    ['seconds', 'Code,Destination,Rate (per second),Billing\n999,X,0.001,1/1', 'unit', 'Rate (per second)'],
    ['/sec', 'Code,Destination,Price (EUR/sec),Billing\n999,X,0.001,1/1', 'unit', 'Price (EUR/sec)'],
    ['cents above', 'Rates in cents\nCode,Destination,Rate,Billing\n999,X,5.2,1/1', 'unit', 'Rates in cents'],
  ])('another currency or unit is asked about: %s', (_, text, about, found) => {
    const { questions, doubts, csv } = understood(text, { increments: '60/1' });
    expect({ questions, doubts, rates: csv.length - 1 }).toMatchObject({
      questions: [about],
      doubts: [{ about, found: [found] }],
      rates: 0,
    });
  });

  test.each([
    [
      'the currency of the deck',
      'Prices in EUR,a minute\nCode,Destination,Rate (EUR/min),Currency,Billing\n999,X,0.05,EUR,1/1',
    ],
    ['words that are codes too', 'ALL TOP DESTINATIONS\nCode,Destination,Rate,Billing\n999,X,0.05,1/1'],
    ['billing by the second', 'Billing is per second\nCode,Destination,Rate per minute,Billing\n999,X,0.05,1/1'],
    ['known words for changes', 'Status\nCode,Rate,Billing,Status\n999,0.05,1/1,Rate increase'],
    ['per cent', 'All rates rise by 10 per cent\nCode,Destination,Rate,Billing\n999,X,0.05,1/1'],
  ])('nothing is asked about %s', (_, text) =>
    expect(understood(text)).toMatchObject({ questions: [], doubts: [], lineOf: [1, 3] }),
  );

  test('two prices that differ and lines without a price are not guessed at; blocked lines make blocked rates', () => {
    const sheet = understood(
      'Prefix,Description,Forbidden,Price 1,Price N,Interval 1,Interval N\n1,A,0,0.1,0.1,60,1\n2,B,0,0.1,0.2,60,1\n3,C,1,0.1,0.1,60,1\n4,D,0,,,60,1\n',
    );
    expect(sheet.csv.slice(1)).toEqual(['1,A,0.1,0,60,1,0,0,,,,', '3,C,,,,,,,,,,yes']);
    expect(sheet.problems).toEqual([
      { line: 3, problem: 'twoPrices', cell: '0.1 / 0.2', row: '2 · B · 0 · 0.1 · 0.2 · 60 · 1' },
    ]);
    expect([sheet.blocked.length, sheet.leftOut.noPrice.length]).toEqual([1, 1]);
  });

  test('of two prices of a prefix the first ends when the second begins; what is over is left out', () => {
    const sheet = understood(
      'Code,Destination,Rate,Billing,Valid from,Valid until\n999,X,0.2,1/1,2026-12-08,\n999,X,0.1,1/1,,\n998,Y,0.1,1/1,,2026-11-29\n',
    );
    expect(sheet.csv.slice(1)).toEqual(['999,X,0.2,0,1,1,0,0,,2026-12-08,,', '999,X,0.1,0,1,1,0,0,,,2026-12-07,']);
    expect(sheet.leftOut.over.map(({ line }) => line)).toEqual([4]);
  });

  test('of two prices of a prefix that both began in the past the later one counts', () => {
    const sheet = understood(
      'Code,Destination,Rate,Billing,Valid from\n999,X,0.1,1/1,2026-01-01\n"999,998",X,0.2,1/1,2026-11-01\n998,Y,0.3,1/1,2026-12-08\n',
    );
    expect(sheet.csv.slice(1)).toEqual([
      '999,X,0.2,0,1,1,0,0,,,,',
      '998,X,0.2,0,1,1,0,0,,,2026-12-07,',
      '998,Y,0.3,0,1,1,0,0,,2026-12-08,,',
    ]);
    expect(sheet.leftOut.over.map(({ line }) => line)).toEqual([2]);
    expect(sheet.later).toBe(1);
  });

  test.each([
    ['Status', 'Closed'],
    ['Status', 'Blocked'],
    ['Status', 'Closed from 2026-12-01'],
    ['Status', 'Barred'],
    ['Status', 'suspended'],
    ['Status', 'discontinued'],
    ['Status', 'Gesperrt'],
    ['Forbidden', '1'],
    ['Rejects', 'yes'],
    ['Discontinued', 'x'],
    ['Deleted', 'blocked'],
  ])('a line whose %s is %s is refused: no shorter prefix is sold in its place', (name, cell) => {
    const sheet = understood(`Code,Destination,Rate,Billing,${name}\n999,X,0.1,1/1,${cell}\n998,X,0.1,1/1,\n`);
    expect(sheet).toMatchObject({ questions: [], problems: [], lineOf: [1, 2, 3], blocked: [{ line: 2 }] });
    expect(sheet.csv[1]).toBe('999,X,,,,,,,,,,yes');
  });

  test.each([
    ['Status', 'Code deletion'],
    ['Status', 'gelöscht'],
    ['Removed', '1'],
    ['Deleted', 'true'],
  ])('a line whose %s is %s makes no rate: it ends the price of its prefix', (name, cell) => {
    const sheet = understood(`Code,Destination,Rate,Billing,${name}\n999,X,0.1,1/1,${cell}\n998,X,0.1,1/1,\n`);
    expect(sheet).toMatchObject({ questions: [], lineOf: [1, 2, 3], blocked: [], removed: 1 });
    expect(sheet.leftOut.removed).toMatchObject([{ line: 2 }]);
    expect(sheet.csv.map(line => line.split(',').slice(-3))).toEqual([
      ['valid_until', 'blocked', 'removed'],
      ['', '', 'yes'],
      ['', '', ''],
    ]);
  });

  test('a removal ends a price that began before it, on the day before; on the day on which a price begins it is none', () => {
    const sheet = understood(
      'Code,Destination,Rate,Billing,Effective,Change\n999,X,0.1,1/1,,New\n999,X,,,2026-12-24,Deleted\n998,Old name,,,,Deleted\n998,New name,0.2,1/1,,New\n',
    );
    expect(sheet.problems).toEqual([]);
    expect(
      sheet.csv.slice(1).map(line => line.replace(/^(\d+),[^,]*,([^,]*),.*?,([^,]*,[^,]*,[^,]*,[^,]*)$/, '$1 $2 $3')),
    ).toEqual(['999 0.1 ,2026-12-23,,', '999  2026-12-24,,,yes', '998 0.2 ,,,']);
  });

  test('a blocked line needs no price, no increments and no sound amount; its code is read like any other', () => {
    const sheet = understood(
      'Code,Destination,Rate,Billing,Status\n"999,998",X,n/a,,Blocked\n9+8E,Y,,,Blocked\n1,Z,0.1,1/1,\n',
    );
    expect(sheet.csv.slice(1)).toEqual(['999,X,,,,,,,,,,yes', '998,X,,,,,,,,,,yes', '1,Z,0.1,0,1,1,0,0,,,,']);
    expect(sheet.problems).toMatchObject([{ line: 3, cell: '9+8E' }]);
  });

  test('a price ends where its prefix is blocked from a later day on; the last day of a blocked line is that of its price', () => {
    const sheet = understood(
      'Code,Destination,Rate,Billing,Valid from,Valid until,Status\n999,X,0.1,1/1,,,\n999,X,0.1,1/1,2026-12-08,,Closed\n998,Y,0.1,1/1,,2026-11-29,Closed\n',
    );
    expect(sheet.csv.slice(1)).toEqual([
      '999,X,0.1,0,1,1,0,0,,,2026-12-07,',
      '999,X,,,,,,,,2026-12-08,,yes',
      '998,Y,,,,,,,,,,yes',
    ]);
    expect(sheet.later).toBe(1);
  });

  test.each([
    ['Status', 'On hold'],
    ['Status', 'Unblocked'],
    ['Status', 'new: blocked'],
    ['Closed', '2026-12-31'],
  ])('%s “%s” is asked about', (name, cell) => {
    const text = `Code,Destination,Rate,Billing,${name}\n999,X,0.1,1/1,${cell}\n998,X,0.1,1/1,\n`;
    const { questions, doubts } = understood(text);
    expect({ questions, doubts }).toMatchObject({
      questions: ['status'],
      doubts: [{ about: 'status', found: [cell] }],
    });
    expect(understood(text, { confirmed: doubts.map(({ id }) => id) }).lineOf).toEqual([1, 2, 3]);
  });

  test('each column has its own decimal mark, and a choice is for what is unclear', () => {
    const text = 'Code;Destination;Rate;Setup fee;Billing\n999;X;0.015;1,50;1/1\n998;X;0.02;0;1/1\n';
    expect(understood(text).csv.slice(1)).toEqual(['999,X,0.015,1.5,1,1,0,0,,,,', '998,X,0.02,0,1,1,0,0,,,,']);
    const unclear = text.replace('1,50', '1,500');
    expect(understood(unclear).questions).toEqual(['mark']);
    expect(understood(unclear, { mark: ',' }).csv[1]).toBe('999,X,0.015,1.5,1,1,0,0,,,,');
    // Both marks in one column: the one that does not fit is told.
    const both = understood(text.replace('0.02', '0,02'), { mark: ',' });
    expect(both.problems).toMatchObject([{ line: 2, problem: 'noAmount', cell: '0.015' }]);
  });

  test('free seconds, later prices, grace and minimum charge go where our own files have them', () => {
    const text =
      'Code,Destination,Rate,Billing,Minimum charge,Grace period,Free seconds,Steps,Status\n' +
      '999,X,0.1,60/1,0.05,3,30s,180:0.05/6; 600:0.02/1,\n998,Y,0.2,1/1,,,,,\n997,Z,,,,,,,Closed\n996,,,,,,,,Deleted\n';
    const sheet = understood(text);
    expect(sheet.meanings.slice(4, 8)).toEqual(['minimum', 'grace', 'free', 'steps']);
    expect(sheet.csv).toEqual([
      'prefix,destination,price_per_minute,connect_fee,initial_increment,increment,minimum_charge,grace_seconds,max_seconds,valid_from,valid_until,blocked,free_seconds,steps,removed',
      '999,X,0.1,0,60,1,0.05,3,,,,,30,180:0.05/6 600:0.02/1,',
      '998,Y,0.2,0,1,1,0,0,,,,,,,',
      '997,Z,,,,,,,,,,yes,,,',
      '996,996,,,,,,,,,,,,,yes',
    ]);
    const wrong = understood(text.replace('30s', 'half a minute'));
    expect(wrong.problems).toMatchObject([{ line: 2, problem: 'noSeconds', cell: 'half a minute' }]);
    expect(understood('Code,Rate,Billing,Steps\n999,0.1,1/1,180:5\n').problems).toMatchObject([
      { line: 2, problem: 'noSteps', cell: '180:5' },
    ]);
  });

  test('of our own columns is known as such', () => {
    const ours = ['prefix', 'destination', 'price_per_minute', 'connect_fee', 'initial_increment', 'increment'];
    expect(isOurHeader([...ours, 'valid_from', 'blocked'])).toBe(true);
    expect(isOurHeader([...ours, 'notes'])).toBe(false);
    expect(isOurHeader(ours.slice(1))).toBe(false);
  });
});

function refusalOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (!(error instanceof BadCell)) throw error;
    return error.problem;
  }
}

describe('what is kept of a carrier’s sheets', () => {
  const kept = readingOf(
    ['Code', 'Rate', 'Rate', 'Valid'],
    ['code', 'price', null, 'from'],
    ';',
    { order: 'dmy' },
    '60/1',
  );

  test('is told by words that the API knows, and comes back as choices', () => {
    expect(kept).toEqual({
      columns: [
        { name: 'Code', meaning: 'code' },
        { name: 'Rate', meaning: 'price' },
        { name: 'Rate', meaning: 'out' },
        { name: 'Valid', meaning: 'from' },
      ],
      separator: 'semicolon',
      increments: '60/1',
      hyphen: null,
      mark: null,
      order: 'dmy',
    });
    expect(choicesOf(kept)).toEqual({ increments: '60/1', order: 'dmy' });
    expect(choicesOf({ ...kept, mark: 'comma', increments: null })).toEqual({ mark: ',', order: 'dmy' });
  });

  test('goes by the names of columns, in whatever order they are; of two of one name the first is the first', () => {
    const read = meaningsByKept(
      kept,
      ['valid ', 'RATE', 'Code', 'rate', 'Name'],
      [null, 'price', 'code', null, 'name'],
    );
    expect(read).toEqual({ meanings: ['from', 'price', 'code', null, 'name'], missing: [] });
  });

  test('a new column has the meaning that was guessed, unless a known one has it; a name that is gone is told', () => {
    const read = meaningsByKept(kept, ['Code', 'Rate', 'New rate'], ['code', null, 'price']);
    expect(read).toEqual({ meanings: ['code', 'price', null], missing: ['Rate', 'Valid'] });
  });

  test('another sheet is read as if nothing were kept; one without names goes by the places of its columns', () => {
    expect(meaningsByKept(kept, ['Prefix', 'Price'], ['code', 'price'])).toBeNull();
    const nameless = readingOf(['', ''], ['code', 'price'], ',', {}, null);
    expect(meaningsByKept(nameless, ['', ''], [null, null])).toEqual({ meanings: ['code', 'price'], missing: [] });
    expect(meaningsByKept(nameless, ['', '', ''], ['code', null, 'price'])).toBeNull();
  });

  test('is the same as another reading if all of it is', () => {
    expect(isSame(kept, { ...kept, columns: [...kept.columns] })).toBe(true);
    expect(isSame(kept, { ...kept, order: 'mdy' })).toBe(false);
  });
});
