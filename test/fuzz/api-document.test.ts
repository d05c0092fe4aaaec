/** What the fuzz of the API takes for wrong, by the document as it is checked in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiDocument, Judge, matching, type Operation, operationsOf } from '../../fuzz/api-document';
import { projectRoot } from '../../src/config/project-root';

const document: ApiDocument = JSON.parse(readFileSync(join(projectRoot, 'docs/api.openapi.json'), 'utf8'));
const operations = operationsOf(document);
const judge = new Judge(document);
const named = (id: string) => operations.find(each => each.id === id) as Operation;

const moved = {
  accountcode: 'alice',
  kind: 'top_up',
  reference: 'r',
  amount: '1.00',
  moved: true,
  balance: '2.00',
  available: '2.00',
  approval: null,
};
const problem = {
  type: 'urn:ringfence:problem:account_not_found',
  title: 'account not found',
  status: 404,
  request_id: '0b1c6f9e-3f0f-4f3c-9f59-0d8f5b3f2f11',
};
const json = 'application/json; charset=utf-8';
const ofProblem = 'application/problem+json';

test.each([
  ['accountTopup', 200, json, moved, ''],
  ['accountTopup', 404, ofProblem, problem, ''],
  ['accountTopup', 201, json, moved, 'the status 201 is not described'],
  ['accountTopup', 500, ofProblem, { ...problem, status: 500 }, 'the status 500 is not described'],
  ['accountTopup', 200, 'text/html', moved, '200 is text/html, not application/json'],
  ['accountTopup', 200, json, { ...moved, approval: undefined }, /required property 'approval'/],
  ['accountTopup', 200, json, { ...moved, secret: 'x' }, /additional properties/],
  ['accountTopup', 200, json, { ...moved, balance: 2 }, /balance must be string/],
  ['accountTopup', 200, json, { ...moved, balance: '2' }, /balance must match pattern/],
  ['accountTopup', 200, json, { ...moved, kind: 'theft' }, /kind must be equal to one of the allowed values/],
  ['accountTopup', 404, ofProblem, { ...problem, status: 409 }, 'the problem has another status than the answer, 404'],
  ['accountTopup', 404, ofProblem, { ...problem, request_id: 'x' }, /request_id must match format/],
  ['accountTopup', 200, json, '{"half":', 'the body is no JSON'],
  ['accountList', 200, 'text/csv; charset=utf-8', 'a,b', ''],
  ['cardExport', 200, 'application/x-ndjson', '{"a":1}\n{"b":2}\n', ''],
  ['cardExport', 200, 'application/x-ndjson', '{"a":1}\n{"b":\n', 'a line is no JSON'],
  ['sessionEnd', 204, '', '', ''],
  ['sessionEnd', 204, json, 'x', '204 has no body, by the document'],
])('%s answered %i as %s', (id, status, contentType, body, verdict) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const told = judge.verdict(named(id), { status, contentType, text, isCut: false });
  if (typeof verdict === 'string') expect(told).toBe(verdict);
  else expect(told).toMatch(verdict);
});

test.each([
  ['accountTopup', { amount: '1', reference: 'r' }, true],
  ['accountTopup', { amount: 1, reference: 'r' }, false],
  ['accountTopup', { amount: '1' }, false],
  ['accountTopup', { amount: '1', reference: 'r', colour: 'red' }, false],
  ['accountTopup', null, false],
  ['accountSet', { max_channels: null }, true],
  ['accountSet', { max_channels: 0 }, false],
])('%s takes %j: %s', (id, body, isTaken) => {
  expect(judge.accepts(named(id), body)).toBe(isTaken);
});

test.each([
  ['GET', '/calls/live?limit=1', 'callLive'],
  ['GET', '/calls/ast1-1.1', 'callShow'],
  ['DELETE', '/routes?prefix=49&trunk=x', 'routeRemove'],
  ['PUT', '/routes', null],
  ['GET', '/accounts/a/b', null],
])('%s %s is %s', (method, path, id) => {
  expect(matching(operations, { method, path })?.id ?? null).toBe(id);
});
