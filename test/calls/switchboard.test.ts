import type { StartRequest } from '../../src/credit/rules';
import type { Route } from '../../src/routes/route';
import { sleep, world } from './fake-switch';

test.each([
  ['alice', 'alice'],
  ['x'.repeat(79), 'x'.repeat(79)],
  ['x'.repeat(80), ''],
  ['😀'.repeat(19), '😀'.repeat(19)],
  ['😀'.repeat(20), ''],
  // 27 characters of three bytes each, cut to 79 bytes.
  [`${'中'.repeat(26)}\ufffd`, ''],
  ['ali\u0000ce', ''],
  ['alice\u001b[2J', ''],
  ['ali\nce', ''],
  ['\ud800', ''],
])('a channel whose accountcode is %j is one of account %j', async (said, accountcode) => {
  const starts: StartRequest[] = [];
  const w = world({
    ledger: {
      start: async request => {
        starts.push(request);
        return { refusal: 'account_not_found' };
      },
    },
  });
  try {
    w.tell({ type: 'arrived', at: w.port.now(), leg: { ...w.port.channel('a'), accountcode: said } });
    await sleep(20);
    expect(starts.map(start => start.accountcode)).toEqual([accountcode]);
  } finally {
    w.close();
  }
});

const ROUTE: Route = {
  trunk: 'new',
  endpoint: 'PJSIP/{number}@new',
  stripDigits: 0,
  addPrefix: '',
  prefix: '',
  priority: 1,
};

describe('a call whose routes are read anew', () => {
  /** Routes that are known when a test says so, and a ledger that grants nothing. */
  const reading = () => {
    const starts: StartRequest[] = [];
    let known: (routes: Route[] | null) => void = () => undefined;
    const w = world({
      routes: { of: () => new Promise(resolve => (known = resolve)) },
      ledger: {
        start: async request => {
          starts.push(request);
          return { refusal: 'no_route' };
        },
      },
    });
    w.tell({ type: 'arrived', at: w.port.now(), leg: w.port.channel('a') });
    return { w, starts, known: (routes: Route[] | null) => known(routes) };
  };

  test('waits for them, and its wait counts into the deadline', async () => {
    const { w, starts, known } = reading();
    await sleep(50);
    expect(starts).toEqual([]);
    known([ROUTE, ROUTE]);
    await sleep(20);
    expect(starts).toMatchObject([{ routable: true, ringSeconds: 120 }]);
    expect(starts[0]?.waitedMs).toBeGreaterThan(30);
    w.close();
  });

  test('is refused by name when they cannot be read in time', async () => {
    const { w, starts, known } = reading();
    known(null);
    await sleep(20);
    expect(starts).toEqual([]);
    expect(w.log).toContainEqual(expect.objectContaining({ event: 'call_refused', refusal: 'ledger_unavailable' }));
    w.close();
  });

  test('asks the ledger for nothing when its caller has hung up meanwhile, and counts as no refusal', async () => {
    const { w, starts, known } = reading();
    w.tell({ type: 'ended', at: w.port.now(), channel: 'a', byRequest: false });
    known([ROUTE]);
    await sleep(20);
    expect(starts).toEqual([]);
    expect(w.log.map(({ event }) => event)).toContain('caller_gone');
    expect(w.switchboard.carried).toBe(0);
    expect(w.switchboard.metrics.find(({ name }) => name.endsWith('refused_total'))?.samples).toEqual([]);
    w.close();
  });
});

test('a start is wanted until its caller hangs up', async () => {
  let isWanted = () => false;
  const w = world({
    ledger: {
      start: (_, wanted = () => true) => {
        isWanted = wanted;
        return new Promise(() => undefined);
      },
    },
  });
  w.tell({ type: 'arrived', at: w.port.now(), leg: w.port.channel('a') });
  await sleep(20);
  expect(isWanted()).toBe(true);
  w.tell({ type: 'ended', at: w.port.now(), channel: 'a', byRequest: false });
  expect(isWanted()).toBe(false);
  w.close();
});
