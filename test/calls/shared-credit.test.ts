import { SharedCredit } from '../../src/calls/shared-credit';
import { SwitchError } from '../../src/calls/switch-port';
import type { CallLedger } from '../../src/credit/ledger';
import type { Terms } from '../../src/credit/rules/account';
import type { CallRecord } from '../../src/credit/rules/call';
import type { Grant } from '../../src/credit/rules/grant';
import type { Sharing } from '../../src/credit/rules/sharing';
import { CONNECTED, DISCONNECTED, GRANT, NOTHING_TO_SHARE, sleep, until, type World, world } from './fake-switch';

const TERMS: Terms = { ...GRANT.terms, mode: 'shared', warnSeconds: [60, 20] };

const slice = (grantedSeconds: number): Grant => ({ ...GRANT, grantedSeconds, limitedBy: 'slice', terms: TERMS });
const PLENTY: Sharing = { ...NOTHING_TO_SHARE, terms: TERMS };

describe('how an account is to be shared', () => {
  const sharedBy = (answerMs: number) => {
    const askedAt: number[] = [];
    const shared = new SharedCredit({
      ledger: {
        share: async () => {
          askedAt.push(performance.now());
          await sleep(answerMs);
          return PLENTY;
        },
      },
      clocks: () => ({ of: {}, elsewhere: 0 }),
      stuckOf: () => [],
      ready: async () => undefined,
      follow: async () => undefined,
    });
    return { shared, askedAt };
  };

  test('is asked ten times a second at most, however often somebody wants to know', async () => {
    const { shared, askedAt } = sharedBy(1);
    for (let time = 0; time < 20; time++) {
      void shared.share('alice');
      await sleep(20);
    }
    expect(askedAt.length).toBeGreaterThan(2);
    expect(askedAt.length).toBeLessThan(8);
  });

  test('rests four times as long as the answer took', async () => {
    const { shared, askedAt } = sharedBy(100);
    const first = shared.share('alice');
    await sleep(100);
    await first;
    const second = shared.share('alice');
    await sleep(1_000);
    await second;
    expect((askedAt[1] as number) - (askedAt[0] as number)).toBeGreaterThan(490);
  });
});

