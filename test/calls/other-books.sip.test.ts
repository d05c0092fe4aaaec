import { Writable } from 'node:stream';
import pino from 'pino';
import { type ServeOptions, type Service, startService } from '../../src/serve';
import { readSettings } from '../../src/settings';
import { createTestDatabase, type TestDatabase } from '../database/test-database';
import { eventually } from '../eventually';
import { type Exchange, startExchange } from './exchange';

let exchange: Exchange;
let other: TestDatabase;
beforeAll(async () => {
  exchange = await startExchange();
  other = await createTestDatabase('MariaDB');
});
afterAll(async () => {
  await other?.drop();
  await exchange?.stop();
});

interface Stranger {
  service: Service;
  said(event: string): Promise<Record<string, unknown>>;
}

/** A service on the same Asterisk and another database, as a typo in its URL makes one. */
async function stranger(options: ServeOptions = {}): Promise<Stranger> {
  const log: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(line, _, done) {
      log.push(JSON.parse(line.toString()));
      done();
    },
  });
  const settings = readSettings({ RINGFENCE_DATABASE_URL: other.url, RINGFENCE_ARI_URL: exchange.asterisk.ariUrl });
  const service = await startService(settings, pino({ level: 'info' }, sink), options);
  const said = (event: string) =>
    eventually(async () => log.find(line => line.event === event) ?? null, `the log line ${event}`);
  return { service, said };
}

const marked = () =>
  eventually(async () => {
    const globals = await exchange.asterisk.cli('dialplan show globals');
    return globals.includes('RINGFENCE_SWITCH_MARK') ? true : null;
  }, 'the mark of the service');

test('a service on another database, or on a copy, leaves the switch and its calls to the one that serves it', async () => {
  await exchange.account('alice', '50.00', { mode: 'shared' });
  await marked();
  const calling = await exchange.begin('alice', '4412345670', { talkMs: 4_000 });
  await exchange.answered('alice');
  const { service, said } = await stranger();
  expect(await said('switch_of_other_books')).toMatchObject({
    error: expect.stringContaining('from another database'),
  });
  await service.stop();

  // The same name, and no knowledge of the switch: a copy of the books.
  const { books_id } = await exchange.test.database('astbooks').first('books_id');
  const [{ books_id: own }] = await other.database('astbooks').select('books_id');
  await other.database('astbooks').update({ books_id });
  const copy = await stranger();
  expect(await copy.said('switch_of_other_books')).toMatchObject({ error: expect.stringContaining('is a copy') });
  await copy.service.stop();
  await other.database('astbooks').update({ books_id: own });

  // The first service got no event: its call goes on, and it serves the next one.
  const { endedBy, talkMs } = await calling.finished;
  expect({ endedBy, whole: talkMs > 3_900 }).toEqual({ endedBy: 'caller', whole: true });
  expect(await exchange.call('alice', '4412345670', { talkMs: 500 })).toMatchObject({ sipStatus: 200 });
  await exchange.settled('alice', 2);
});

test('one that is told to take the switch over leaves the calls of the other books in progress', async () => {
  await exchange.account('bob', '50.00', { mode: 'shared' });
  await marked();
  const calling = await exchange.begin('bob', '4412345670', { talkMs: 4_000 });
  const call = await exchange.answered('bob');
  const { service, said } = await stranger({ takeOver: true });
  const { books_id } = await exchange.test.database('astbooks').first('books_id');
  expect(await said('channel_of_other_books')).toMatchObject({
    books: books_id,
    channel: expect.stringContaining(call.uniqueid as string),
  });
  const { endedBy, talkMs } = await calling.finished;
  expect({ endedBy, whole: talkMs > 3_900 }).toEqual({ endedBy: 'caller', whole: true });
  await service.stop();
  // The service that lost its switch restarts, and its operator says that its books are the right ones.
  await exchange.restartService({}, { takeOver: true });
  expect((await exchange.settled('bob')).map(({ uniqueid, end_at }) => [uniqueid, end_at !== null])).toEqual([
    [call.uniqueid, true],
  ]);
});
