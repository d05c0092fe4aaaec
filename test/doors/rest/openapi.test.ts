import { REFUSALS } from '../../../src/credit/refusal';
import { openApi } from '../../../src/doors/rest/openapi';
import { OPERATIONS, type RestOperation } from '../../../src/doors/rest/rest-operations';
import { PROBLEMS, STATUS_OF_PROBLEM } from '../../../src/doors/rest/rest-problems';
import { verdictOn } from '../../openapi-verdict';
import type { Json } from './rest-fixture';

const document = openApi('1.2.3') as Json;

test('the document is OpenAPI 3.1 by the official schema', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(verdictOn(document)).toBe('');
  expect(verdictOn({ ...document, paths: { nowhere: {} } })).not.toBe('');
});

test('every $ref points to something', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name,
  );
  expect(refs.length).toBeGreaterThan(20);
  for (const name of refs) expect(document.components.schemas).toHaveProperty([name as string]);
});

test('every operation, every refusal of the ledger and every word of the door stands there', () => {
  const operations = Object.values(document.paths as Record<string, Json>).flatMap(path => Object.values<Json>(path));
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(OPERATIONS).sort());
  const words = new Set((Object.values(OPERATIONS) as RestOperation[]).flatMap(({ problems }) => problems));
  // Those are told before an operation is found, or are of switches with a lease and of dialplans.
  const elsewhere = [
    'path_unknown',
    'method_not_allowed',
    'invite_repeated',
    'arguments_invalid',
    'lease_lost',
    'no_route',
  ];
  expect([...words, ...elsewhere].sort()).toEqual([...new Set(PROBLEMS)].sort());
  expect(Object.keys(STATUS_OF_PROBLEM)).toEqual(expect.arrayContaining([...REFUSALS]));
});
