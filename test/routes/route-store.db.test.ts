import { addRoute, addTrunk, listRoutes, listTrunks, setTrunk } from '../../src/routes/route-store';
import { RouteTable } from '../../src/routes/route-table';
import { addDeck } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const ALL = { limit: 100, offset: 0 };

describe.each(engines)('trunks and routes, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'wholesale', [{}], 'USD');
    await addTrunk(db.database, { trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier' });
  });
  afterAll(() => db.drop());

  test('a trunk is stored with what it was given', async () => {
    const given = {
      trunk: 'second',
      endpoint: 'PJSIP/+{number}@b',
      stripDigits: '2',
      addPrefix: '0',
      costDeck: 'wholesale',
    };
    const stored = { ...given, stripDigits: 2, calleeCodes: null, calleeCauses: null, nextOnBusy: false };
    expect(await addTrunk(db.database, given)).toEqual(stored);
    expect((await listTrunks(db.database, ALL)).items).toContainEqual(stored);
  });

  test.each([
    ['no {number}', { endpoint: 'PJSIP/carrier' }, 'has no single {number}'],
    ['{number} twice', { endpoint: 'PJSIP/{number}@{number}' }, 'has no single {number}'],
    ['two destinations', { endpoint: 'PJSIP/{number}@a&PJSIP/1@b' }, 'is not a dial string'],
    ['a comma', { endpoint: 'PJSIP/{number}@a,30,g' }, 'is not a dial string'],
    ['a variable', { endpoint: 'PJSIP/{number}@$X' }, 'is not a dial string'],
    ['a name with a blank', { trunk: 'my carrier' }, 'trunk "my carrier" is not a name'],
    ['letters to put in front', { addPrefix: '+1' }, 'add_prefix "+1" is not at most 20 digits'],
    ['33 digits to strip', { stripDigits: 33 }, 'strip_digits 33 is not a whole number from 0 to 32'],
    ['a cost deck that is not there', { costDeck: 'nope' }, 'cost_deck "nope" does not exist'],
    ['a SIP status that is no refusal', { calleeCodes: '404,200' }, 'callee_codes "200" is not from 400 to 699'],
    ['words for causes', { calleeCauses: 'busy' }, 'callee_causes "busy" is not from 1 to 127'],
    ['neither yes nor no', { nextOnBusy: 'maybe' }, 'next_on_busy "maybe" is neither yes nor no'],
    ['a name that is there', { trunk: 'carrier' }, 'trunk "carrier" is there already'],
  ])('a trunk with %s is refused', async (_what, more, detail) => {
    const trunk = { trunk: 'bad', endpoint: 'PJSIP/{number}@carrier', ...more };
    await expect(addTrunk(db.database, trunk)).rejects.toMatchObject({ detail: expect.stringContaining(detail) });
    expect(await db.database('asttrunk').where({ trunk: 'bad' })).toEqual([]);
  });

  test('whose word its refusals are is changed field by field, and the service reads it', async () => {
    await addTrunk(db.database, { trunk: 'ruled', endpoint: 'PJSIP/{number}@c', calleeCodes: '603,404,404' });
    expect(await setTrunk(db.database, 'ruled', { nextOnBusy: 'yes', calleeCauses: 'none' })).toMatchObject({
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
    expect(await setTrunk(db.database, 'ruled', { calleeCodes: 'default' })).toMatchObject({ calleeCodes: null });
    await expect(setTrunk(db.database, 'ruled', {})).rejects.toMatchObject({ refusal: 'field_invalid' });
    await expect(setTrunk(db.database, 'nope', { nextOnBusy: 'no' })).rejects.toMatchObject({
      refusal: 'trunk_not_found',
    });
  });

  test('routes come in the order of prefix and priority, 10 when none is given', async () => {
    await addTrunk(db.database, { trunk: 'backup', endpoint: 'PJSIP/{number}@backup' });
    await addRoute(db.database, { prefix: '49', trunk: 'carrier' });
    await addRoute(db.database, { prefix: '49', trunk: 'backup', priority: '2' });
    await addRoute(db.database, { prefix: '', trunk: 'carrier', priority: 1 });
    const { items, total } = await listRoutes(db.database, ALL);
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
    await expect(addRoute(db.database, route)).rejects.toMatchObject({ detail: expect.stringContaining(detail) });
  });
});
