import { answerWith, answerWithError, messageIn, RpcError } from '../../../src/doors/cnxcc/json-rpc';

const read = (text: string | Buffer) => messageIn(Buffer.from(text));
const errorOf = (text: string | Buffer): RpcError => {
  try {
    const { asked } = read(text);
    for (const each of asked) if ('error' in each) return each.error;
  } catch (error) {
    return error as RpcError;
  }
  throw new Error('nothing is wrong with it');
};

test('a request is its id, method and parameters, by position or by name', () => {
  expect(read('{"jsonrpc":"2.0","id":1,"method":"stats","params":["a",2]}')).toEqual({
    isBatch: false,
    asked: [{ id: 1, method: 'stats', params: ['a', 2] }],
  });
  expect(read('{"method":"stats","params":{"call_id":"a"},"id":"x-1","jsonrpc":"2.0"}').asked).toEqual([
    { id: 'x-1', method: 'stats', params: { call_id: 'a' } },
  ]);
});

test('without an id it is a notification; without parameters it has none; what else stands there is passed over', () => {
  expect(read('{"jsonrpc":"2.0","method":"stats","more":[1]}').asked).toEqual([
    { id: undefined, method: 'stats', params: [] },
  ]);
  expect(read('{"jsonrpc":"2.0","id":null,"method":"stats"}').asked).toEqual([
    { id: null, method: 'stats', params: [] },
  ]);
});

test('a batch keeps its order, and a request in it that is none has an error of its own', () => {
  const { isBatch, asked } = read('[{"jsonrpc":"2.0","id":1,"method":"a"},7,{"jsonrpc":"2.0","id":3,"method":"b"}]');
  expect(isBatch).toBe(true);
  expect(asked.map(({ id }) => id)).toEqual([1, null, 3]);
  expect(asked[1]).toMatchObject({ error: { code: -32600 } });
});

test.each([
  ['nothing', '', -32700],
  ['half of it', '{"jsonrpc":"2.0","id":1', -32700],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), -32700],
  ['a control character in a text', '"a\u0001b"', -32700],
  ['a text', '"stats"', -32600],
  ['null', 'null', -32600],
  ['an empty batch', '[]', -32600],
  ['21 requests', `[${Array(21).fill('{"jsonrpc":"2.0","method":"stats"}').join(',')}]`, -32600],
  ['a batch in a batch', '[[{"jsonrpc":"2.0","method":"stats"}]]', -32600],
  ['8,000 brackets', '['.repeat(8_000) + ']'.repeat(8_000), -32600],
  ['version 1', '{"id":1,"method":"stats","params":[]}', -32600],
  ['no method', '{"jsonrpc":"2.0","id":1}', -32600],
  ['a method of 65 characters', `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(65)}"}`, -32600],
  ['parameters that are a text', '{"jsonrpc":"2.0","id":1,"method":"stats","params":"a"}', -32600],
  ['parameters that are null', '{"jsonrpc":"2.0","id":1,"method":"stats","params":null}', -32600],
  ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"stats"}', -32600],
  ['an id that is no number', '{"jsonrpc":"2.0","id":1e999,"method":"stats"}', -32600],
  ['an id of 129 characters', `{"jsonrpc":"2.0","id":"${'1'.repeat(129)}","method":"stats"}`, -32600],
  ['a name twice', '{"jsonrpc":"2.0","id":1,"method":"stats","method":"kill_call"}', -32600],
  ['a name twice, once escaped', '{"jsonrpc":"2.0","id":1,"method":"stats","\\u006dethod":"kill_call"}', -32600],
  ['a parameter twice', '{"jsonrpc":"2.0","id":1,"method":"stats","params":{"a":1,"a":2}}', -32600],
  ['a name twice in a batch', '[{"jsonrpc":"2.0","method":"stats" ,"method" :"x"}]', -32600],
])('%s is refused', (_what, body, code) => {
  expect(errorOf(body)).toMatchObject({ code, status: 400 });
});

test('names are the same only within one object, and texts that look like names are none', () => {
  const params = '[{"a":{"a":1}},"a:","a\\":",{"a":2}]';
  expect(() =>
    read(`[{"jsonrpc":"2.0","id":1,"method":"a","params":${params}},{"jsonrpc":"2.0","id":1,"method":"a"}]`),
  ).not.toThrow();
});

test('in a text that a caller can break out of, what he adds is not taken', () => {
  const script = (callId: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"set_max_channels","params":["mallory","1","${callId}","m","33"]}`;
  expect(read(script('a@b')).asked).toHaveLength(1);
  expect(errorOf(script('x","m","1"],"params":["victim","99","y')).message).toContain('a name stands twice');
});

test('at the end of an answer stands what a script looks for', () => {
  expect(answerWith(1, 1)).toBe('{"jsonrpc":"2.0","id":1,"result":1}');
  expect(answerWith('a', 'x:1;')).toBe('{"jsonrpc":"2.0","id":"a","result":"x:1;"}');
  expect(answerWithError(null, new RpcError(-4, 409, 'call_id_reused'))).toBe(
    '{"jsonrpc":"2.0","id":null,"error":{"message":"call_id_reused","code":-4}}',
  );
});
