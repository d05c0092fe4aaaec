import { balanceReply, debitReply, historyReply } from '../../../src/doors/rating-engine/rating-reply';
import { callerIn, callIn, dialledIn, parseRequest, talkIn } from '../../../src/doors/rating-engine/rating-request';
import { micros, parseAmount, ZERO } from '../../../src/money/micros';
import { digitsOf } from '../../../src/rating/dialled-number';
import { FREE_TARIFF } from '../../../src/rating/price';
import { debitBalance, maxSessionTime } from './rating-fixture';

const parametersOf = (line: string) => {
  const request = parseRequest(line);
  if ('wrong' in request) throw new Error(request.text);
  return Object.fromEntries(request.parameters);
};

test('a request of Call Control is taken apart, an empty Application with it', () => {
  expect(parseRequest(maxSessionTime('c1@h', 'alice@example.com', { state: 'Connected' }))).toEqual({
    command: 'maxsessiontime',
    parameters: new Map([
      ['callid', 'c1@h'],
      ['from', 'sip:alice@example.com'],
      ['to', 'sip:0049301234567@example.com'],
      ['gateway', '10.0.0.1'],
      ['duration', '36000'],
      ['application', ''],
      ['state', 'Connected'],
    ]),
  });
});

test.each([
  ['blanks and tabs', '  ShowPrice \t FROM=a@b   To=1 ', { from: 'a@b', to: '1' }],
  ['all behind the first = is the value', 'x callid=a=b==', { callid: 'a=b==' }],
  ['a Call-ID may hold what no address may', 'x callid="<a>"', { callid: '"<a>"' }],
  ['nothing', '', {}],
])('parameters are read: %s', (_, line, parameters) => {
  expect(parametersOf(line)).toEqual(parameters);
});

test.each([
  ['a name twice', 'x to=1 TO=2', 'there twice'],
  ['a name of a prototype', 'x __proto__=1', 'not known'],
  ['a word without =', 'x from=sip:victim dom> to=1', 'not known'],
  ['a name that nobody knows', 'x from=sip:victim x=1', 'not known'],
  ['a quote', 'x from=sip:victim lock=1"<sip:thief@example.com to=1', 'a quote, < or >'],
  ['a control character', 'x from=a\u0007b', 'control character'],
  ['no UTF-8', 'x from=\uFFFD', 'no UTF-8'],
])('refused: %s', (_, line, told) => {
  expect(parseRequest(line)).toEqual({ wrong: 'request_invalid', text: expect.stringContaining(told) });
});

test.each([
  ['sip:alice@example.com', { user: 'alice', domain: 'example.com' }],
  ['alice@example.com', { user: 'alice', domain: 'example.com' }],
  ['SIPS:Alice@EXAMPLE.com:5061;transport=tls?a=b', { user: 'Alice', domain: 'example.com' }],
  ['sip:alice:secret@example.com', { user: 'alice', domain: 'example.com' }],
  ['sip:+4930;ext=5@[2001:DB8::1]:5060', { user: '+4930', domain: '[2001:db8::1]' }],
  ['tel:+4930123;phone-context=x', { user: '+4930123', domain: '' }],
  ['sip:alice', { user: 'alice', domain: '' }],
  ['sip:@example.com', null],
  ['sip:alice@', null],
  ['sip:alice@exa mple', null],
  ['sip:a@b@c', null],
  ['sip:a@b/c', null],
  [';x', null],
])('who calls is read from %s', (from, caller) => {
  expect(callerIn(from)).toEqual(caller);
});

