import { callerOf, requestOf } from '../../../src/doors/sems/sems-request';
import { readCall, writeFault, writeResponse } from '../../../src/doors/sems/xml-rpc';
import { callOf, getCredit, subtractCredit } from './sems-fixture';

const read = (text: string) => readCall(Buffer.from(text));
const withValue = (value: string) =>
  `<methodCall><methodName>m</methodName><params><param>${value}</param></params></methodCall>`;
const valueIn = (value: string) => read(withValue(value)).params[0];

test.each([
  ['typed', '<value><string>joe</string></value>', 'joe'],
  ['bare', '<value>joe</value>', 'joe'],
  ['bare, blanks kept', '<value> joe </value>', ' joe '],
  ['empty', '<value></value>', ''],
  ['empty, short', '<value/>', ''],
  ['empty and typed', '<value><string></string></value>', ''],
  ['the five entities', '<value>&lt;&gt;&amp;&apos;&quot;</value>', `<>&'"`],
  ['an entity once only', '<value>&amp;lt;</value>', '&lt;'],
  ['i4', '<value><i4>125</i4></value>', 125],
  ['int', '<value> <int> -7 </int> </value>', -7],
  ['i8', '<value><i8>4294967296</i8></value>', 4_294_967_296],
  ['boolean', '<value><boolean>1</boolean></value>', true],
  ['array', '<value><array><data><value>a</value><value/></data></array></value>', ['a', '']],
  ['empty array', '<value><array><data/></array></value>', []],
  ['struct', '<value><struct><member><name>a</name><value>b</value></member></struct></value>', new Map([['a', 'b']])],
])('a value is read: %s', (_, text, value) => {
  expect(valueIn(text)).toEqual(value);
});

test.each([
  ['a DTD', `<!DOCTYPE m>${withValue('<value/>')}`, '<methodCall> is missing'],
  ['an entity of its own', withValue('<value>&e;</value>'), 'begins none of'],
  ['a character by its number', withValue('<value>&#65;</value>'), 'begins none of'],
  ['an & alone', withValue('<value>a & b</value>'), 'begins none of'],
  ['CDATA', withValue('<value><![CDATA[joe]]></value>'), 'a type other than'],
  ['a comment', withValue('<!-- x --><value/>'), '<value> is missing'],
  ['an attribute', withValue('<value a="1">joe</value>'), '<value> is missing'],
  ['a double', withValue('<value><double>1.5</double></value>'), 'a type other than'],
  ['no whole number', withValue('<value><int>1.5</int></value>'), 'an int is no whole number'],
  ['a number in hexadecimal', withValue('<value><int>0x10</int></value>'), 'an int is no whole number'],
  ['a number too large', withValue('<value><i8>9007199254740993</i8></value>'), 'an i8 is no whole number'],
  [
    'a member twice',
    withValue(`<value><struct>${'<member><name>a</name><value/></member>'.repeat(2)}</struct></value>`),
    'twice',
  ],
  ['text beside a type', withValue('<value>x<int>1</int></value>'), 'beside its type'],
  ['two types', withValue('<value><int>1</int><int>2</int></value>'), '</value> is missing'],
  ['something after it', `${withValue('<value/>')}x`, 'something follows'],
  ['a second call', withValue('<value/>').repeat(2), 'something follows'],
  ['an end too early', withValue('<value>joe').slice(0, 63), 'it ends too early'],
  ['nothing', '', '<methodCall> is missing'],
  ['a method that is no name', '<methodCall><methodName>a b</methodName></methodCall>', 'no name'],
  [
    'too deep',
    withValue(`${'<value><array><data>'.repeat(9)}<value/>${'</data></array></value>'.repeat(9)}`),
    'nested more than 8',
  ],
  [
    'too many params',
    `<methodCall><methodName>m</methodName><params>${'<param><value/></param>'.repeat(17)}</params></methodCall>`,
    'more than 16',
  ],
  ['a control character', withValue('<value>\u0001</value>'), 'control character'],
])('refused: %s', (_, text, told) => {
  expect(() => read(text)).toThrow(told);
});

