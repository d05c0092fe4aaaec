/**
 * 100,000 random and mutated words of a dialplan, accountcodes and dialled numbers, from one seed: a stranger may write them into
 * variables.
 */
import { payerOf } from '../../src/calls/stasis-arguments';
import { parseAmount } from '../../src/money/micros';
import { digitsOf, harmless, masked } from '../../src/rating/dialled-number';
import { anyOf, mutated, type Random, randomBytes, randomOf } from '../doors/fuzz';

const CALLS = 100_000;
const SEED = 0x57a515;

const WORDS = [
  '',
  'alice',
  'account=alice',
  'authorize',
  'authorize,alice',
  'authorize,account=alice,number=4930123456',
  'authorize,number=+4930123456',
  'authorize,customer=john-doe,max_credit=100,cps=0.5',
  'customer=john-doe,max_credit=100,connect=3.0,cps=0.5,ipulse=60,fpulse=1',
  'customer=john-doe,max_time=600,max_channels=2,max_calls_per_second=5',
];
const ACCOUNTCODES = ['', 'alice', 'of-the-channel', 'pool:john-doe'];
const NUMBERS = ['', '4930123456', '+4930123456', '004930123456', '112', 's', '500&PJSIP/other'];
const POOL_KEYS = [
  'max_credit',
  'connect',
  'cps',
  'ipulse',
  'fpulse',
  'max_time',
  'max_channels',
  'max_calls_per_second',
];
const PIECES = [
  ...['account', 'number', 'customer', ...POOL_KEYS].map(key => `${key}=`),
  ...['authorize', 'pool:', 'victim', '=', ',', ' ', '\t', '\n', '\r', '\0', '"'],
  ...[
    '\\',
    '\x1b[2J',
    '\u202e',
    '\u{1F4DE}',
    '\u0660',
    '-',
    '+',
    '00',
    '.',
    '1e9',
    '-1',
    '0',
    '9'.repeat(40),
    '&',
    '/',
    '%0a',
  ],
  ...['__proto__=', 'constructor=', 'x'.repeat(200)],
];

/** As text that is UTF-8, or that loses no byte. */
const text = (bytes: Buffer, random: Random): string => bytes.toString(random(2) === 0 ? 'utf8' : 'latin1');

function fuzzed(whole: readonly string[], random: Random): string {
  const kind = random(12);
  if (kind === 0) return text(randomBytes(120, random), random);
  if (kind === 1) return Array.from({ length: random(12) }, () => anyOf(PIECES, random)).join('');
  // Another part of the call is fuzzed.
  if (kind <= 3) return anyOf(whole, random);
  return text(mutated(Buffer.from(anyOf(whole, random)), PIECES, random), random);
}

const VALUES = [
  ...['0', '1', '-1', '60', '0.5', '0.0000001', '86400', '86401', '31536001', '1000000', '1000001', '1000000000'],
  ...['1000000000.000001', '99999999999', '1e3', ' 1', '', 'john-doe', '\u0661', '-0.5'],
];

/** Words that are there, with values that may stand behind others. */
const otherValues = (random: Random): string[] =>
  Array.from({ length: 1 + random(4) }, () => `${anyOf(POOL_KEYS, random)}=${anyOf(VALUES, random)}`);

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

const MOST = parseAmount('1000000000');

type Said = ReturnType<typeof payerOf>;

