import { payerOf } from '../../src/calls/stasis-arguments';
import { parseAmount, ZERO } from '../../src/money/micros';
import { FREE_TARIFF } from '../../src/rating/price';

/** As Asterisk hands them over: cut at the commas. */
const said = (words: string) => {
  const channel = { accountcode: 'of-the-channel', dialledNumber: '100' };
  const { dialledBy, dialledNumber, ...payer } = payerOf(words === '' ? [] : words.split(','), channel);
  // Said by the dialplan only where it dials.
  expect([dialledBy, dialledNumber]).toEqual(['us', '100']);
  return payer;
};
const errorOf = (words: string) => (said(words) as { error: string }).error;

test.each([
  ['', 'of-the-channel', 'nothing is said'],
  [',', 'of-the-channel', 'two variables are unset'],
  ['alice', 'alice', 'as ever'],
  ['alice,', 'alice', 'a variable behind it is unset'],
  ['alice ', 'alice ', 'a blank makes another account'],
  ['account=alice', 'alice', 'the same by name'],
  ['account=alice ', 'alice ', 'a blank makes another account'],
  ['account=a=b', 'a=b', 'only the first = divides'],
  ['account=', 'of-the-channel', 'its variable is unset'],
])('Stasis(ringfence,%s) is paid by "%s": %s', (words, accountcode) => {
  expect(said(words)).toEqual({ accountcode });
});

test('the whole example of docs/pools.md', () => {
  expect(said('customer=john-doe,max_credit=100,connect=3.0,cps=0.5,ipulse=60,fpulse=1')).toEqual({
    accountcode: 'pool:john-doe',
    pool: {
      tariff: {
        pricePerMinute: parseAmount('30'),
        connectFee: parseAmount('3'),
        minimumCharge: ZERO,
        initialIncrementSeconds: 60,
        incrementSeconds: 1,
        graceSeconds: 0,
        freeSeconds: 0,
        steps: [],
      },
      maxCredit: parseAmount('100'),
      maxTimeSeconds: null,
      maxChannels: 0,
      maxCallsPerSecond: 0,
    },
  });
});

test('a price of 0.000001 a second is exact, and pulses are 1/1 when they are not said', () => {
  expect(said('customer=j,cps=0.000001,max_credit=1')).toMatchObject({
    pool: { tariff: { pricePerMinute: 60n, connectFee: ZERO, initialIncrementSeconds: 1, incrementSeconds: 1 } },
  });
});

test('the dearest price for the longest pulse is exact too', () => {
  expect(said('customer=j,cps=1000000000,ipulse=86400,max_credit=1000000000')).toMatchObject({
    pool: { tariff: { pricePerMinute: parseAmount('60000000000'), initialIncrementSeconds: 86_400 } },
  });
});

test.each([
  ['max_time=600', { maxTimeSeconds: 600 }],
  ['max_channels=2', { maxChannels: 2 }],
  ['max_calls_per_second=5', { maxCallsPerSecond: 5 }],
  ['max_credit=5,cps=0,ipulse=60', { maxCredit: parseAmount('5') }],
  ['max_time=0', { maxTimeSeconds: 0 }],
])('without a price %s is all that limits calls, which are free', (words, more) => {
  expect(said(`customer=john,${words}`)).toEqual({
    accountcode: 'pool:john',
    pool: { tariff: FREE_TARIFF, maxCredit: ZERO, maxTimeSeconds: null, maxChannels: 0, maxCallsPerSecond: 0, ...more },
  });
});

test.each(['0', '-3.20'])('a credit of %s is no mistake: the ledger refuses for it', credit => {
  expect(said(`customer=john,cps=1,max_credit=${credit}`)).toMatchObject({ pool: { maxCredit: parseAmount(credit) } });
});

test('blanks before a name and empty words count for nothing', () => {
  expect(said('customer=john, max_credit=1,,cps=0.5')).toEqual(said('customer=john,max_credit=1,cps=0.5'));
});

