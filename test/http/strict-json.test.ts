import fc from 'fast-check';
import { strictJson } from '../../src/http/strict-json';

const read = (text: string) => strictJson(Buffer.from(text));

test('JSON is read as JSON.parse does, whatever its texts hold', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), value => {
      const text = JSON.stringify(value);
      fc.pre(!/"(__proto__|constructor|prototype)"/.test(text));
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
  expect(read('{"a":"{\\"a\\":[\\\\","b":{"a":1},"c":[{"a":1},{"a":2}]}')).toEqual({
    a: '{"a":[\\',
    b: { a: 1 },
    c: [{ a: 1 }, { a: 2 }],
  });
});

test('an empty body stands for nothing', () => {
  expect(strictJson(Buffer.alloc(0))).toBeUndefined();
});

test.each([
  ['{"amount":"1","amount":"2"}', 'has the field "amount" twice'],
  ['{"amount":"1","\\u0061mount":"2"}', 'has the field "amount" twice'],
  ['{"a":{"b":1},"a":[]}', 'has the field "a" twice'],
  ['{"__proto__":{"roles":["admin"]}}', 'has a field __proto__'],
  ['{"\\u005f_proto__":1}', 'has a field __proto__'],
  ['[{"constructor":{"prototype":1}}]', 'has a field constructor'],
  [`${'['.repeat(9)}${']'.repeat(9)}`, 'is deeper than 8 levels'],
  [`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`, 'is deeper than 8 levels'],
  ['{', 'is not JSON'],
  ['{"a":1}x', 'is not JSON'],
  ["{'a':1}", 'is not JSON'],
  ['\ufeff{}', 'is not JSON'],
  [' ', 'is not JSON'],
])('%s is refused', (text, problem) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({ statusCode: 400, message: expect.stringContaining(problem) }),
  );
});

test('eight levels are not too deep', () => {
  expect(read(`${'['.repeat(8)}${']'.repeat(8)}`)).toBeDefined();
});

test.each([
  ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
  ['half of a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ['a letter that is cut off', [0x22, 0xc3]],
])('%s is not UTF-8', (_what, bytes) => {
  expect(() => strictJson(Buffer.from(bytes))).toThrow('the body is not UTF-8');
});

test('the deepest body that fits is refused, and no stack overflows', () => {
  expect(() => read('['.repeat(65_536))).toThrow('is not JSON');
  expect(() => read(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)).toThrow('is deeper');
});