test('bytes that are not UTF-8 are refused', () => {
  expect(() => readCall(Buffer.from(withValue('<value>J\xfcrgen</value>'), 'latin1'))).toThrow('not UTF-8');
});

test('a message of the largest size is read within milliseconds, however it is nested or broken', () => {
  for (const piece of ['<value><array><data>', '<value>', '&amp;', '<member>', ' ', '&']) {
    // The shortest of three: a busy machine may pause any one of them.
    const took = [1, 2, 3].map(() => {
      const startedAt = performance.now();
      try {
        read(withValue(piece.repeat(16_000 / piece.length)));
      } catch (error) {
        expect((error as Error).name).toBe('XmlRpcError');
      }
      return performance.now() - startedAt;
    });
    expect(Math.min(...took)).toBeLessThan(50);
  }
});

test('answers are one value, or a fault', () => {
  expect(writeResponse([3660, true])).toContain(
    '<param><value><array><data><value><int>3660</int></value><value><boolean>1</boolean></value></data></array></value></param>',
  );
  expect(writeFault(300, 'a < b & c')).toContain('<value><string>a &lt; b &amp; c</string></value>');
});

test.each([
  [getCredit('joe'), { method: 'getCredit', form: 'call', pin: 'joe', amount: 0 }],
  [getCredit('joe', false), { method: 'getCredit', form: 'call', pin: 'joe', amount: 0 }],
  [subtractCredit('joe', 125), { method: 'subtractCredit', form: 'call', pin: 'joe', amount: 125 }],
  [callOf('subtractCredit', 'joe', 125), { method: 'subtractCredit', form: 'module', pin: 'joe', amount: 125 }],
  [callOf('setCredit', 'joe', 60), { method: 'setCredit', form: 'module', pin: 'joe', amount: 60 }],
  [callOf('cc_prepaid.setCredit', 'joe', 60), { method: 'setCredit', form: 'module', pin: 'joe', amount: 60 }],
  [callOf('di', 'cc_prepaid', 'addCredit', 'joe', -5), { method: 'addCredit', form: 'module', pin: 'joe', amount: -5 }],
  [callOf('getCredit'), { wrong: 'arguments_invalid', code: 300 }],
  [callOf('getCredit', 5), { wrong: 'arguments_invalid', code: 300 }],
  [callOf('getCredit', 'joe', 'bob'), { wrong: 'arguments_invalid', code: 300 }],
  [callOf('subtractCredit', 'joe'), { wrong: 'arguments_invalid', code: 300 }],
  [callOf('subtractCredit', 'joe', -1), { wrong: 'arguments_invalid', code: 300 }],
  [callOf('addCredit', 'joe', 2_147_483_648), { wrong: 'arguments_invalid', code: 300 }],
  [callOf('di', 'cc_prepaid'), { wrong: 'arguments_invalid', code: 400 }],
  [callOf('di', 'system', 'shutdown'), { wrong: 'method_unknown', code: 500 }],
  [callOf('cc_prepaid.start', 'joe'), { wrong: 'method_unknown', code: 504 }],
  [callOf('constructor', 'joe'), { wrong: 'method_unknown', code: 504 }],
])('%# a call is understood, or told why not', (text, expected) => {
  expect(requestOf(read(text))).toMatchObject(expected);
});

test.each([
  ['joe', { uuid: 'joe', call: null }],
  ['joe|+49301|a@h', { uuid: 'joe', call: { dialled: '+49301', callId: 'a@h' } }],
  ['joe|bob|a@h', { uuid: 'joe', call: { dialled: 'bob', callId: 'a@h' } }],
  ['', null],
  ['|49301|a@h', null],
  ['joe|49301', null],
  ['joe|49301|', null],
  ['joe|49301|x|a@h', null],
  ['joe|49301|a b', null],
  [`joe|49301|${'x'.repeat(256)}`, null],
])('who calls is read from %s', (pin, caller) => {
  expect(callerOf(pin)).toEqual(caller);
});
