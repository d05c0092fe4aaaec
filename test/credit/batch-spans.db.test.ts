import { context, trace } from '@opentelemetry/api';
import { keptSpans } from '../calls/kept-spans';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { addAccount, addDeck, callOf, openLedger } from './ledger-fixture';

const spans = keptSpans();
let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase('MariaDB');
  await addDeck(db, 'retail', [{}]);
  await addAccount(db, 'alice', '10');
});
afterAll(async () => {
  trace.disable();
  context.disable();
  await db.drop();
});

test('each operation that is traced has its batch in its own span; others have none', async () => {
  const ledger = openLedger(db, { lanes: 1 });
  const span = trace.getTracer('test').startSpan('start');
  await Promise.all([
    context.with(trace.setSpan(context.active(), span), () => ledger.start(callOf('alice'))),
    ledger.start(callOf('alice')),
  ]);
  await ledger.close();
  expect(spans.slice(1)).toEqual([
    { name: 'batch', within: 'start', attributes: { 'ringfence.operations': 2 }, hasEnded: true },
  ]);
});
