import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiDocument, Judge, operationsOf } from '../../fuzz/api-document';
import { curlOf } from '../../fuzz/curl';
import { Known } from '../../fuzz/known';
import { recipesTo, requestOf } from '../../fuzz/requests';
import { projectRoot } from '../../src/config/project-root';

const document: ApiDocument = JSON.parse(readFileSync(join(projectRoot, 'docs/api.openapi.json'), 'utf8'));
const operations = operationsOf(document);
const recipes = recipesTo(operations);
const made = (seed: number, count: number) =>
  recipes(seed, count).map(recipe => requestOf(recipe, { known: ({ otherwise }) => otherwise, key: 'k' }));

test('the same seed makes the same requests, another one makes others', () => {
  // What a server reads follows from the body, and may be nested too deeply for JSON.stringify.
  const text = (seed: number) => JSON.stringify(made(seed, 50).map(({ asked, ...request }) => request));
  expect(text(7)).toBe(text(7));
  expect(text(7)).not.toBe(text(8));
});

test('every operation is asked, and each kind of fault is made', () => {
  const requests = made(1, 20_000);
  expect(new Set(requests.map(({ operation }) => operation.id)).size).toBe(operations.length);
  const kinds = new Set(requests.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual(
    [
      'body',
      'credential',
      'deep',
      'extra',
      'header',
      'key',
      'method',
      'missing',
      'path',
      'twice',
      'type',
      'value',
    ].sort(),
  );
});

test('the body of a request without a fault is one that the document allows; with faults many are not', () => {
  const judge = new Judge(document);
  const requests = made(2, 5_000).filter(({ operation }) => operation.body !== null);
  const fits = ({ operation, body }: (typeof requests)[0]) => {
    try {
      return judge.accepts(operation, JSON.parse(String(body)));
    } catch {
      return false;
    }
  };
  const right = requests.filter(({ faults }) => faults.length === 0);
  expect(right.filter(request => !fits(request)).map(({ operation, body }) => `${operation.id} ${body}`)).toEqual([]);
  const broken = requests.filter(({ faults }) => faults.some(({ kind }) => kind === 'value'));
  expect(broken.filter(request => !fits(request)).length).toBeGreaterThan(broken.length / 4);
});

test('a request is shown as a line for a shell, without what is secret in it', () => {
  const request = {
    method: 'POST',
    path: "/accounts/o'neil/topup",
    body: Buffer.from('{"amount":"1","code":"12\\"34","password":"correct horse"}'),
  };
  const headers: [string, string][] = [
    ['authorization', 'Bearer rf_secret'],
    ['cookie', 'ringfence=secret'],
    ['idempotency-key', 'k'],
  ];
  expect(curlOf(request, headers, 'http://127.0.0.1:1/api/v1')).toBe(
    "curl -i --path-as-is -X POST 'http://127.0.0.1:1/api/v1/accounts/o'\\''neil/topup'" +
      " -H 'authorization: Bearer $KEY' -H 'cookie: $COOKIE' -H 'idempotency-key: k'" +
      ' --data-binary \'{"amount":"1","code":"…","password":"…"}\'',
  );
  const bytes = { ...request, path: '/x', body: Buffer.from([0xff, 0x7b]) };
  expect(curlOf(bytes, [], '')).toBe("printf '\\xff\\x7b' | curl -i --path-as-is -X POST '/x' --data-binary @-");
});

test('a thing is found again by its place, counted around, until it is gone', () => {
  const known = new Known();
  expect(known.pick('route', 5)).toBeUndefined();
  known.add('route', { prefix: '49', trunk: 'a' }, { prefix: '49', trunk: 'b' });
  expect(known.pick('route', 5)).toEqual({ prefix: '49', trunk: 'b' });
  known.remove('route', { prefix: '49', trunk: 'b' });
  expect(known.pick('route', 5)).toEqual({ prefix: '49', trunk: 'a' });
  known.define('me', () => ({ value: 'anna' }));
  expect(known.pick('me', 3)).toEqual({ value: 'anna' });
});
