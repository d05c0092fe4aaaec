import { openWire, type Wire } from '../../lab/servers/wire';
import { openDatabase } from '../../src/database/connection';
import { actingAs } from '../../src/operator/acting';
import { addRoute, addTrunk } from '../../src/routes/route-store';
import { RouteTable } from '../../src/routes/route-table';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

describe.each(engines)('the routes that decide a call, %s', engine => {
  let db: TestDatabase;
  let wire: Wire;
  let service: ReturnType<typeof openDatabase>;
  let table: RouteTable;
  const faults: unknown[] = [];
  const openTable = async (startDeadlineMs: number) => {
    table = new RouteTable(service, { startDeadlineMs, onFault: fault => faults.push(fault) });
    await table.open();
  };
  const trunksFor = async (digits: string, emergency = false) =>
    (await table.of(digits, emergency))?.map(({ trunk }) => trunk) ?? null;
  const longAgo = () => new Promise(resolve => setTimeout(resolve, 2_100));

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    wire = await openWire(db.url);
    service = openDatabase(wire.url);
    for (const trunk of ['carrier', 'rescue']) {
      await addTrunk(actingAs('test', db.database), { trunk, endpoint: `PJSIP/{number}@${trunk}` });
    }
    await addRoute(actingAs('test', db.database), { prefix: '44', trunk: 'carrier' });
  });
  afterAll(async () => {
    await service.destroy();
    await wire.close();
    await db.drop();
  });

  test('the first call after a route was added takes it, however long none came before', async () => {
    await openTable(5_000);
    expect(await trunksFor('112', true)).toEqual([]);
    await addRoute(actingAs('test', db.database), { prefix: '112', trunk: 'rescue' });
    await longAgo();
    expect(await trunksFor('112', true)).toEqual(['rescue']);
    expect(await trunksFor('4420', false)).toEqual(['carrier']);
  });

  test('with a slow database an emergency call takes the routes before after half a second, and no other call does', async () => {
    await openTable(1_500);
    await longAgo();
    wire.freeze();
    const began = performance.now();
    const ordinary = trunksFor('4420');
    expect(await trunksFor('112', true)).toEqual(['rescue']);
    expect(performance.now() - began).toBeLessThan(1_400);
    expect(await ordinary).toBeNull();
    wire.thaw();
  });

  test('a database that is away leaves emergency calls their routes at once, and its return is seen by the next call', async () => {
    await openTable(60_000);
    await longAgo();
    await wire.cut();
    const before = faults.length;
    expect(await trunksFor('4420')).toBeNull();
    expect(faults.length).toBeGreaterThan(before);
    expect(await trunksFor('112', true)).toEqual(['rescue']);
    await wire.restore();
    expect(await trunksFor('4420')).toEqual(['carrier']);
  });
});