describe('a call that shares an account', () => {
  let calls: World;
  afterEach(() => calls.close());

  const carry = (ledger: Partial<CallLedger>) => {
    calls = world({ ledger: { start: async () => ({ granted: slice(60) }), share: async () => PLENTY, ...ledger } });
    return calls;
  };
  const grantedTo = (uniqueid: string) => calls.switchboard.stateOf(uniqueid)?.grant?.grantedSeconds;

  test('is extended though the lease was too old to be trusted when its slice ran out', async () => {
    let isTrusted = false;
    const asked: number[] = [];
    carry({
      extend: async ({ seconds }) => {
        asked.push(seconds);
        return { grant: isTrusted ? slice(seconds) : null };
      },
    });
    await calls.talk('c1');
    await until(() => asked.length > 0, 'an extension that is refused');
    isTrusted = true;
    await until(() => grantedTo('c1') === 120, 'an extension');
  });

  test('is extended after a shrink of an earlier time was answered, when it was let go of and taken over again', async () => {
    let answer: (outcome: { grant: Grant | null }) => void = () => undefined;
    let isAsked = false;
    let sharing: Sharing = PLENTY;
    const limited = { ...GRANT, grantedSeconds: 60, terms: TERMS };
    carry({
      start: async () => ({ granted: limited }),
      share: async () => sharing,
      shrink: () => {
        isAsked = true;
        sharing = PLENTY;
        return new Promise(resolve => {
          answer = resolve;
        });
      },
      extend: async ({ seconds }) => ({ grant: slice(seconds) }),
    });
    const { port, switchboard } = calls;
    sharing = { ...PLENTY, isShort: true, shares: [{ uniqueid: 'c1', node: 'ast1', seconds: 30, held: 60 }] };
    const answerAt = await calls.talk('c1');
    await until(() => isAsked, 'a shrink');
    switchboard.abandon(port);
    calls.leftOpen('c1', answerAt);
    const [found] = calls.open;
    switchboard.adopt(
      port,
      { ...(found as CallRecord), grantedSeconds: 60 },
      { bLeg: 'rf-c1-1', rang: true, answerAt, callerAnsweredAt: answerAt },
      'us',
      [],
    );
    answer({ grant: limited });
    await sleep(20);
    expect(switchboard.stateOf('c1')?.shrinking).toBe(0);
  });

  test('gets what is free though a call that has ended, and whose records are waited for, cannot give anything back', async () => {
    let sharing: Sharing = PLENTY;
    const asked: number[] = [];
    calls = world({
      recordsWithinMs: 30_000,
      ledger: {
        start: async () => ({ granted: { ...GRANT, grantedSeconds: 60, terms: TERMS } }),
        share: async () => sharing,
        extend: async ({ seconds }) => {
          asked.push(seconds);
          return { grant: slice(seconds) };
        },
      },
    });
    const { port, switchboard } = calls;
    await calls.talk('c1');
    await calls.talk('c2');
    calls.tell(DISCONNECTED);
    calls.tell(CONNECTED);
    calls.tell({ type: 'ended', at: port.now(), channel: 'c2', byRequest: false });
    calls.tell({ type: 'destroyed', at: port.now(), channel: 'c2', cause: 16, techCause: null });
    expect(switchboard.stateOf('c2')?.phase).toBe('settling');
    const shares = [
      { uniqueid: 'c1', node: 'ast1', seconds: 900, held: 60 },
      { uniqueid: 'c2', node: 'ast1', seconds: 30, held: 60 },
    ];
    sharing = { ...PLENTY, isShort: true, shares };
    switchboard.follow({ accountcode: 'alice', blocked: false, hangupBefore: null, touchedAt: null }, false);
    await until(() => asked.includes(900), 'an extension of the call that talks');
  });

  test('gets what is free though another that is to give back is on a switch that does not answer', async () => {
    let sharing: Sharing = PLENTY;
    const asked: string[] = [];
    carry({
      start: async () => ({ granted: { ...GRANT, grantedSeconds: 60, terms: TERMS } }),
      share: async () => sharing,
      extend: async ({ uniqueid, seconds }) => {
        asked.push(`${uniqueid} ${seconds}`);
        return { grant: slice(seconds) };
      },
    });
    const { port, switchboard } = calls;
    await calls.talk('c1');
    await calls.talk('c2');
    const setLimit = port.setLimit;
    port.setLimit = (channel, seconds) =>
      channel.includes('c2') ? new Promise(() => undefined) : setLimit(channel, seconds);
    const shares = [
      { uniqueid: 'c1', node: 'ast1', seconds: 900, held: 60 },
      { uniqueid: 'c2', node: 'ast1', seconds: 30, held: 60 },
    ];
    sharing = { ...PLENTY, isShort: true, shares };
    switchboard.follow({ accountcode: 'alice', blocked: false, hangupBefore: null, touchedAt: null }, false);
    await until(() => asked.includes('c1 900'), 'an extension');
  });

  test('gets what is free though another is being ended on a switch that has not reported its end', async () => {
    let sharing: Sharing = PLENTY;
    const asked: string[] = [];
    carry({
      start: async () => ({ granted: { ...GRANT, grantedSeconds: 60, terms: TERMS } }),
      share: async () => sharing,
      extend: async ({ uniqueid, seconds }) => {
        asked.push(`${uniqueid} ${seconds}`);
        return { grant: slice(seconds) };
      },
    });
    const { port, switchboard } = calls;
    await calls.talk('c1');
    port.dial = () => Promise.reject(new SwitchError('unanswered', 'simulated'));
    await calls.arrive('c2');
    await until(() => switchboard.stateOf('c2')?.endCause != null, 'a dial without an answer');
    expect(switchboard.stateOf('c2')?.phase).toBe('dialling');
    const shares = [
      { uniqueid: 'c1', node: 'ast1', seconds: 900, held: 60 },
      { uniqueid: 'c2', node: 'ast1', seconds: 10, held: 60 },
    ];
    sharing = { ...PLENTY, isShort: true, shares };
    switchboard.follow({ accountcode: 'alice', blocked: false, hangupBefore: null, touchedAt: null }, false);
    await until(() => asked.includes('c1 900'), 'an extension');
  });

  test('is told once to end earlier while the switch does not answer', async () => {
    let sharing: Sharing = PLENTY;
    let isAway = false;
    let asked = 0;
    carry({
      start: async () => ({ granted: { ...GRANT, grantedSeconds: 60, terms: TERMS } }),
      share: async () => sharing,
    });
    const { port, switchboard } = calls;
    await calls.talk('c1');
    port.setLimit = () => {
      asked++;
      isAway = true;
      return new Promise(() => undefined);
    };
    sharing = { ...PLENTY, isShort: true, shares: [{ uniqueid: 'c1', node: 'ast1', seconds: 30, held: 60 }] };
    switchboard.follow({ accountcode: 'alice', blocked: false, hangupBefore: null, touchedAt: null }, false);
    await until(() => isAway, 'a limit');
    await sleep(1_500);
    expect(asked).toBe(2);
    expect(switchboard.stateOf('c1')?.shrinking).toBe(1);
  });

  test.each([
    ['one second', { seconds: 59, makesRoom: false, isElsewhere: false }, [59]],
    ['one second, where another service carries some', { seconds: 59, makesRoom: false, isElsewhere: true }, []],
    ['one second that somebody waits for', { seconds: 59, makesRoom: true, isElsewhere: true }, [59]],
    ['two seconds', { seconds: 58, makesRoom: false, isElsewhere: true }, [58]],
  ])('gives back what it is to: %s', async (_, { seconds, ...more }, expected) => {
    let sharing: Sharing = PLENTY;
    let times = 0;
    const shrunk: number[] = [];
    carry({
      start: async () => ({ granted: { ...GRANT, grantedSeconds: 60, terms: TERMS } }),
      share: async () => {
        times++;
        return sharing;
      },
      shrink: async call => {
        shrunk.push(call.seconds);
        sharing = PLENTY;
        return { grant: { ...slice(call.seconds), limitedBy: 'money' } };
      },
    });
    await calls.talk('c1');
    sharing = { ...PLENTY, ...more, isShort: true, shares: [{ uniqueid: 'c1', node: 'ast1', seconds, held: 60 }] };
    const before = times;
    calls.switchboard.follow({ accountcode: 'alice', blocked: false, hangupBefore: null, touchedAt: null }, false);
    await until(() => times > before, 'a sharing');
    await sleep(100);
    expect(shrunk).toEqual(expected);
  });

  describe('and needs money that a call holds which is being ended on a switch that is away', () => {
    /** A newcomer on that switch's account: when it was refused, in ms, and which calls were told to be stuck. */
    async function newcomer(awayMs: number) {
      const stuck: string[][] = [];
      carry({
        start: async ({ uniqueid, lastTry }) => {
          if (uniqueid !== 'c9') return { granted: { ...GRANT, grantedSeconds: 60, terms: TERMS } };
          return lastTry ? { refusal: 'insufficient_balance' } : { waiting: true };
        },
        share: async ({ stuck: told = [] }) => {
          stuck.push([...told]);
          return { ...PLENTY, refuse: told.length > 0 ? ['c9'] : [] };
        },
      });
      const { port, switchboard, tell } = calls;
      await calls.talk('c1');
      await calls.talk('c2');
      await calls.arrive('c3');
      await calls.arrive('c4');
      port.hangup = () => Promise.reject(new SwitchError('unanswered', 'simulated'));
      // An operator ends all but the last.
      calls.switchboard.follow(
        { accountcode: 'alice', blocked: false, hangupBefore: port.now(), touchedAt: null },
        false,
      );
      await calls.talk('c5');
      tell(DISCONNECTED);
      await sleep(awayMs);
      const since = performance.now();
      await calls.arrive('c9');
      await until(() => calls.log.some(({ event }) => event === 'call_refused'), 'a refusal');
      expect(switchboard.stateOf('c3')).toMatchObject({ phase: 'dialling', endCause: 21 });
      return { waitedMs: performance.now() - since, stuck: stuck.at(-1) };
    }

    test('is refused at once: the end of those calls cannot be reported', async () => {
      const { waitedMs, stuck } = await newcomer(1_000);
      expect(stuck).toEqual(['c1', 'c2', 'c3', 'c4']);
      expect(waitedMs).toBeLessThan(500);
    });

    test('waits for it while that switch may only have lost its connection', async () => {
      const { waitedMs } = await newcomer(100);
      expect(waitedMs).toBeGreaterThan(800);
      expect(waitedMs).toBeLessThan(1_500);
    });
  });

  test('is taken back from the ledger when it waited and the ledger cannot be asked again', async () => {
    const released: string[] = [];
    let starts = 0;
    carry({
      start: async () => (++starts === 1 ? { waiting: true } : { refusal: 'ledger_unavailable' }),
      release: async ({ uniqueid }) => void released.push(uniqueid),
    });
    await calls.arrive('c1');
    await until(() => released.length > 0, 'a release');
    expect(released).toEqual(['c1']);
    expect(calls.port.hungUp).toEqual(['c1']);
  });
});