/** Results that contradict docs/pools.md and docs/doors/dialplan.md, by name. */
function faultsOf(
  words: readonly string[],
  channel: { accountcode: string; dialledNumber: string },
  said: Said,
): string[] {
  const isDialplan = words[0] === 'authorize';
  const values = (key: string) =>
    words
      .filter(word => word.split('=')[0]?.trim() === key && word.includes('='))
      .map(word => word.slice(word.indexOf('=') + 1));
  const faults: [string, boolean][] = [['dialledBy', said.dialledBy === (isDialplan ? 'dialplan' : 'us')]];
  if ('error' in said) {
    faults.push(
      ['error is one harmless line', /^[\x20-\x7e]{1,300}$/.test(said.error)],
      ['error has no payer', !('accountcode' in said) && !('pool' in said)],
      ['error has the number of the channel', said.dialledNumber === channel.dialledNumber],
    );
  } else {
    const { accountcode, dialledNumber, pool } = said;
    const numbers = isDialplan ? values('number') : [];
    faults.push(['number', dialledNumber === (numbers[0] ?? channel.dialledNumber)]);
    const named = [
      channel.accountcode,
      ...words.slice(isDialplan ? 1 : 0).filter(word => !word.includes('=')),
      ...values('account'),
    ];
    if (!pool) faults.push(['account is as it was said', named.includes(accountcode)]);
    else {
      const { tariff, maxCredit, maxTimeSeconds, maxChannels, maxCallsPerSecond } = pool;
      const limits = ['max_credit', 'max_time', 'max_channels', 'max_calls_per_second'];
      const isFree = tariff.pricePerMinute === 0n && tariff.connectFee === 0n;
      faults.push(
        [
          'customer',
          /^pool:[A-Za-z0-9._@+-]{1,64}$/.test(accountcode) && accountcode === `pool:${values('customer')[0]}`,
        ],
        ['a limit', limits.some(key => values(key).length === 1)],
        ['a price has a credit', isFree || values('max_credit').length === 1],
        ['each once', limits.every(key => values(key).length < 2)],
        ['max_credit', maxCredit <= MOST && maxCredit === parseAmount(values('max_credit')[0] ?? '0')],
        [
          'max_time',
          maxTimeSeconds === null ? values('max_time').length === 0 : isWhole(maxTimeSeconds, 0, 31_536_000),
        ],
        ['max_channels', isWhole(maxChannels, values('max_channels').length, 1_000_000)],
        ['max_calls_per_second', isWhole(maxCallsPerSecond, values('max_calls_per_second').length, 1_000_000)],
        ['cps', tariff.pricePerMinute >= 0n && tariff.pricePerMinute <= MOST * 60n],
        ['connect', tariff.connectFee >= 0n && tariff.connectFee <= MOST],
        ['ipulse', isWhole(tariff.initialIncrementSeconds, isFree ? 0 : 1, 86_400)],
        ['fpulse', isWhole(tariff.incrementSeconds, isFree ? 0 : 1, 86_400)],
      );
    }
  }
  const dst = digitsOf(said.dialledNumber);
  if (dst !== null) {
    faults.push(
      ['digits', /^[0-9]{1,32}$/.test(dst) && ['', '+', '00'].some(prefix => `${prefix}${dst}` === said.dialledNumber)],
      ['masked', masked(dst) === `${dst.slice(0, -3)}***`],
    );
  }
  faults.push(['caller', /^(?:[0-9A-Za-z+*#._][0-9A-Za-z+*#._-]{0,79})?$/.test(harmless(channel.accountcode))]);
  return faults.filter(([, isSo]) => !isSo).map(([name]) => name);
}

test('of 100,000 argument lists each is a payer as documented, or one harmless line that says why not', () => {
  const random = randomOf(SEED);
  const seen = { refused: 0, pools: 0, accounts: 0, numbers: 0, noNumbers: 0 };
  const faulty: unknown[] = [];
  for (let count = 0; count < CALLS; count++) {
    const words = random(4) === 0 ? ['customer=john-doe', ...otherValues(random)] : fuzzed(WORDS, random).split(',');
    const channel = { accountcode: fuzzed(ACCOUNTCODES, random), dialledNumber: fuzzed(NUMBERS, random) };
    const said = payerOf(words, channel);
    const faults = faultsOf(words, channel, said);
    if (faults.length > 0) faulty.push({ words, channel, said, faults });
    if ('error' in said) seen.refused++;
    else if (said.pool) seen.pools++;
    else seen.accounts++;
    if (digitsOf(said.dialledNumber) === null) seen.noNumbers++;
    else seen.numbers++;
  }
  expect(faulty.slice(0, 3)).toEqual([]);
  // Some mutations leave a meaningful text; most do not.
  for (const [what, times] of Object.entries(seen)) expect([what, times > CALLS / 50]).toEqual([what, true]);
});
