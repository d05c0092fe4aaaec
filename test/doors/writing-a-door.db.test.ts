/** A door that is added as docs/doors/writing-a-door.md says: one line in the table, and everything else follows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { findFreePort } from '../../lab/servers/ports';
import { projectRoot } from '../../src/config/project-root';
import { DOORS, doorNodes, isAnyDoorOpen, leftToClient } from '../../src/doors/doors';
import { type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { addAccount, addDeck, booksBalance, moneyOf } from '../credit/ledger-fixture';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { TOY_DOOR } from './toy-door';

const doors = { ...DOORS, toy: TOY_DOOR };

let db: TestDatabase;
let service: Service;
let port: number;
let metricsPort: number;
const settings = () =>
  readSettings(
    {
      RINGFENCE_DATABASE_URL: db.url,
      RINGFENCE_TOY_LISTEN: `${port}`,
      RINGFENCE_TOY_NAME: 'west',
      RINGFENCE_METRICS_LISTEN: `${metricsPort}`,
    },
    doors,
  );

beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'joe', '10');
  port = await findFreePort();
  metricsPort = await findFreePort();
  service = await startService(settings(), pino({ level: 'silent' }), { doors });
});
afterAll(async () => {
  await service?.stop();
  await db.drop();
});

async function ask(message: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: message, headers });
  return `${response.status} ${await response.text()}`;
}

test('a call by the new door is granted, talks, and is charged for its talk, once', async () => {
  expect(await ask('start c1 joe 4930123')).toBe('200 granted 600');
  expect(await moneyOf(db, 'joe')).toEqual(['10.00', '10.00', 1]);
  expect(await ask('end c1 joe 61')).toBe('200 charged 2.00 EUR');
  expect(await ask('end c1 joe 61')).toBe('200 charged 2.00 EUR');
  expect(await moneyOf(db, 'joe')).toEqual(['8.00', '0.00', 0]);
  expect(await db.database('astcdr').where({ uniqueid: 'toy:west:call:c1' }).first('node', 'billsec', 'cost')).toEqual({
    node: 'toy:west',
    billsec: 61,
    cost: '2.000000',
  });
  await booksBalance(db);
});

test('what it refuses is counted, and an emergency call is not refused', async () => {
  expect(await ask('start c2 nobody 4930123')).toBe('402 refused account_not_found');
  expect(await ask('end c9 joe 61')).toBe('404 refused call_unknown');
  expect(await ask('give me credit')).toBe('400 refused message_invalid');
  expect(await ask('start c3 joe 4930123', { Origin: 'http://example.com' })).toBe('403 refused origin_not_allowed');
  expect(await ask('start c4 nobody 112')).toBe('200 granted 3600');
  const figures = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const refusals = [...figures.matchAll(/^ringfence_door_refusals_total\{door="toy:west",reason="(\w+)"\} (\d+)$/gm)];
  expect(Object.fromEntries(refusals.map(([, reason, count]) => [reason, count]))).toEqual({
    account_not_found: '1',
    call_unknown: '1',
    message_invalid: '1',
    origin_not_allowed: '1',
  });
  expect(figures).toContain('ringfence_door_answers_total{door="toy:west"} 8\n');
  expect(figures).toContain('ringfence_door_waiting{door="toy:west"} 0\n');
});

test('its node needs no lease, it opens the service alone, and an operator learns who can end its calls', () => {
  expect(doorNodes(settings().doors, doors)).toContain('toy:west');
  expect(isAnyDoorOpen(settings().doors, doors)).toBe(true);
  expect(leftToClient('toy:west', doors)).toBe('ended by the limit, as the toy switch cannot be told');
  expect(leftToClient('toy', doors)).toBeNull();
  expect(leftToClient('proxy:main', doors)).toBeNull();
});

test('a door that is not in the table has no settings', () => {
  expect(() => readSettings({ RINGFENCE_DATABASE_URL: db.url, RINGFENCE_TOY_LISTEN: '8030' })).toThrow(
    'RINGFENCE_TOY_LISTEN is not a setting',
  );
});

test('the page shows the door as it is', () => {
  const page = readFileSync(join(projectRoot, 'docs/doors/writing-a-door.md'), 'utf8');
  const code = readFileSync(join(projectRoot, 'test/doors/toy-door.ts'), 'utf8');
  const shown = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  expect(shown.length).toBeGreaterThan(2);
  expect(shown.filter(text => !code.includes(text))).toEqual([]);
});