test.each([
  // Not what it may seem.
  ['alice,bob', '"alice" is no argument: write account=, number=, customer=, '],
  [',bob', '"bob" is no argument'],
  ['alice,max_credit=1', '"alice" is no argument'],
  ['customer=john,max_credits=100', '"max_credits" is no argument'],
  ['Customer=john,max_credit=100', '"Customer" is no argument'],
  ['customer=john,max_credit=100,max_credit=9999', 'max_credit is there twice: leave one out'],
  ['max_credit=100', 'customer is missing: write customer=, or account= alone'],
  ['account=alice,max_credit=100', 'account "alice" has its own deck and limits: leave max_credit out, or account'],
  ['customer=john,account=alice', 'account "alice" has its own deck and limits: leave customer out, or account'],
  // Names.
  ['customer=,max_credit=1', 'customer "" is no name: use 1 to 64 letters, digits, . _ @ + or -'],
  ["customer='; DROP TABLE x,max_credit=1", `customer "'; DROP TABLE x" is no name`],
  ['customer=j\u202eevil\n,max_credit=1', 'customer "j?evil?" is no name'],
  [`customer=${'x'.repeat(65)},max_credit=1`, `customer "${'x'.repeat(40)}" is no name`],
  // Amounts.
  ['customer=j,max_credit=,cps=1', 'max_credit "" is not an amount: write digits with a point, such as 12.50'],
  ['customer=j,max_credit=1e3,cps=1', 'max_credit "1e3" is not an amount'],
  ['customer=j,max_credit=100,cps=0.0000001', 'cps "0.0000001" has more than six decimals: round it yourself'],
  ['customer=j,max_credit=100,cps=-0.5', 'cps "-0.5" is below zero: write 0 or more'],
  ['customer=j,max_credit=100,connect=-1', 'connect "-1" is below zero: write 0 or more'],
  ['customer=j,max_credit=1000000000.01,cps=1', 'max_credit "1000000000.01" is too large: write at most 1000000000'],
  ['customer=j,max_credit=1,cps=99999999999', 'cps "99999999999" is too large'],
  ['customer=j,cps=0.5', 'max_credit is missing: write what calls at this price may cost together, such as 100'],
  ['customer=j,connect=1,max_time=60', 'max_credit is missing'],
  // Whole numbers.
  ['customer=j,max_credit=1,cps=1,ipulse=0', 'ipulse "0" is not a whole number from 1 to 86400'],
  ['customer=j,max_credit=1,cps=1,fpulse=1.5', 'fpulse "1.5" is not a whole number from 1 to 86400'],
  ['customer=j,max_credit=1,fpulse=86401', 'fpulse "86401" is not a whole number from 1 to 86400'],
  ['customer=j,max_time=-1', 'max_time "-1" is not a whole number from 0 to 31536000'],
  ['customer=j,max_channels=0', 'max_channels "0" is not a whole number from 1 to 1000000'],
  ['customer=j,max_calls_per_second=many', 'max_calls_per_second "many" is not a whole number from 1 to 1000000'],
  // Nothing would limit it.
  ['customer=john', 'customer has neither a price nor a limit: write one of max_credit, max_time, '],
  ['customer=john,cps=0', 'customer has neither a price nor a limit'],
])('Stasis(ringfence,%s) is refused: %s', (words, error) => {
  expect(errorOf(words)).toContain(error);
  expect(errorOf(words)).toMatch(/^[\x20-\x7e]+$/);
});

test.each([
  ['authorize', { accountcode: 'of-the-channel', dialledNumber: '100' }],
  ['authorize,', { accountcode: 'of-the-channel', dialledNumber: '100' }],
  ['authorize,alice', { accountcode: 'alice', dialledNumber: '100' }],
  ['authorize,account=alice,number=+49301', { accountcode: 'alice', dialledNumber: '+49301' }],
  ['authorize,number=49301', { accountcode: 'of-the-channel', dialledNumber: '49301' }],
  ['authorize,number=', { accountcode: 'of-the-channel', dialledNumber: '' }],
  ['authorize,customer=john,max_time=60', { accountcode: 'pool:john', dialledNumber: '100', pool: expect.anything() }],
])('Stasis(ringfence,%s) is dialled by the dialplan', (words, payer) => {
  const channel = { accountcode: 'of-the-channel', dialledNumber: '100' };
  expect(payerOf(words.split(','), channel)).toEqual({ ...payer, dialledBy: 'dialplan' });
});

test.each([
  ['number=49301', 'us', 'number is for calls that the dialplan dials: write authorize first, or leave it out'],
  ['account=authorize,number=1', 'us', 'number is for calls'],
  ['authorize,acount=alice', 'dialplan', '"acount" is no argument'],
  ['authorize,number=1,number=2', 'dialplan', 'number is there twice'],
])('Stasis(ringfence,%s) is refused, and who would have dialled is known', (words, dialledBy, error) => {
  const said = payerOf(words.split(','), { accountcode: 'alice', dialledNumber: '100' });
  expect(said).toMatchObject({ dialledBy, dialledNumber: '100', error: expect.stringContaining(error) });
});

test('an account that is called authorize pays where it is named as one', () => {
  expect(said('account=authorize')).toEqual({ accountcode: 'authorize' });
});
