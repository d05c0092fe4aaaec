import { AgiInvalid, beginsLong, commandLine, replyIn, requestIn } from '../../../src/doors/agi/agi-protocol';
import { anyOf, mutated, randomBytes, randomOf } from '../fuzz';
import { environment } from './agi-fixture';

const lines = (more: Record<string, string> = {}): string[] => environment('authorize', more).trimEnd().split('\n');

test("Asterisk's own environment is read", () => {
  expect(requestIn(lines({ agi_arg_1: 'alice', agi_arg_2: '', agi_arg_3: 'x,y' }))).toEqual({
    script: 'authorize',
    args: ['alice', '', 'x,y'],
    uniqueid: 'ast1-1795732306.0',
    accountcode: 'plain',
    extension: '4930123450',
    callerid: 'caller',
    channel: 'PJSIP/plain-00000000',
    language: 'en',
  });
});

test('a caller without a number has none, and values keep their colons and blanks', () => {
  const request = requestIn(lines({ agi_callerid: 'unknown', agi_extension: ' a: b ', agi_accountcode: '' }));
  expect(request).toMatchObject({ callerid: '', extension: ' a: b ', accountcode: '', args: [] });
});

test.each([
  [
    'an account that somebody added to what he dialled',
    lines({ agi_dnid: '33' }).flatMap(line => (line === 'agi_dnid: 33' ? [line, 'agi_accountcode: victim'] : [line])),
    'agi_accountcode is there twice',
  ],
  [
    'an argument that somebody added to what he dialled',
    lines({ agi_dnid: '33' }).flatMap(line => (line === 'agi_dnid: 33' ? [line, 'agi_arg_1: victim'] : [line])),
    'agi_arg_1 is out of its order',
  ],
  ['an argument twice', [...lines({ agi_arg_1: 'alice' }), 'agi_arg_1: victim'], 'agi_arg_1 is out of its order'],
  ['an argument too far', [...lines({ agi_arg_1: 'alice' }), 'agi_arg_3: x'], 'agi_arg_3 is out of its order'],
  ['a name behind the last', [...lines(), 'agi_x: 1'], 'agi_x is out of its order'],
  ['a name that is none', [...lines(), 'PATH: /bin'], 'no agi_name: value'],
  ['a line without a colon', [...lines(), 'agi_arg_1'], 'no agi_name: value'],
  [
    'an end that somebody put before the account',
    lines().slice(
      0,
      lines().findIndex(line => line.startsWith('agi_accountcode')),
    ),
    'agi_threadid is missing',
  ],
  ['nothing', [], 'agi_network is missing'],
  ['a script that Asterisk started itself', lines({ agi_network: 'no' }), 'agi_network is not yes'],
])('%s is no environment', (_, given, told) => {
  expect(() => requestIn(given)).toThrow(AgiInvalid);
  expect(() => requestIn(given)).toThrow(told);
});

test.each([
  ['200 result=1', { code: 200, result: '1', value: null }],
  ['200 result=1 (a "b" (c) \\)', { code: 200, result: '1', value: 'a "b" (c) \\' }],
  ['200 result=1 ()', { code: 200, result: '1', value: '' }],
  ['200 result=-1 endpos=0', { code: 200, result: '-1', value: null }],
  ['200 result= (timeout)', { code: 200, result: '', value: 'timeout' }],
  ['200 result=12* (timeout)', { code: 200, result: '12*', value: 'timeout' }],
  ['510 Invalid or unknown command', { code: 510, result: '', value: null }],
  ['511 Command Not Permitted on a dead channel or intercept routine', { code: 511, result: '', value: null }],
])('%s is a reply', (line, reply) => {
  expect(replyIn(line)).toEqual(reply);
  expect(beginsLong(line)).toBe(false);
});

test.each(['', 'HANGUP', '200', '200 ', '200 ok', '20 result=1', 'agi_context: x', ' 200 result=1', '200result=1'])(
  '%j is none',
  line => {
    expect(replyIn(line)).toBeNull();
  },
);

test('a reply of several lines begins with its number and a bar', () => {
  expect(beginsLong('520-Invalid command syntax.  Proper usage follows:')).toBe(true);
  expect(replyIn('520-Invalid command syntax.')).toBeNull();
});

test('a command is one line, with its words quoted', () => {
  expect(commandLine('ANSWER', [])).toBe('ANSWER');
  expect(commandLine('SET VARIABLE', ['A', 'a "b" \\ c,d $E'])).toBe('SET VARIABLE "A" "a \\"b\\" \\\\ c,d $E"');
  expect(commandLine('SET VARIABLE', ['A', ''])).toBe('SET VARIABLE "A" ""');
  for (const word of ['a\nHANGUP', 'a\rb', 'a\0b']) {
    expect(() => commandLine('SET VARIABLE', ['A', word])).toThrow('holds the end of a line');
  }
  expect(() => commandLine('SET VARIABLE', ['A', 'x'.repeat(2_000)])).toThrow('is too long');
});

test('20,000 random and mutated environments and replies end in nothing but AgiInvalid', () => {
  const random = randomOf(0xa61);
  const pieces = [
    'agi_',
    'agi_arg_1: ',
    '\n',
    '\n\n',
    ': ',
    'agi_threadid: 1\n',
    '200 result=',
    '(',
    ')',
    '520-',
    'HANGUP',
  ];
  const whole = Buffer.from(environment('authorize', { agi_arg_1: 'alice' }));
  let [taken, refused] = [0, 0];
  for (let count = 0; count < 20_000; count++) {
    const bytes = random(4) === 0 ? randomBytes(400, random) : mutated(whole, pieces, random);
    const text = bytes.toString('utf8');
    for (const line of text.split('\n')) replyIn(anyOf([line, `200 result=${line}`], random));
    try {
      requestIn(text.split('\n'));
      taken++;
    } catch (error) {
      expect((error as Error).name).toBe('AgiInvalid');
      refused++;
    }
  }
  expect(taken + refused).toBe(20_000);
  expect(refused).toBeGreaterThan(10_000);
});
