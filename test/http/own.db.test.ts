/** A customer over HTTP: it sees its own account, and nothing of another's or of the operator's, whatever it asks. */
import { randomUUID } from 'node:crypto';
import { createApiKey } from '../../src/access/api-key-store';
import { OPERATIONS } from '../../src/admin/operations';
import type { Ledger } from '../../src/credit/ledger';
import type { StartRequest } from '../../src/credit/rules/start';
import { operationId } from '../../src/http/api-paths';
import { PERSONAL_PATHS } from '../../src/http/personal-paths';
import { parseAmount } from '../../src/money/micros';
import { actingAs } from '../../src/operator/acting';
import { isOfCustomers, OPERATOR_ROLES, type Operation, perform, type Role } from '../../src/operator/operation';
import { dispatchEvents } from '../../src/webhooks/dispatch-store';
import { json, ringfence } from '../cli/cli-fixture';
import { addAccount, addDeck, callOf, endOf, group, move, openLedger, talked } from '../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { requestBy } from '../operator/operator-fixture';
import { until } from '../switches/asterisk/log-lines';
import { verdictOnAnswer } from './answer-verdict';
import { type Answer, Browser, PASSWORD, type PeopleService, peopleService } from './people-fixture';
import { listen, type StreamClient } from './stream-client';

const PIN_KEY = 'a-secret-of-thirty-two-characters-0';

/** What no customer sees: the operator's own words. */
const OF_THE_OPERATOR = {
  deck: 'hidden-deck',
  parent: 'hidden-parent',
  // The parent's price, and what the deck adds: the customer pays 1.00.
  basePrice: '0.80',
  markup: '25.00%',
  trunk: 'hidden-trunk',
  node: 'hidden-node',
  reason: 'hidden-reason',
  actor: 'key:hidden-actor',
  webhook: 'hidden-hook',
  batch: 'hidden-batch',
  operator: 'hidden-person',
  key: 'hidden-key',
};

/** What another customer has. */
const BOB = { account: 'bob-b', src: '4955501', dst: '4977701', number: '4988801', reference: 'ref-of-bob' };
/** The same of nothing. */
const NO_ONE = { account: 'not-there', src: '4955502', dst: '4977702', number: '4988802', reference: 'ref-not-there' };

/** The first parts of documented paths of streams, which never end. */
const isStream = (path: string) => path.endsWith('/stream');

