import { type CallToWatch, commandOf, wordsFor } from '../../../src/doors/cnxcc/cnxcc-commands';
import type { RpcParams } from '../../../src/doors/cnxcc/json-rpc';

const CALL = ['c1@host', '4930', '33123450'];

test.each<[string, RpcParams, object]>([
  [
    'set_max_credit',
    ['john', '100', '3.0', '0.5', 60, '1', ...CALL],
    { limits: ['max_credit=100', 'connect=3.0', 'cps=0.5', 'ipulse=60', 'fpulse=1'], maxChannels: 0 },
  ],
  ['cnxcc_set_max_time', ['john', 120, ...CALL], { limits: ['max_time=120'], maxChannels: 0 }],
  ['cnxcc.set_max_channels', ['john', '2', ...CALL], { limits: ['max_channels=2'], maxChannels: 2 }],
  [
    'set_max_credit',
    {
      number: '33123450',
      caller: '4930',
      call_id: 'c1@host',
      customer: 'john',
      max_channels: 2,
      max_credit: '100',
      connect: '0',
      cps: '0.5',
      ipulse: 1,
      fpulse: 1,
      max_time: 600,
      max_calls_per_second: 3,
    },
    {
      limits: expect.arrayContaining(['max_channels=2', 'max_time=600', 'max_calls_per_second=3', 'cps=0.5']),
      maxChannels: 2,
    },
  ],
])('%s is a call with its limits', (method, params, limits) => {
  const command = commandOf(method, params);
  expect(command).toEqual({
    name: method.replace(/^cnxcc./, ''),
    call: { customer: 'john', callId: 'c1@host', caller: '4930', number: '33123450', ...limits },
  });
});

test.each<[string, RpcParams, object]>([
  ['update_max_time', ['john', 60], { customer: 'john', seconds: '60' }],
  ['get_channel_count', { customer: 'john' }, { customer: 'john' }],
  ['terminate_all', ['john'], { customer: 'john' }],
  ['check_client', ['john'], { customer: 'john' }],
  ['active_clients', [], {}],
  ['stats', {}, {}],
  ['kill_call', ['c1@host'], { callId: 'c1@host' }],
  ['dialog_start', ['c1@host'], { callId: 'c1@host' }],
  ['dialog_end', { call_id: 'c1@host' }, { callId: 'c1@host' }],
])('%s has what it needs', (name, params, rest) => {
  expect(commandOf(name, params)).toEqual({ name, ...rest });
  expect(commandOf(`cnxcc.${name}`, params)).toEqual({ name, ...rest });
});

test.each<[string, string, RpcParams, number, string]>([
  ['a command that there is not', 'set_max_cost', [], -32601, 'write set_max_credit, set_max_time'],
  ['a word of every object', 'constructor', [], -32601, 'no such command'],
  ['cnxcc twice', 'cnxcc.cnxcc.stats', [], -32601, 'no such command'],
  [
    'as cnxcc has it, without the call',
    'set_max_time',
    ['john', '120'],
    -32602,
    'write 5: customer, max_time, call_id',
  ],
  ['one too many', 'set_max_time', ['john', '120', ...CALL, 'x'], -32602, 'has 6 parameters by position'],
  ['one of an object, which has none', 'stats', ['x'], -32602, 'write none'],
  ['a name that is missing', 'kill_call', {}, -32602, 'call_id is missing'],
  ['a name too many', 'kill_call', { call_id: 'a', call: 'b' }, -32602, '"call" is no parameter of kill_call'],
  ['a name of another command', 'set_max_time', { max_credit: '1' }, -32602, '"max_credit" is no parameter'],
  ['a name of every object', 'kill_call', JSON.parse('{"__proto__":1}'), -32602, '"__proto__" is no parameter'],
  ['a fraction that is no text', 'kill_call', [0.5], -32602, 'call_id 0.5 is neither'],
  ['a number that a double does not hold', 'kill_call', [1e21], -32602, 'is neither'],
  ['null', 'kill_call', [null], -32602, 'call_id null is neither'],
  ['true', 'kill_call', [true], -32602, 'call_id true is neither'],
  ['an object', 'kill_call', [{ a: 1 }], -32602, 'call_id {…} is neither'],
  ['a number dialled, which is not shown', 'set_max_time', ['j', 1, 'c', '', 49.5], -32602, 'number is neither'],
  ['256 characters', 'kill_call', ['x'.repeat(256)], -32602, 'is neither'],
])('%s is refused', (_what, method, params, code, told) => {
  let error: unknown;
  try {
    commandOf(method, params);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code });
  expect((error as Error).message).toContain(told);
  expect((error as Error).message).toMatch(/^[\x20-\x7e…]+$/);
});

const call = (limits: string[], number = '33123450'): CallToWatch => ({
  callId: 'c1',
  caller: '',
  number,
  customer: 'john',
  limits,
  maxChannels: 0,
});

test('the words of a call are those of the dialplan', () => {
  expect(wordsFor(call(['max_credit=100', 'cps=0.5']), 'kam1-john')).toEqual([
    'customer=kam1-john',
    'max_credit=100',
    'cps=0.5',
  ]);
});

test.each([
  ['john,max_credit=9', ['max_time=1'], 'customer "john,max_credit=9" is no name'],
  ['', ['max_time=1'], 'customer "" is no name'],
  ['x'.repeat(65), ['max_time=1'], 'is no name'],
  ['john', ['max_credit=lots', 'cps=1'], 'max_credit "lots" is not an amount'],
  ['john', ['max_credit=1e3', 'cps=1'], 'max_credit "1e3" is not an amount'],
  ['john', ['max_credit=0.1234567', 'cps=1'], 'more than six decimals'],
  ['john', ['max_credit=5', 'cps=-1'], 'cps "-1" is below zero'],
  ['john', ['max_credit=5', 'cps=0'], 'cps is 0, no price: write more'],
  ['john', ['max_credit=5', 'cps=0', 'connect=3'], 'cps is 0, no price: write more'],
  ['john', ['max_credit=5', 'cps='], 'cps'],
  ['john', ['max_credit=5', 'cps=1', 'ipulse=0'], 'ipulse "0" is not a whole number from 1 to 86400'],
  ['john', ['max_time=-1'], 'max_time "-1" is not a whole number from 0 to 31536000'],
  ['john', ['max_channels=0'], 'max_channels "0" is not a whole number from 1 to 1000000'],
])('customer %j with %j is refused: %s', (customer, limits, told) => {
  expect(() => wordsFor(call(limits), customer)).toThrow(told);
});
