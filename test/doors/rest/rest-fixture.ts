import Ajv2020 from 'ajv/dist/2020';
import type { LedgerOptions } from '../../../src/credit/ledger';
import { doorNode } from '../../../src/doors/door-kind';
import { openApi } from '../../../src/doors/rest/openapi';
import { REST_DOOR, RestDoor } from '../../../src/doors/rest/rest-door';
import { parseKeys } from '../../../src/doors/rest/rest-keys';
import { OPERATIONS, type RestOperation } from '../../../src/doors/rest/rest-operations';
import type { RestSettings } from '../../../src/doors/rest/rest-settings';
import { parsePeers } from '../../../src/listeners/peers';
import type { TestDatabase } from '../../database/test-database';
import { type OpenedDoor, opened } from '../door-fixture';

export const NODE = doorNode(REST_DOOR, 'main');

// biome-ignore lint/suspicious/noExplicitAny: JSON of any answer
export type Json = any;

export interface RestAnswer {
  status: number;
  body: Json;
  headers: Headers;
}

export interface TestDoor extends OpenedDoor<RestDoor> {
  get(path: string, headers?: Record<string, string>): Promise<RestAnswer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<RestAnswer>;
}

/** The open doors of a test that failed. */
const open = new Set<TestDoor>();

/** After the tests: an open door would keep jest from ending. */
export async function closeDoors(): Promise<void> {
  for (const door of open) await door.close();
}

export async function openDoor(
  test: Pick<TestDatabase, 'url' | 'database'>,
  more: Partial<Omit<RestSettings, 'listen'>> = {},
  ledgerOptions: Partial<LedgerOptions> = {},
): Promise<TestDoor> {
  const door = await opened(
    test,
    NODE,
    parts =>
      new RestDoor({
        ...parts,
        settings: {
          listen: { host: '127.0.0.1', port: 0 },
          peers: parsePeers(['127.0.0.0/8']),
          keys: parseKeys([]),
          name: 'main',
          account: '{account}',
          capSeconds: 1800,
          ...more,
        },
      }),
    ledgerOptions,
  );
  const { port } = door;
  const opening: TestDoor = {
    ...door,
    get: (path, headers) => ask(port, 'GET', path, undefined, headers),
    post: (path, body, headers) => ask(port, 'POST', path, JSON.stringify(body), headers),
    async close() {
      open.delete(opening);
      await door.close();
    },
  };
  open.add(opening);
  return opening;
}

/** Settles a call, again while the answer is 503, as the door's clients do: beside load, many at once may wait for longer than a door does. */
export async function settleAgain(
  door: TestDoor,
  callId: string,
  body: unknown,
  headers?: Record<string, string>,
): Promise<RestAnswer> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await door.post(`/v1/calls/${callId}/settle`, body, headers);
    if (answer.status !== 503 || performance.now() > deadline) return answer;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Asks, and holds the answer against the document that describes it. */
export async function ask(
  port: number,
  method: 'GET' | 'POST',
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<RestAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    body,
  });
  const answer = { status: response.status, body: await response.json(), headers: response.headers };
  expectDescribed(method, path, answer);
  return answer;
}

const DOCUMENT = openApi('0') as Json;

/** The document as strictly as it can be read: an answer holds nothing that it does not name. */
const strict = structuredClone(DOCUMENT);
for (const schema of Object.values(strict.components.schemas) as Json[]) schema.additionalProperties = false;
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ } });
ajv.addSchema(strict, 'openapi');

/** Whether a value is what a place in the document says; by its JSON pointer. */
export function faultsOf(pointer: string, value: unknown): unknown[] {
  const validate = ajv.getSchema(`openapi#${pointer}`);
  if (!validate) throw new Error(`the document has no ${pointer}`);
  return validate(value) ? [] : (validate.errors ?? []);
}

/** The answers, by operation and status, to find at the end of the tests what was never seen. */
export const seen = new Set<string>();

function expectDescribed(method: string, path: string, { status, body }: RestAnswer): void {
  const fits = ({ path: known }: RestOperation) => new RegExp(`^${known.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
  const operation = (Object.values(OPERATIONS) as RestOperation[]).find(
    known => known.method === method && fits(known),
  );
  // A path or a method that there is not.
  if (!operation) return;
  seen.add(`${operation.name} ${status}`);
  const place = operation.path.replaceAll('/', '~1');
  const pointer = `/paths/${place}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`;
  expect({ path, status, body, faults: faultsOf(pointer, body) }).toMatchObject({ faults: [] });
}