describe.each(engines)('a customer, %s', engine => {
  let db: TestDatabase;
  let service: PeopleService;
  let ledger: Ledger;
  let secret: string;
  let browser: Browser;
  let calls: Record<'ended' | 'open' | 'hers' | 'his' | 'hisOpen', StartRequest>;
  const keys = {} as Record<Role, string>;
  const clients: StreamClient[] = [];

  const acting = () => actingAs('test', db.database);
  const declaredAs = (name: string) => OPERATIONS.find(each => each.name === name) as Operation;
  const run = (name: string, input: Record<string, unknown>) =>
    perform(
      declaredAs(name),
      requestBy(OF_THE_OPERATOR.actor, db.database, {
        pinKeys: [PIN_KEY],
        webhookAllow: [{ host: '127.0.0.1', port: null }],
      }),
      input,
    );

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    const line = { prefix: '49', destination: 'Germany', price_per_minute: OF_THE_OPERATOR.basePrice };
    await addDeck(db, OF_THE_OPERATOR.parent, [line]);
    const on = { parent: OF_THE_OPERATOR.parent, markup_percent: '25' };
    await run('deck parent', { deck: OF_THE_OPERATOR.deck, ...on });
    await db.database('asttrunk').insert({ trunk: OF_THE_OPERATOR.trunk, endpoint: 'PJSIP/{number}@carrier' });
    await db.database('astroute').insert({ prefix: '', priority: 1, trunk: OF_THE_OPERATOR.trunk });
    for (const accountcode of ['alice', BOB.account])
      await addAccount(db, accountcode, '20', { deck: OF_THE_OPERATOR.deck, max_call_seconds: 120 });
    const movement = { kind: 'top_up', amount: parseAmount('5'), ...OF_THE_OPERATOR } as const;
    await move(db, { ...movement, accountcode: 'alice', reference: 'invoice-1' });
    await move(db, { ...movement, accountcode: BOB.account, reference: BOB.reference });
    ledger = openLedger(db);
    const started = async (accountcode: string, more: Partial<StartRequest> = {}) => {
      const call = callOf(accountcode, { node: OF_THE_OPERATOR.node, startAt: Date.now() - 2_000, ...more });
      expect(await ledger.start(call)).not.toHaveProperty('refusal');
      return call;
    };
    const ended = async (call: StartRequest) => {
      const { uniqueid, accountcode, startAt } = call;
      await ledger.answered({ uniqueid, accountcode, trunk: OF_THE_OPERATOR.trunk, answerAt: startAt + 1_000 });
      await ledger.end(
        endOf(
          call,
          talked(61, { answerAt: call.startAt + 1_000, endAt: call.startAt + 62_000 }),
          OF_THE_OPERATOR.trunk,
        ),
      );
      return call;
    };
    const his = { src: BOB.src, dst: BOB.dst };
    calls = {
      ended: await ended(await started('alice')),
      open: await started('alice'),
      hers: await ended(await started('alice', { dst: '4930999' })),
      his: await ended(await started(BOB.account, his)),
      hisOpen: await started(BOB.account, his),
    };
    await ledger.start(callOf('', { ...group(BOB.account, '10', 600), node: OF_THE_OPERATOR.node }));
    await db.database('astcdr').update({ trunk_cost: '0.987654', trunk_currency: 'CHF' });
    await run('caller add', { number: BOB.number, accountcode: BOB.account });
    await run('card generate', { batch: OF_THE_OPERATOR.batch, count: 1, value: '5', deck: OF_THE_OPERATOR.deck });
    await run('voucher generate', { batch: OF_THE_OPERATOR.batch, count: 1, value: '5', currency: 'EUR' });
    await run('webhook add', { webhook: OF_THE_OPERATOR.webhook, url: 'http://127.0.0.1:1/' });
    await run('operator invite', { name: OF_THE_OPERATOR.operator, roles: ['read'] });
    await run('cashier limit', { actor: OF_THE_OPERATOR.actor, daily_limit: '5' });
    await dispatchEvents(db.database);
    const key = async (apiKey: string, roles: Role[], accountcode?: string) =>
      (await createApiKey(acting(), { apiKey, roles, ...(accountcode !== undefined && { accountcode }) })).secret;
    secret = await key('portal', ['customer'], 'alice');
    for (const role of OPERATOR_ROLES) keys[role] = await key(`${OF_THE_OPERATOR.key}-${role}`, [role]);
    service = await peopleService(db, { RINGFENCE_PIN_KEY: PIN_KEY }, { isProxied: false });
    browser = await person('alice-l', 'alice');
  });
  afterAll(async () => {
    await ledger?.close();
    await service?.stop();
    await db.drop();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });

  const invited = async (name: string, accountcode: string) => {
    const { token } = (await run('operator invite', { name, roles: ['customer'], accountcode })) as { token: string };
    expect(await new Browser(service.port).post('/invitation', { token, password: PASSWORD })).toMatchObject({
      status: 200,
    });
  };
  async function person(name: string, accountcode: string) {
    await invited(name, accountcode);
    const its = new Browser(service.port);
    expect(await its.logIn(name, PASSWORD)).toMatchObject({
      status: 200,
      body: { name, roles: ['customer'], accountcode },
    });
    return its;
  }

  type Ask = (method: string, path: string, body?: object) => Promise<Answer>;
  const byKey =
    (by: string): Ask =>
    (method, path, body) =>
      new Browser(service.port).ask(method, path, body, {
        authorization: `Bearer ${by}`,
        'idempotency-key': randomUUID(),
      });
  const bySession: Ask = (method, path, body) => browser.ask(method, path, body, { 'idempotency-key': randomUUID() });
  const get = (path: string, by = secret) => byKey(by)('GET', path);

  /** Everything of bob and of the operator, as an answer would show it. */
  const hidden = () => [
    ...Object.values(OF_THE_OPERATOR),
    ...Object.values(BOB),
    calls.his.uniqueid,
    calls.hisOpen.uniqueid,
    // Six decimals: three stand in every hundredth instant.
    '0.987654',
    'CHF',
  ];
  const leaks = (text: string) => hidden().filter(each => text.includes(each));

  describe('sees of its account', () => {
    test('what it has, what its calls hold, and whether it may start calls', async () => {
      const { status, body } = await get('/own/account');
      expect([status, verdictOnAnswer('own account', body)]).toEqual([200, '']);
      const { available, balance, reserved, ...rest } = body;
      // One call is in progress, of at most two minutes.
      expect([balance, reserved, available]).toEqual(['21.00', '2.00', '19.00']);
      expect(rest).toEqual({
        accountcode: 'alice',
        status: 'active',
        currency: 'EUR',
        credit_limit: '0.00',
        active_calls: 1,
        expires_at: null,
        time_zone: 'UTC',
      });
      expect((await browser.get('/own/account')).body).toEqual(body);
    });

    test('its calls, and how the price of one came about', async () => {
      const { body } = await get('/own/calls');
      expect(verdictOnAnswer('own calls', body)).toBe('');
      expect(body.items.map(({ uniqueid }: { uniqueid: string }) => uniqueid).sort()).toEqual(
        [calls.ended, calls.open, calls.hers].map(({ uniqueid }) => uniqueid).sort(),
      );
      expect(Object.keys(body.items[0])).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/trunk|node|deck/)]),
      );
      const found = (await get('/own/calls?destination=4930999&disposition=ANSWERED')).body.items;
      expect(found).toMatchObject([{ uniqueid: calls.hers.uniqueid, cost: '2.00' }]);
      const shown = (await get(`/own/calls/${calls.hers.uniqueid}`)).body;
      expect(verdictOnAnswer('own call', shown)).toBe('');
      expect(shown).toMatchObject({ dst: '4930999', billsec: 61, billed_seconds: 120, cost: '2.00', revenue: '2.00' });
      expect(shown.steps[0]).toEqual({
        step: 'rate',
        kind: 'rate',
        text: '49, Germany: as it was when the call began',
        facts: { prefix: '49', destination: 'Germany' },
      });
      expect(shown.steps.at(-1)).toMatchObject({ text: '2.00 EUR', facts: { amount: '2.00', currency: 'EUR' } });
    });

    test('a month of it, as a statement', async () => {
      const month = new Date().toISOString().slice(0, 7);
      const { body } = await get(`/own/statement?month=${month}&zone=UTC`);
      expect(verdictOnAnswer('own statement', body)).toBe('');
      expect(body).toMatchObject({
        top_up_sum: '25.00',
        call_count: 2,
        call_cost: '4.00',
        closing: '21.00',
        adds_up: true,
      });
      expect(leaks(JSON.stringify(body))).toEqual([]);
    });

    test('why a call cost what it did, without what the carrier charges', async () => {
      const { body, text } = await get(`/own/calls/${calls.hers.uniqueid}/explanation`);
      expect(verdictOnAnswer('own explanation', body)).toBe('');
      expect(body).toMatchObject({
        verdict: 'same',
        computed_cost: '2.00',
        charged: '2.00',
        cost: '2.00',
        max_cost: '2.00',
      });
      expect(body.returned).toBe('0.00');
      expect(body.movements).toMatchObject([{ kind: 'call_charge', amount: '-2.00' }]);
      expect(Object.keys(body).filter(name => /trunk|node|deck|version|evidence/.test(name))).toEqual([]);
      expect(leaks(text)).toEqual([]);
      expect((await get(`/own/calls/${calls.his.uniqueid}/explanation`)).status).toBe(404);
    });

    test('what its calls were charged today', async () => {
      const { body } = await get('/own/spend?days=2&zone=UTC');
      expect(verdictOnAnswer('own spend', body)).toBe('');
      expect(body).toMatchObject({ currency: 'EUR', zone: 'UTC' });
      const sums = body.days.map(({ calls: count, charged }: { calls: number; charged: string }) => [count, charged]);
      // It may be midnight meanwhile.
      expect([
        [
          [0, '0.00'],
          [2, '4.00'],
        ],
        [
          [2, '4.00'],
          [0, '0.00'],
        ],
      ]).toContainEqual(sums);
    });

    test('its movements of money with the balance after each, as JSON by cursors and as CSV', async () => {
      const { body } = await get('/own/ledger');
      expect(verdictOnAnswer('own ledger', body)).toBe('');
      expect(
        body.items.map(({ entry_number, kind, amount, balance_after }: Record<string, string>) =>
          [entry_number, kind, amount, balance_after].join(' '),
        ),
      ).toEqual([
        '4 call_charge -2.00 21.00',
        '3 call_charge -2.00 23.00',
        '2 top_up 5.00 25.00',
        '1 top_up 20.00 20.00',
      ]);
      const first = (await get('/own/ledger?limit=3')).body;
      const second = (await get(`/own/ledger?limit=3&cursor=${first.next_cursor}`)).body;
      expect([...first.items, ...second.items]).toEqual(body.items);
      expect((await get('/own/ledger?kind=top_up')).body.items).toMatchObject([
        { reference: 'invoice-1' },
        { reference: 'opening' },
      ]);
      const { text } = await get('/own/ledger?format=csv');
      expect(text.split('\n')[0]?.trim()).toBe('entry_number,created_at,kind,amount,balance_after,currency,reference');
      expect(text.trimEnd().split('\n')).toHaveLength(5);
    });

    test('its calls in progress, and what a number would cost', async () => {
      const { body } = await get('/own/calls/live');
      expect(verdictOnAnswer('own live', body)).toBe('');
      expect(body).toMatchObject({ total: 1, items: [{ uniqueid: calls.open.uniqueid, state: 'ringing' }] });
      const price = (await get('/own/price?to=004930999&seconds=61')).body;
      expect(verdictOnAnswer('own price', price)).toBe('');
      expect(price).toMatchObject({ refusal: null, rate_destination: 'Germany', billed_seconds: 120, cost: '2.00' });
      expect(price).toMatchObject({
        rate_price_per_minute: '1.00',
        rate_connect_fee: '0.00',
        rate_increment_seconds: 60,
      });
      expect(price.steps.map(({ step }: { step: string }) => step)).toEqual(
        expect.arrayContaining(['number', 'prefix', 'cost', 'longest call']),
      );
      // Prices of other days are the operator's plans.
      expect(price.steps.find(({ step }: { step: string }) => step === 'prefix')).toMatchObject({
        text: '49, Germany',
        facts: { prefix: '49', destination: 'Germany' },
      });
      expect(await get('/own/price?to=004930999&seconds=61&at=2027-01-02T00:00:00Z')).toMatchObject({ status: 400 });
    });

    test('what happened to it, in facts that are its own', async () => {
      const { body } = await get('/own/events?limit=100');
      expect(verdictOnAnswer('own events', body)).toBe('');
      const settled = body.items.find(({ kind }: { kind: string }) => kind === 'settled');
      expect(settled.facts).toMatchObject({ billsec: 61, cost: '2.00', disposition: 'ANSWERED' });
      expect(Object.keys(settled)).toEqual(['created_at', 'kind', 'uniqueid', 'facts']);
      for (const { facts } of body.items)
        expect(Object.keys(facts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/node|trunk|evidence/)]));
      expect((await get('/own/events?kind=money_moved')).body.items).toMatchObject([
        { facts: { kind: 'top_up', amount: '5.00', reference: 'invoice-1' } },
        { facts: { amount: '20.00' } },
      ]);
      expect(await get('/own/events?kind=overrun')).toMatchObject({ status: 400 });
    });
  });

  test('a stream of its calls and one of its events tell of its own, while others see all', async () => {
    const follow = async (path: string, by: string) => {
      const client = await listen(service.port, path, by);
      clients.push(client);
      return client;
    };
    const [own, others, all] = [
      await follow('/own/calls/live/stream', secret),
      await follow('/own/events/stream', secret),
      await follow('/calls/live/stream', keys.admin),
    ];
    const [snapshot] = [JSON.parse((await own.next('snapshot')).data)];
    expect(snapshot.items.map(({ uniqueid }: { uniqueid: string }) => uniqueid)).toEqual([calls.open.uniqueid]);
    expect(Object.keys(snapshot.items[0])).toContain('spent');
    const everything = JSON.parse((await all.next('snapshot')).data);
    expect(everything.items.length).toBeGreaterThan(2);
    expect(everything.items[0]).toMatchObject({ node: OF_THE_OPERATOR.node });
    const more = [callOf(BOB.account, { src: BOB.src }), callOf('alice')].map(call => ({
      ...call,
      node: OF_THE_OPERATOR.node,
      startAt: Date.now(),
    })) as [StartRequest, StartRequest];
    for (const call of more) await ledger.start(call);
    await dispatchEvents(db.database);
    await own.next('difference', ({ added }: { added: { uniqueid: string }[] }) =>
      added.some(({ uniqueid }) => uniqueid === more[1].uniqueid),
    );
    await others.next('message', ({ uniqueid }: { uniqueid: string }) => uniqueid === more[1].uniqueid);
    for (const call of more) await ledger.end(endOf(call, talked(null, { endAt: Date.now() })));
    await until(
      () => own.data('difference').some(({ ended }) => ended.includes(more[1].uniqueid)),
      'the end of a call',
    );
    await others.next('message', ({ kind }: { kind: string }) => kind === 'settled');
    expect(others.data().map(({ kind, uniqueid }) => [kind, uniqueid])).toEqual([
      ['authorised', more[1].uniqueid],
      ['settled', more[1].uniqueid],
    ]);
    for (const client of [own, others])
      expect([leaks(client.text), client.text.includes(more[0].uniqueid)]).toEqual([[], false]);
    const seen = JSON.stringify(all.data('difference'));
    for (const call of more) expect(seen).toContain(call.uniqueid);
    // From the first event that is kept: nothing of bob was told before either.
    const since = await follow('/own/events/stream?after=0', secret);
    await since.next('message', ({ uniqueid }: { uniqueid: string }) => uniqueid === more[1].uniqueid);
    expect(since.data().length).toBeGreaterThan(5);
    expect(leaks(since.text)).toEqual([]);
  });

  test('ten streams of an account are open at most, and others have theirs', async () => {
    await addAccount(db, 'erin', '0', { deck: OF_THE_OPERATOR.deck });
    const hers = async (apiKey: string) =>
      (await createApiKey(acting(), { apiKey, roles: ['customer'], accountcode: 'erin' })).secret;
    const [one, other] = [await hers('erin-1'), await hers('erin-2')];
    for (let n = 0; n < 10; n++) clients.push(await listen(service.port, '/own/events/stream', one));
    expect(clients.map(({ status }) => status)).toEqual(Array(10).fill(200));
    for (const by of [one, other]) expect(await get('/own/calls/live/stream', by)).toMatchObject({ status: 503 });
    clients.push(await listen(service.port, '/own/events/stream', secret));
    clients.push(await listen(service.port, '/events/stream', keys.read));
    expect(clients.slice(10).map(({ status }) => status)).toEqual([200, 200]);
  });

  describe('asks every operation of the document for what another customer has', () => {
    interface Described {
      operationId: string;
      parameters?: { name: string; in: string; required: boolean }[];
      requestBody?: { content: Record<string, { schema: { properties: Record<string, object> } }> };
    }
    // biome-ignore lint/suspicious/noExplicitAny: the document
    let document: any;
    beforeAll(async () => {
      ({ body: document } = await new Browser(service.port).get('/openapi.json'));
    });

    /** A value for each field, of one who is there or not. */
    const valuesOf = (it: typeof BOB, call: string): Record<string, unknown> => ({
      ...{ accountcode: it.account, account: it.account, customer: it.account, text: it.account },
      ...{ uniqueid: call, call, reference: it.reference, number: it.number, destination: it.dst },
      ...{ object: `account ${it.account}`, actor: OF_THE_OPERATOR.actor, serial: 1, from_serial: 1, to_serial: 1 },
      ...{ deck: OF_THE_OPERATOR.deck, trunk: OF_THE_OPERATOR.trunk, batch: OF_THE_OPERATOR.batch },
      ...{ name: OF_THE_OPERATOR.operator, webhook: OF_THE_OPERATOR.webhook, prefix: '49', seconds: 61 },
      // Of a price. Of a list it is an end of the time, and is left out.
      ...{ to: '4930999', at: '2026-06-01T12:00:00Z' },
      ...{ version: 1, session_number: 1, approval: 1, amount: '1.00', daily_limit: '5', days: 30, count: 1 },
      month: '2026-11',
    });

    /** Each request, for one who is there or not; a query with nothing but what it must have, and with all that names something. */
    function* requests(values: Record<string, unknown>) {
      for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, Described>>)) {
        for (const [method, { operationId: id, parameters = [], requestBody }] of Object.entries(methods)) {
          const inPath = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(values[name] ?? 'x')));
          const named = parameters.filter(
            each => each.in === 'query' && (each.required || (each.name in values && each.name !== 'to')),
          );
          const queryOf = (some: typeof named) =>
            new URLSearchParams(
              some.map(({ name }) => [name, String(values[name] ?? '1')] as [string, string]),
            ).toString();
          const [content] = Object.values(requestBody?.content ?? {});
          const names = Object.keys(content?.schema?.properties ?? {}).filter(name => name in values);
          const body =
            method === 'post' || method === 'patch'
              ? { body: Object.fromEntries(names.map(name => [name, values[name]])) }
              : {};
          for (const query of new Set([queryOf(named), queryOf(named.filter(({ required }) => required))]))
            yield {
              id,
              method: method.toUpperCase(),
              path: query === '' ? inPath : `${inPath}?${query}`,
              bare: path,
              ...body,
            };
        }
      }
    }

    /** What is told, without what was asked, the number of the request, and now. */
    const said = ({ status, text }: Answer, values: Record<string, unknown>) => {
      let rest = text.replace(/"request_id":"[^"]*"/, '').replace(/"at":"[^"]*"/, '');
      if (status >= 400) for (const value of Object.values(values)) rest = rest.replaceAll(String(value), '…');
      return { status, rest };
    };

    const ofCustomers = new Set(OPERATIONS.filter(isOfCustomers).map(operationId));
    const personal = new Set<string>(Object.keys(PERSONAL_PATHS));

    test.each(['a key', 'a session'] as const)(
      'by %s, and is told nothing of it: as if it were not there',
      async by => {
        const ask = by === 'a key' ? byKey(secret) : bySession;
        const theirs = valuesOf(BOB, calls.his.uniqueid);
        const unknown = valuesOf(NO_ONE, calls.his.uniqueid.replace(/\d+$/, '999999'));
        const allowed = new Set<string>();
        let asked = 0;
        const others = [...requests(unknown)];
        for (const [index, each] of [...requests(theirs)].entries()) {
          // A stream that may be followed never ends: it is followed in a test of its own. A session that is ended asks nothing more.
          const ends = each.method !== 'GET' && personal.has(each.id);
          if ((isStream(each.bare) && each.bare.startsWith('/own/')) || (by === 'a session' && ends)) continue;
          asked += 1;
          const answer = await ask(each.method, each.path, each.body);
          const told = said(answer, theirs);
          expect([each.id, told.status < 500, leaks(told.rest)]).toEqual([each.id, true, []]);
          if (answer.status === 200) allowed.add(each.id);
          else if (!ofCustomers.has(each.id) && !personal.has(each.id))
            expect([each.id, answer.status]).toEqual([each.id, 403]);
          // What a person sees of the own session changes with the minute.
          if (personal.has(each.id)) continue;
          const other = others[index] as typeof each;
          expect([each.id, told]).toEqual([each.id, said(await ask(other.method, other.path, other.body), unknown)]);
        }
        expect(asked).toBeGreaterThan(OPERATIONS.length);
        const looked = [...allowed].filter(id => !personal.has(id) && id !== 'openapi');
        // Of one call: another's is not there.
        expect([...looked, 'ownCall', 'ownExplanation'].sort()).toEqual([...ofCustomers].sort());
      },
    );

    test('by fields that are not documented, which are refused', async () => {
      for (const declared of OPERATIONS.filter(isOfCustomers)) {
        const path = `/own/${declared.name === 'own live' ? 'calls/live' : declared.name === 'own call' ? `calls/${calls.hers.uniqueid}` : declared.name === 'own explanation' ? `calls/${calls.hers.uniqueid}/explanation` : declared.name.slice(4)}`;
        for (const field of ['account', 'accountcode', 'visible']) {
          const { status, text } = await get(`${path}?${field}=${BOB.account}`);
          expect([declared.name, field, status, text]).toEqual([
            declared.name,
            field,
            400,
            expect.stringContaining(`${field} is not a field of this operation`),
          ]);
        }
      }
      for (const stream of ['/own/calls/live/stream', '/own/events/stream'])
        expect(await get(`${stream}?account=${BOB.account}`)).toMatchObject({ status: 400 });
      for (const stream of ['/calls/live/stream', '/events/stream'])
        expect(await get(`${stream}?account=alice`)).toMatchObject({ status: 403 });
    });

    test('by a cursor of the other one, which leads nowhere else', async () => {
      const his = (await createApiKey(acting(), { apiKey: 'his', roles: ['customer'], accountcode: BOB.account }))
        .secret;
      for (const path of ['/own/ledger', '/own/calls', '/own/events']) {
        const { next_cursor: cursor } = (await get(`${path}?limit=1`, his)).body;
        expect(typeof cursor).toBe('string');
        const { status, text } = await get(`${path}?cursor=${cursor}`);
        expect([path, status, leaks(text)]).toEqual([path, 200, []]);
      }
    });
  });

  test('an operator does nothing of it, and sees all by its own operations', async () => {
    for (const role of OPERATOR_ROLES) expect(await get('/own/account', keys[role])).toMatchObject({ status: 403 });
    const { body } = await get('/ledger?limit=100', keys.read);
    expect(verdictOnAnswer('ledger list', body)).toBe('');
    expect(new Set(body.items.map(({ accountcode }: { accountcode: string }) => accountcode))).toEqual(
      new Set(['alice', BOB.account]),
    );
    expect(body.items.find(({ reference }: { reference: string }) => reference === BOB.reference)).toMatchObject({
      reason: OF_THE_OPERATOR.reason,
      actor: OF_THE_OPERATOR.actor,
      currency: 'EUR',
    });
  });

  describe('is bound to one account', () => {
    test.each([
      [['--roles', 'customer'], 'accountcode is missing: a customer has one'],
      [['--roles', 'read', '--accountcode', 'alice'], 'goes with the role customer alone'],
      [['--roles', 'customer,read', '--accountcode', 'alice'], 'write customer alone'],
      [['--roles', 'customer', '--accountcode', 'not-there'], '"not-there" does not exist'],
      [['--roles', 'customer', '--accountcode', `pool:${BOB.account}`], 'is a pool'],
    ])('not by %j', async (options, told) => {
      for (const words of [
        ['key', 'create', 'new'],
        ['operator', 'invite', 'new'],
      ]) {
        const { exitCode, err } = await ringfence(db.url, [...words, ...options]);
        expect([words, exitCode > 0, err]).toEqual([words, true, expect.stringContaining(told)]);
      }
      expect(await db.database('astapikey').where({ api_key: 'new' })).toEqual([]);
      expect(await db.database('astoperator').where({ operator: 'new' })).toEqual([]);
    });

    test('for good: a rotated key, a reset person, and the tables', async () => {
      await ringfence(db.url, ['key', 'create', 'turning', '--roles', 'customer', '--accountcode', 'alice']);
      await ringfence(db.url, ['key', 'rotate', 'turning']);
      const rows = await db.database('astapikey').where({ api_key: 'turning' }).pluck('accountcode');
      expect(rows).toEqual(['alice', 'alice']);
      await invited('alice-2', 'alice');
      expect(await json(db.url, ['operator', 'reset', 'alice-2'])).toMatchObject({ accountcode: 'alice' });
      for (const [name, roles] of [
        ['alice-2', 'read'],
        [OF_THE_OPERATOR.operator, 'customer'],
      ] as const) {
        const { exitCode, err } = await ringfence(db.url, ['operator', 'set', name, '--roles', roles]);
        expect([exitCode, err]).toEqual([2, expect.stringContaining('invite the person under another name')]);
      }
      for (const table of ['astapikey', 'astoperator']) {
        const bound = () => db.database(table).where({ accountcode: 'alice' });
        await expect(bound().update({ accountcode: 'not-there' })).rejects.toThrow(/foreign key/i);
        await expect(bound().update({ accountcode: null })).rejects.toThrow(/constraint/i);
        await expect(bound().update({ roles: 'admin' })).rejects.toThrow(/constraint/i);
      }
    });

    test('that is blocked: it looks on, and sees that', async () => {
      await addAccount(db, 'carol', '0', { deck: OF_THE_OPERATOR.deck });
      const hers = (await createApiKey(acting(), { apiKey: 'carol', roles: ['customer'], accountcode: 'carol' }))
        .secret;
      await run('account block', { accountcode: 'carol' });
      expect((await get('/own/account', hers)).body).toMatchObject({ status: 'blocked' });
      expect((await get('/own/price?to=4930&seconds=1', hers)).body).toMatchObject({ refusal: 'account_blocked' });
    });

    test('that is closed: neither key nor person is let in, as if they were not there; opened again they are', async () => {
      await addAccount(db, 'dave', '0', { deck: OF_THE_OPERATOR.deck });
      const his = (await createApiKey(acting(), { apiKey: 'dave', roles: ['customer'], accountcode: 'dave' })).secret;
      const session = await person('dave-l', 'dave');
      const strangers = await get('/own/account', `rf_${'A'.repeat(43)}`);
      const invitation = (await run('operator invite', {
        name: 'dave-2',
        roles: ['customer'],
        accountcode: 'dave',
      })) as { token: string };
      await run('account close', { accountcode: 'dave' });
      const choose = (token: string) => new Browser(service.port).post('/invitation', { token, password: PASSWORD });
      const unknown = await choose(`rfi_${'A'.repeat(43)}`);
      const plain = ({ body: { request_id: _, ...body } }: Answer) => body;
      expect(plain(await choose(invitation.token))).toEqual(plain(unknown));
      expect(plain(await get('/own/account', his))).toEqual(plain(strangers));
      expect(plain(await session.get('/own/account'))).toEqual(plain(strangers));
      const [wrong, right] = [
        await new Browser(service.port).post('/session', { name: 'not-there', password: PASSWORD }),
        await new Browser(service.port).post('/session', { name: 'dave-l', password: PASSWORD }),
      ];
      expect([right.status, plain(right)]).toEqual([401, plain(wrong)]);
      await expect(
        createApiKey(acting(), { apiKey: 'dave-2', roles: ['customer'], accountcode: 'dave' }),
      ).rejects.toMatchObject({ refusal: 'account_closed' });
      await run('account unblock', { accountcode: 'dave' });
      expect(await get('/own/account', his)).toMatchObject({ status: 200 });
      expect(await session.get('/own/account')).toMatchObject({ status: 200 });
    });
  });
});
