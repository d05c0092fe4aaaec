import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addAccount, addDeck, callOf, endOf, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { json, ringfence } from './cli-fixture';

const servers: Server[] = [];

/** A switch with only its wire real: its name, and its answer to the hang-up of a channel. */
async function switchNamed(name: string, status: number, body: object = {}) {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const known = request.headers.authorization === `Basic ${Buffer.from('ari:secret').toString('base64')}`;
    const info = request.url?.startsWith('/ari/asterisk/info');
    response.writeHead(known ? (info ? 200 : status) : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(info ? { config: { name } } : body));
  });
  servers.push(server);
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://ari:secret@127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
  };
}

describe.each(engines)('calls on the command line, %s', engine => {
  let db: TestDatabase;
  const over = callOf('alice');
  const open = callOf('alice');
  const refused = callOf('alice', { dst: '900123' });

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}]);
    await addAccount(db, 'alice', '4.00');
    await addAccount(db, 'bob', '1.00');
    const ledger = openLedger(db);
    await ledger.start(over);
    await ledger.end(endOf(over, talked(61), 'carrier'));
    await ledger.start(open);
    await ledger.start(refused);
    await ledger.close();
  });
  afterAll(() => db.drop());

  test('call list shows ended, open and refused calls; --open and --account choose', async () => {
    const states = (items: { uniqueid: string }[]) => items.map(({ uniqueid }) => uniqueid).sort();
    const all = await json(db.url, ['call', 'list', '--account', 'alice']);
    expect(states(all.items)).toEqual([over, open, refused].map(({ uniqueid }) => uniqueid).sort());
    expect(states((await json(db.url, ['call', 'list', '--open'])).items)).toEqual([open.uniqueid]);
    expect((await ringfence(db.url, ['call', 'list', '--account', 'bob'])).out).toBe('no call\n');
    const { out } = await ringfence(db.url, ['call', 'list']);
    expect(out).toMatch(/alice {8}4930123456 {2}ANSWERED +240 +61 +4\.00 +2\.00 {2}EUR +16/);
    expect(out).toContain('number_barred');
    expect(out).toContain('ringing');
  });

  test('a call that has no room in its pool yet is waiting; the one that holds it is ringing', async () => {
    await addAccount(db, 'cleo', '1.00', { mode: 'shared' });
    const ledger = openLedger(db);
    const [holder, waiter] = [callOf('cleo'), callOf('cleo')];
    await ledger.start(holder);
    expect(await ledger.start(waiter)).toEqual({ waiting: true });
    await ledger.close();
    const { out } = await ringfence(db.url, ['call', 'list', '--account', 'cleo']);
    expect(out).toMatch(new RegExp(`ringing .* 1\\.00 .* ${holder.uniqueid}$`, 'm'));
    expect(out).toMatch(new RegExp(`waiting .* 0\\.00 .* ${waiter.uniqueid}$`, 'm'));
    const shown = await json(db.url, ['call', 'show', waiter.uniqueid]);
    expect(shown).toMatchObject({ granted_seconds: 0, max_cost: '0.00', cap_seconds: 3600, end_at: null });
    for (const request of [holder, waiter]) {
      const again = openLedger(db);
      await again.end(endOf(request, talked(null)));
      await again.close();
    }
  });

  test('call show tells every column: 61 s talked, 120 billed, 2.00 of the 4.00 ring-fenced', async () => {
    // But for a hash, which tells a person nothing.
    const { dialog: _, ...columns } = (await db.database('astcdr').columnInfo()) as Record<string, unknown>;
    const call = await json(db.url, ['call', 'show', over.uniqueid]);
    const { corrected, refunded, revenue, steps: _steps, ...told } = call;
    expect(Object.keys(told).sort()).toEqual(Object.keys(columns).sort());
    expect([corrected, refunded, revenue]).toEqual(['0.00', '0.00', '2.00']);
    expect(call).toMatchObject({ billsec: 61, billed_seconds: 120, cost: '2.00', max_cost: '4.00', trunk: 'carrier' });
    expect(call.start_at).toBe(new Date(over.startAt).toISOString());
    const { exitCode, err } = await ringfence(db.url, ['call', 'show', 'nix']);
    expect({ exitCode, err }).toEqual({ exitCode: 3, err: 'uniqueid "nix" is of no call: see "call list"\n' });
  });

  test('call show explains a past call at the rate that it began with, though its deck costs nine times as much by now', async () => {
    const { database } = db;
    const [version] = await database('astratedeckversion').insert({ deck: 'retail', source: 'dear', rates: 1 });
    const { version: before } = await database('astratedeck').where({ deck: 'retail' }).first();
    const [rate] = await database('astrate').where({ version: before });
    await database('astrate').insert({ ...rate, version, price_per_minute: '9.00' });
    await database('astratedeck').where({ deck: 'retail' }).update({ version });
    const { steps } = await json(db.url, ['call', 'show', over.uniqueid]);
    const told = Object.fromEntries(steps.map(({ step, text }: { step: string; text: string }) => [step, text]));
    expect(told).toMatchObject({
      rate: `retail, version ${before}, any number, Anywhere: as it was when the call began`,
      talk: expect.stringContaining('61 s'),
      billed: '120 s',
      'talk price': '1.00 a minute × 120 / 60 = 2.00',
      cost: '2.00 EUR',
    });
    expect(told).not.toHaveProperty('charged');
    const { out } = await ringfence(db.url, ['call', 'show', over.uniqueid]);
    expect(out).toMatch(/^talk price +1\.00 a minute × 120 \/ 60 = 2\.00$/m);
    // One that goes on, and one that was refused, cost nothing yet or ever.
    for (const { uniqueid } of [open, refused]) {
      expect((await json(db.url, ['call', 'show', uniqueid])).steps).toEqual([]);
    }
    await database('astratedeck').where({ deck: 'retail' }).update({ version: before });
  });

  test('reservation list shows the 2.00 that the open call holds', async () => {
    const { items, total } = await json(db.url, ['reservation', 'list']);
    expect(total).toBe(1);
    expect(items[0]).toMatchObject({
      uniqueid: open.uniqueid,
      accountcode: 'alice',
      max_cost: '2.00',
      granted_seconds: 120,
    });
    expect((await ringfence(db.url, ['reservation', 'list', '--account', 'bob'])).out).toBe('nothing is reserved\n');
  });

  describe('call hangup', () => {
    // Here and not at the end of a test: one that fails would leave its server behind, and jest would never end.
    afterEach(() => {
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        server.close();
      }
    });

    const hangup = (uniqueid: string, urls: string[]) =>
      ringfence(db.url, ['call', 'hangup', uniqueid], {
        RINGFENCE_ARI_URL: urls.join(','),
        RINGFENCE_SWITCH_DEADLINE_MS: '500',
      });

    test('asks the switch that the CDR names, and no other, with cause 16', async () => {
      const [mine, other] = [await switchNamed('ast1', 204), await switchNamed('ast2', 204)];
      const { exitCode, out } = await hangup(open.uniqueid, [other.url, mine.url]);
      expect({ exitCode, out }).toEqual({ exitCode: 0, out: `${open.uniqueid} is hung up\n` });
      expect(mine.asked.at(-1)).toBe(`DELETE /ari/channels/${open.uniqueid}?reason_code=16`);
      expect(other.asked).toEqual(['GET /ari/asterisk/info?only=config']);
    });

    test('a channel that is gone is told and is no fault', async () => {
      const gone = await switchNamed('ast1', 404, { message: 'Channel not found' });
      const { exitCode, out } = await hangup(open.uniqueid, [gone.url]);
      expect({ exitCode, out }).toEqual({
        exitCode: 0,
        out: expect.stringContaining('is gone from its switch already'),
      });
    });

    test('a switch that is not there is not taken for one without the channel: exit code 1', async () => {
      const other = await switchNamed('ast2', 204);
      const { exitCode, err } = await hangup(open.uniqueid, [other.url, 'http://ari:secret@127.0.0.1:1']);
      expect({ exitCode, err }).toEqual({
        exitCode: 1,
        err: expect.stringMatching(/^switch ast1 was not found: http:\/\/127\.0\.0\.1:1 did not answer \(.*\)\n$/),
      });
      expect(err).not.toContain('secret');
    });

    test('a switch that is not ready, or is none of ours, is exit code 1', async () => {
      const unready = await switchNamed('ast1', 503);
      expect(await hangup(open.uniqueid, [unready.url])).toMatchObject({
        exitCode: 1,
        err: expect.stringContaining('switch ast1 was asked to hang up and did not confirm it'),
      });
      const foreign = await switchNamed('ast9', 204);
      expect(await hangup(open.uniqueid, [foreign.url])).toMatchObject({
        exitCode: 1,
        err: 'switch ast1 is none of ast9: add it to RINGFENCE_ARI_URL\n',
      });
      expect((await hangup(open.uniqueid, [])).err).toContain('RINGFENCE_ARI_URL is missing');
    });

    test('a call that has ended asks no switch', async () => {
      const mine = await switchNamed('ast1', 204);
      const { exitCode, out } = await hangup(over.uniqueid, [mine.url]);
      expect({ exitCode, out }).toEqual({ exitCode: 0, out: `${over.uniqueid} had ended already\n` });
      expect(mine.asked).toEqual([]);
    });
  });
});
