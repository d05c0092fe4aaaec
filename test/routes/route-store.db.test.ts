import { OPERATIONS } from '../../src/admin/operations';
import { actingAs } from '../../src/operator/acting';
import { type Operation, perform } from '../../src/operator/operation';
import { versionOf } from '../../src/operator/version';
import { routesFor } from '../../src/routes/route';
import {
  addRoute,
  addTrunk,
  listRoutes,
  listTrunks,
  orderFacts,
  orderRoutes,
  readRoutes,
  readRoutesOf,
  removeRoute,
  removeTrunk,
  routeOrderOf,
  setRoute,
  setTrunk,
  trunkNamed,
} from '../../src/routes/route-store';
import { RouteTable } from '../../src/routes/route-table';
import { addAccount, addDeck, callOf, endOf, NOON, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';

const ALL = { limit: 100, offset: 0 };

const declared = (name: string) => OPERATIONS.find(operation => operation.name === name) as Operation;

describe.each(engines)('trunks and routes, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'wholesale', [{}], 'USD');
    await addTrunk(actingAs('test', db.database), { trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier' });
  });
  afterAll(() => db.drop());

  test('a trunk is stored with what it was given', async () => {
    const given = {
      trunk: 'second',
      endpoint: 'PJSIP/+{number}@b',
      strip_digits: 2,
      add_prefix: '0',
      cost_deck: 'wholesale',
    };
    const stored = {
      trunk: 'second',
      endpoint: 'PJSIP/+{number}@b',
      stripDigits: 2,
      addPrefix: '0',
      costDeck: 'wholesale',
      calleeCodes: null,
      calleeCauses: null,
      nextOnBusy: false,
      enabled: true,
    };
    expect(await addTrunk(actingAs('test', db.database), given)).toEqual(stored);
    expect((await listTrunks(db.database, ALL)).items).toContainEqual(stored);
  });

  test.each([
    ['no {number}', { endpoint: 'PJSIP/carrier' }, 'has no single {number}'],
    ['{number} twice', { endpoint: 'PJSIP/{number}@{number}' }, 'has no single {number}'],
    ['two destinations', { endpoint: 'PJSIP/{number}@a&PJSIP/1@b' }, 'is not a dial string'],
    ['a comma', { endpoint: 'PJSIP/{number}@a,30,g' }, 'is not a dial string'],
    ['a variable', { endpoint: 'PJSIP/{number}@$X' }, 'is not a dial string'],
    ['a name with a blank', { trunk: 'my carrier' }, 'trunk "my carrier" is not a name'],
    ['letters to put in front', { add_prefix: '+1' }, 'add_prefix "+1" is not at most 20 digits'],
    ['33 digits to strip', { strip_digits: 33 }, 'strip_digits 33 is not a whole number from 0 to 32'],
    ['a cost deck that is not there', { cost_deck: 'nope' }, 'cost_deck "nope" does not exist'],
    ['a SIP status that is no refusal', { callee_codes: '404,200' }, 'callee_codes "200" is not from 400 to 699'],
    ['words for causes', { callee_causes: 'busy' }, 'callee_causes "busy" is not from 1 to 127'],
    ['neither yes nor no', { next_on_busy: 'maybe' }, 'next_on_busy "maybe" is not known: write yes or no'],
    ['a name that is there', { trunk: 'carrier' }, 'trunk "carrier" is there already'],
  ])('a trunk with %s is refused', async (_what, more, detail) => {
    const trunk = { trunk: 'bad', endpoint: 'PJSIP/{number}@carrier', ...more };
    await expect(perform(declared('trunk add'), requestBy('test', db.database), trunk)).rejects.toMatchObject({
      detail: expect.stringContaining(detail),
    });
    expect(await db.database('asttrunk').where({ trunk: 'bad' })).toEqual([]);
  });

  test('whose word its refusals are is changed field by field, and the service reads it', async () => {
    await addTrunk(actingAs('test', db.database), {
      trunk: 'ruled',
      endpoint: 'PJSIP/{number}@c',
      callee_codes: '603,404,404',
    });
    expect(
      await setTrunk(actingAs('test', db.database), 'ruled', { next_on_busy: 'yes', callee_causes: 'none' }),
    ).toMatchObject({
      calleeCodes: '404,603',
      calleeCauses: '',
      nextOnBusy: true,
    });
    await db.database('astroute').insert({ prefix: '77', priority: 1, trunk: 'ruled' });
    const table = new RouteTable(db.database, { startDeadlineMs: 2_000, onFault: () => undefined });
    await table.open();
    expect(table.lastOf('7712')).toMatchObject([
      { rule: { calleeCodes: [404, 603], calleeCauses: [], nextOnBusy: true } },
    ]);
    await db.database('astroute').where({ prefix: '77' }).delete();
    expect(await setTrunk(actingAs('test', db.database), 'ruled', { callee_codes: 'default' })).toMatchObject({
      calleeCodes: null,
    });
    await expect(setTrunk(actingAs('test', db.database), 'ruled', {})).rejects.toMatchObject({
      refusal: 'field_invalid',
    });
    await expect(setTrunk(actingAs('test', db.database), 'nope', { next_on_busy: 'no' })).rejects.toMatchObject({
      refusal: 'trunk_not_found',
    });
  });

  test('routes come in the order of prefix and priority, 10 when none is given', async () => {
    await addTrunk(actingAs('test', db.database), { trunk: 'backup', endpoint: 'PJSIP/{number}@backup' });
    await addRoute(actingAs('test', db.database), { prefix: '49', trunk: 'carrier' });
    await addRoute(actingAs('test', db.database), { prefix: '49', trunk: 'backup', priority: 2 });
    await addRoute(actingAs('test', db.database), { prefix: '', trunk: 'carrier', priority: 1 });
    const { items, total } = await listRoutes(db.database, {}, ALL);
    expect(total).toBe(3);
    expect(items.map(({ prefix, priority, trunk }) => [prefix, priority, trunk])).toEqual([
      ['', 1, 'carrier'],
      ['49', 2, 'backup'],
      ['49', 10, 'carrier'],
    ]);
  });

  test.each([
    ['a trunk that is not there', { trunk: 'nope' }, 'trunk "nope" does not exist: add it'],
    ['a prefix with a plus', { prefix: '+49' }, 'prefix "+49" is not a prefix'],
    ['a negative priority', { priority: -1 }, 'priority -1 is not a whole number'],
    ['a prefix and trunk that are there', { prefix: '49' }, 'prefix "49" goes to trunk "carrier" already'],
  ])('a route with %s is refused', async (_what, more, detail) => {
    const route = { prefix: '50', trunk: 'carrier', ...more };
    await expect(perform(declared('route add'), requestBy('test', db.database), route)).rejects.toMatchObject({
      detail: expect.stringContaining(detail),
    });
  });

  test('a trunk that is off carries no number until it is on again; its routes stay', async () => {
    const acting = () => actingAs('test', db.database);
    await addTrunk(acting(), { trunk: 'off', endpoint: 'PJSIP/{number}@off' });
    await addRoute(acting(), { prefix: '881', trunk: 'off' });
    const trunksOf = async () => {
      const table = new RouteTable(db.database, { startDeadlineMs: 2_000, onFault: () => undefined });
      await table.open();
      return table.lastOf('88123').map(({ trunk }) => trunk);
    };
    expect(await trunksOf()).toEqual(['off']);
    expect(await setTrunk(acting(), 'off', { enabled: 'no' })).toMatchObject({ enabled: false });
    // The route for any number is the longest that is left.
    expect(await trunksOf()).toEqual(['carrier']);
    await setTrunk(acting(), 'off', { enabled: 'yes' });
    expect(await trunksOf()).toEqual(['off']);
  });

  test('a route is tried in another order, then removed; a trunk is removed when no route leads to it', async () => {
    const acting = () => actingAs('test', db.database);
    await addTrunk(acting(), { trunk: 'old', endpoint: 'PJSIP/{number}@old' });
    await addRoute(acting(), { prefix: '99', trunk: 'old' });
    expect(await setRoute(acting(), { prefix: '99', trunk: 'old', priority: 3 })).toMatchObject({ priority: 3 });
    await expect(removeTrunk(acting(), 'old')).rejects.toMatchObject({ refusal: 'trunk_has_routes' });
    expect(await removeRoute(acting(), { prefix: '99', trunk: 'old' })).toMatchObject({ priority: 3 });
    await expect(removeRoute(acting(), { prefix: '99', trunk: 'old' })).rejects.toMatchObject({
      refusal: 'route_not_found',
    });
    expect(await removeTrunk(acting(), 'old')).toMatchObject({ trunk: 'old' });
    await expect(removeTrunk(acting(), 'old')).rejects.toMatchObject({ refusal: 'trunk_not_found' });
  });

  test('a call that began before its trunk was removed is answered over it and has its cost; the name may be given again', async () => {
    const acting = () => actingAs('test', db.database);
    await addDeck(db, 'retail', [{ price_per_minute: '1.00' }]);
    await addDeck(db, 'bought', [{ price_per_minute: '0.40' }]);
    await addAccount(db, 'alice', '5', { max_call_seconds: 120 });
    const ledger = openLedger(db);
    await ledger.open();
    await addTrunk(acting(), { trunk: 'going', endpoint: 'PJSIP/{number}@going', cost_deck: 'bought' });
    await addRoute(acting(), { prefix: '98', trunk: 'going' });
    const [ringing, talking] = [callOf('alice'), callOf('alice')];
    const answer = { trunk: 'going', answerAt: NOON + 2_000 };
    for (const call of [ringing, talking]) expect(await ledger.start(call)).toMatchObject({ granted: {} });
    await ledger.answered({ ...talking, ...answer });
    await removeRoute(acting(), { prefix: '98', trunk: 'going' });
    await removeTrunk(acting(), 'going');
    await ledger.answered({ ...ringing, ...answer });
    for (const call of [ringing, talking]) {
      await ledger.end(endOf(call, talked(61), 'going'));
      const cdr = await db.database('astcdr').where({ uniqueid: call.uniqueid }).first();
      expect(cdr).toMatchObject({ trunk: 'going', trunk_cost: '0.800000', trunk_currency: 'EUR' });
    }
    await ledger.close();

    expect((await listTrunks(db.database, ALL)).items.map(({ trunk }) => trunk)).not.toContain('going');
    for (const refused of [
      setTrunk(acting(), 'going', { enabled: 'no' }),
      addRoute(acting(), { prefix: '98', trunk: 'going' }),
      trunkNamed(db.database, 'going'),
      removeTrunk(acting(), 'going'),
    ]) {
      await expect(refused).rejects.toMatchObject({ refusal: 'trunk_not_found' });
    }
    const again = { trunk: 'going', endpoint: 'PJSIP/{number}@again' };
    expect(await addTrunk(acting(), again)).toMatchObject({ endpoint: 'PJSIP/{number}@again', costDeck: null });
    await expect(addTrunk(acting(), again)).rejects.toMatchObject({ refusal: 'trunk_exists' });
    expect(await addRoute(acting(), { prefix: '98', trunk: 'going' })).toMatchObject({ trunk: 'going' });
  });

  test('a route that is added while its trunk is removed is refused', async () => {
    const acting = () => actingAs('test', db.database);
    await addTrunk(acting(), { trunk: 'brief', endpoint: 'PJSIP/{number}@brief' });
    const removing = await db.database.transaction();
    await removing('asttrunk')
      .where({ trunk: 'brief' })
      .update({ removed_at: removing.raw('UTC_TIMESTAMP(3)') });
    const adding = addRoute(acting(), { prefix: '97', trunk: 'brief' }).catch((error: unknown) => error);
    await expect(Promise.race([adding, new Promise(resolve => setTimeout(resolve, 300, 'waits'))])).resolves.toBe(
      'waits',
    );
    await removing.commit();
    expect(await adding).toMatchObject({ refusal: 'trunk_not_found' });
  });

  test('the trunks of a prefix are put in an order: only with each of them once, and only by the editor who saw the present order', async () => {
    const acting = (ifMatch?: string[]) => ({ ...actingAs('test', db.database), ...(ifMatch && { ifMatch }) });
    for (const trunk of ['one', 'two', 'three']) {
      await addTrunk(acting(), { trunk, endpoint: `PJSIP/{number}@${trunk}` });
      await addRoute(acting(), { prefix: '77', trunk });
    }
    await addRoute(acting(), { prefix: '778', trunk: 'one' });
    // Of one priority: by their names.
    const first = await routeOrderOf(db.database, '77');
    expect(first).toEqual({ prefix: '77', trunks: ['one', 'three', 'two'] });
    const seen = versionOf(orderFacts(first));
    const wanted = { prefix: '77', trunks: ['two', 'one', 'three'] };
    expect(await orderRoutes(acting([seen]), wanted)).toEqual(wanted);
    expect(await routeOrderOf(db.database, '77')).toEqual(wanted);
    const rows = await db.database('astroute').where('prefix', 'like', '77%').orderBy(['prefix', 'priority']);
    expect(rows.map(({ prefix, trunk, priority }) => [prefix, trunk, priority])).toEqual([
      ['77', 'two', 10],
      ['77', 'one', 20],
      ['77', 'three', 30],
      ['778', 'one', 10],
    ]);
    // Another editor saw the first order.
    const late = orderRoutes(acting([seen]), { prefix: '77', trunks: ['three', 'two', 'one'] });
    await expect(late).rejects.toMatchObject({ refusal: 'changed_meanwhile' });
    for (const trunks of [['two', 'one'], ['two', 'one', 'one'], ['two', 'one', 'three', 'carrier'], []]) {
      await expect(orderRoutes(acting(), { prefix: '77', trunks })).rejects.toMatchObject({
        refusal: 'field_invalid',
        detail: expect.stringContaining('write each once of two,one,three'),
      });
    }
    await expect(orderRoutes(acting(), { prefix: '76', trunks: ['one'] })).rejects.toMatchObject({
      refusal: 'route_not_found',
    });
    expect(await routeOrderOf(db.database, '77')).toEqual(wanted);
    // The same order again is no change.
    const written = async () => (await db.database('astaudit').where({ operation: 'route order' })).length;
    const before = await written();
    await orderRoutes(acting(), wanted);
    expect(await written()).toBe(before);
  });

  test('of 20,000 routes a question about a number reads those that fit it, and no others', async () => {
    const acting = () => actingAs('test', db.database);
    for (const trunk of ['large', 'idle']) await addTrunk(acting(), { trunk, endpoint: `PJSIP/{number}@${trunk}` });
    await setTrunk(acting(), 'idle', { enabled: 'no' });
    const many = Array.from({ length: 20_000 }, (_, number) => ({ prefix: `5${100_000 + number}`, trunk: 'large' }));
    await db.database.batchInsert(
      'astroute',
      many.map(row => ({ ...row, priority: 10 })),
      5_000,
    );
    await db.database.raw('ANALYZE TABLE astroute, asttrunk');
    await addRoute(acting(), { prefix: '', trunk: 'large' });
    for (const prefix of ['5', '51', '5100007']) await addRoute(acting(), { prefix, trunk: 'idle' });
    const { found, read } = await db.database.transaction(async transaction => {
      const readByNow = async () => {
        const [counts] = await transaction.raw("SHOW SESSION STATUS LIKE 'Handler\\_read\\_%'");
        return (counts as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
      };
      const before = await readByNow();
      const routes = await readRoutesOf(transaction, '510000712');
      return { found: routes, read: (await readByNow()) - before };
    });
    const own = found.filter(({ trunk }) => ['large', 'idle'].includes(trunk));
    expect(own.map(({ prefix, trunk, enabled }) => `${prefix} ${trunk} ${enabled}`).sort()).toEqual([
      ' large true',
      '5 idle false',
      '51 idle false',
      '5100007 idle false',
      '5100007 large true',
    ]);
    // With what the counting itself reads.
    expect(read).toBeLessThan(2_000);
    // What it finds is all that the rules need.
    const all = (await readRoutes(db.database)).filter(({ prefix }) => '510000712'.startsWith(prefix));
    const enabled = found.filter(route => route.enabled).map(({ enabled: _, ...route }) => route);
    expect(routesFor(enabled, '510000712')).toEqual(routesFor(all, '510000712'));
    await db.database('astroute').whereIn('trunk', ['busy', 'off']).delete();
  });
});