test.each([
  ['sip:0049301234@example.com', '0049301234', '49301234'],
  ['sips:+49301234;npdi=yes@gw:5061;user=phone?x=y', '+49301234;npdi=yes', '49301234'],
  ['tel:+49-30.12(34);npdi', '+49301234;npdi', '49301234'],
  ['sip:+0049301234@example.com', '+0049301234', null],
  ['sip:000049301234@example.com', '000049301234', null],
  ['tel:112;phone-context=+49', '112;phonecontext=+49', null],
  ['sip:112;rn=4990@example.com', '112;rn=4990', null],
  ['sip:112', '', null],
  ['49301234', '49301234', '49301234'],
  ['sip:49301234:pw@gw', '49301234', '49301234'],
  ['sip:112@example.com', '112', '112'],
  ['sip:bob@example.com', 'bob', null],
  ['sip:49-30@example.com', '49-30', null],
  ['sip:%2B4930@example.com', '%2B4930', null],
  ['sip:@49301234', '', null],
  [`sip:${'9'.repeat(33)}@x`, '9'.repeat(33), null],
])('what is dialled is read from %s', (to, dialled, dst) => {
  expect(dialledIn(to)).toBe(dialled);
  const request = parseRequest(`maxsessiontime callid=1 from=a@b to=${to}`);
  expect('wrong' in request || callIn(request)).toMatchObject({ dialled });
  expect(digitsOf(dialled)).toBe(dst);
});

test.each([
  ['59', 59_000, false],
  ['0', 0, true],
  ['0.0', 0, true],
  ['0e5', 0, true],
  ['0.0004', 0, false],
  ['1e-05', 0, false],
  ['1.301645040512085', 1_301, false],
  ['61.9999999999999999', 61_999, false],
  ['0.29', 290, false],
  ['1.5e+3', 1_500_000, false],
  ['31536000', 31_536_000_000, false],
])('a duration is exact: %s', (text, ms, isNone) => {
  expect(talkIn(text)).toEqual({ ms, isNone });
});

test.each(['', '-1', '+1', '1s', 'nan', 'inf', '1e', '.5', '0x10', '1,5', '31536000.001', '1e99', '9'.repeat(21)])(
  'no duration: %s',
  text => {
    expect(talkIn(text)).toBeNull();
  },
);

test.each([
  ['sms', 'application_unsupported'],
  ['sms.x', 'application_unsupported'],
  ['audio', undefined],
  ['Audio.x', undefined],
])('an application is %s: %s', (application, wrong) => {
  const request = parseRequest(debitBalance('c1', 'a@b', 5).replace('Application=', `Application=${application}`));
  expect('wrong' in request || callIn(request)).toMatchObject(wrong ? { wrong } : { callId: 'c1' });
});

test.each(['', 'x'.repeat(256), 'ä'])('no Call-ID: %s', callId => {
  const request = parseRequest(debitBalance(callId, 'a@b', 5));
  expect('wrong' in request || callIn(request)).toMatchObject({ wrong: 'request_invalid' });
});

test.each([
  ['12.345678', '12.3456'],
  ['12.34', '12.3400'],
  ['0', '0.0000'],
  ['0.000099', '0.0000'],
  ['-0.000001', '-0.0001'],
  ['-3.125', '-3.1250'],
])('a balance of %s is told as %s, rounded down', (amount, told) => {
  expect(balanceReply(parseAmount(amount))).toBe(told);
});

test('no reply holds an empty line, whatever a deck or an operator wrote', () => {
  const call = {
    accountcode: 'a\n\nb',
    pieces: [{ fromSecond: 0, seconds: 1, pricePerMinute: micros(60n), first: 1, increment: 1 }],
    cost: micros(1n),
    tariff: FREE_TARIFF,
    deck: 'retail',
    version: 1,
    prefix: '',
    destination: 'x\r\n\r\ny',
    startAt: 0,
  };
  expect(debitReply(5, call)).toContain('\n Destination: x    y\n    Customer: account=a  b\n');
  expect(debitReply(5, call)).not.toMatch(/\n\s*\n/);
  const entry = { kind: 'top_up', reason: 'a\n\nb', amount: ZERO, balanceAfter: ZERO, call: null };
  expect(historyReply('x', [entry])).not.toContain('\n');
});
