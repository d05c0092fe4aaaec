import fc from 'fast-check';
import { barredPrefixesField, prefixField } from '../../src/operator/fields';
import {
  digitsOf,
  harmless,
  isEmergency,
  masked,
  readDialled,
  withoutSeparators,
} from '../../src/rating/dialled-number';

test.each([
  ['+4930123', '4930123'],
  ['004930123', '4930123'],
  ['4930123', '4930123'],
  ['030123', '030123'],
  ['+4930123;npdi', '4930123'],
  ['004930123;npdi=yes', '4930123'],
  ['1', '1'],
  ['0', '0'],
])('%s is dialled as %s', (dialled, digits) => {
  expect(digitsOf(dialled)).toBe(digits);
});

test.each([
  '500&PJSIP/evil',
  '',
  '+',
  '00',
  '+00',
  '+004930123',
  '00004930123',
  '0000004930123',
  '00+4930123',
  '++4930123',
  // No country code begins with 0.
  '+0301234',
  '000301234',
  '49 30',
  '49-30',
  'alice',
  '*100',
  '4930\n',
  '٤٩',
  `${'1'.repeat(33)}`,
  "1' OR 1=1",
  '4930;rn=4990',
  '4930;npdi;rn=4990',
  '4930;npdi;npdi',
  '4930;npdi=no',
  '4930;phone-context=+49',
  '4930\u0000',
])('%j is not a number', dialled => {
  expect(digitsOf(dialled)).toBeNull();
});

/** What strangers dial in the hope that it is read twice, or in two ways. */
const spelt = fc
  .tuple(fc.array(fc.constantFrom('+', '00', '0', '1', '449', '112', '000', '900'), { maxLength: 12 }), fc.boolean())
  .map(([parts, isPorted]) => parts.join('') + (isPorted ? ';npdi' : ''));

test('every spelling of a number that is let through is the same number, whatever stands before it', () => {
  fc.assert(
    fc.property(spelt, dialled => {
      const digits = digitsOf(dialled);
      const bare = dialled.replace(/^(?:\+|00)+/, '').replace(';npdi', '');
      expect([null, bare]).toContain(digits);
    }),
    { numRuns: 20_000 },
  );
});

test('a number that was read once is read as itself, and begins with no international prefix', () => {
  fc.assert(
    fc.property(spelt, dialled => {
      const digits = digitsOf(dialled);
      if (digits === null) return;
      expect(digitsOf(digits)).toBe(digits);
      expect(digits).toMatch(/^(?!00)[0-9]{1,32}$/);
    }),
    { numRuns: 20_000 },
  );
});

test('what bars a number in one spelling bars it in all', () => {
  const bar = fc.constantFrom('449', '900', '0', '1');
  fc.assert(
    fc.property(bar, spelt, (barred, dialled) => {
      const digits = digitsOf(dialled);
      const isMeant = dialled.replace(/^(?:\+|00)+/, '').startsWith(barred);
      if (digits !== null) expect(digits.startsWith(barredPrefixesField([barred]))).toBe(isMeant);
    }),
    { numRuns: 20_000 },
  );
});

test.each(['00', '+', '+449', '00449', '+00449', '000', 'x', '4 4'])(
  'a bar of %j would bar no number, and is refused',
  bar => {
    expect(() => barredPrefixesField([bar])).toThrow('is not a prefix');
  },
);

test.each(['', '49', '0', '000'])('a route may be for the prefix %j', prefix => {
  expect(prefixField('prefix', prefix)).toBe(prefix);
});

test.each(['+49', '0049', '00', 'x', '1'.repeat(33)])('a route for the prefix %j would carry no number', prefix => {
  expect(() => prefixField('prefix', prefix)).toThrow('is not a prefix');
});

describe('emergency numbers', () => {
  test.each([
    ['112', ['112'], '112'],
    ['112;npdi', ['112'], '112'],
    ['000', ['112', '000'], '000'],
    ['0112', ['0112'], '0112'],
    ['+112', ['+112'], '112'],
    ['00112', ['00112'], '112'],
  ])('%s is one of %j, and is dialled as %s', (dialled, listed, digits) => {
    expect(readDialled(dialled, listed)).toEqual({ digits, emergency: true });
  });

  test.each([
    ['+112', ['112']],
    ['00112', ['112']],
    ['112', ['+112']],
    ['+000', ['000']],
    ['00000', ['000']],
    ['112;rn=4990', ['112']],
  ])('%s is none of %j, and no number', (dialled, listed) => {
    expect(readDialled(dialled, listed)).toEqual({ digits: null, emergency: false });
  });

  test('a longer number is a number', () => {
    expect(readDialled('+1123', ['112'])).toEqual({ digits: '1123', emergency: false });
  });

  test('what is charged is never an emergency number, and what is free always is one, exactly as dialled', () => {
    const listed = ['112', '000', '+911'];
    fc.assert(
      fc.property(spelt, dialled => {
        const { digits, emergency } = readDialled(dialled, listed);
        expect(emergency).toBe(listed.includes(dialled.replace(';npdi', '')));
        expect(isEmergency(dialled, listed)).toBe(emergency);
        if (digits !== null) expect(['112', '000', '911'].includes(digits)).toBe(emergency);
      }),
      { numRuns: 20_000 },
    );
  });
});

test('separators are for people', () => {
  expect(withoutSeparators('+49-30.12(34)')).toBe('+49301234');
});

test.each([
  ['49301234567', '49301234***'],
  ['112', '***'],
])('%s is logged as %s', (digits, shown) => {
  expect(masked(digits)).toBe(shown);
});

test.each([
  ['"Eve" <script>', 'Evescript'],
  ['=cmd|/c calc', 'cmdccalc'],
  ['-1+1', '1+1'],
  ['alice.smith_2', 'alice.smith_2'],
  ['\u001b[31mred', '31mred'],
  ['x'.repeat(200), 'x'.repeat(80)],
])('a caller who calls himself %j is written %j', (caller, written) => {
  expect(harmless(caller)).toBe(written);
});
