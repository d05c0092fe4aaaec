import pino from 'pino';
import type { CallPolicy } from '../../src/calls/call-state';
import type { WrittenCall } from '../../src/calls/evidence';
import type { OpenCalls } from '../../src/calls/open-call-store';
import { Reconciler } from '../../src/calls/reconciler';
import type { Authorisation, SwitchBridge, SwitchChannel, SwitchEvent, SwitchPort } from '../../src/calls/switch-port';
import { Switchboard } from '../../src/calls/switchboard';
import type { CallLedger } from '../../src/credit/ledger';
import { PLAIN_TERMS } from '../../src/credit/rules/account';
import { arrivedCall, type CallRecord, grantedCall } from '../../src/credit/rules/call';
import type { Grant } from '../../src/credit/rules/grant';
import type { Sharing } from '../../src/credit/rules/sharing';
import { emergencyGrant } from '../../src/credit/rules/start';
import { parseAmount, ZERO } from '../../src/money/micros';
import type { Routes } from '../../src/routes/route-table';

export const EPOCH = Date.parse('2026-06-01T12:00:00Z');

// No test that works with this switch waits for a clock, so a busy machine changes nothing.
beforeEach(() => void jest.useFakeTimers());

/** Lets time pass at once, with all that is due in it. */
export const sleep = (milliseconds: number): Promise<void> => jest.advanceTimersByTimeAsync(milliseconds);

/** Lets time pass, as `sleep` does, until it is so. */
export async function until(isSo: () => boolean, what: string, withinMs = 15_000): Promise<void> {
  for (let passed = 0; !isSo(); passed += 5) {
    if (passed > withinMs) throw new Error(`no sign of ${what} within ${withinMs} ms`);
    await sleep(5);
  }
}

export const CONNECTED = { type: 'connected', startedAt: 1 } as const;
export const DISCONNECTED = { type: 'disconnected' } as const;

/** A switch whose answers a test decides, with a clock that a test can set forward. */
export class FakeSwitch implements SwitchPort {
  readonly node = 'ast1';
  readonly dialsByItself = false;
  readonly playsSounds = true;
  readonly hungUp: string[] = [];
  readonly limits: [channel: string, seconds: number][] = [];
  readonly handedBack: Authorisation[] = [];
  readonly watched: string[] = [];
  readonly played: [channel: string, media: string[]][] = [];
  /** Bridges that exist, with the channels in each. */
  readonly mixing = new Map<string, string[]>();
  /** The books in the names of bridges. */
  readonly booksOfBridges = new Map<string, string>();
  readonly marks: number[] = [];
  listed: SwitchChannel[] = [];
  answers = new Map<string, number>();
  private readonly began = performance.now();
  private ahead = 0;

  now = (): number => EPOCH + this.ahead + performance.now() - this.began;
  advance(milliseconds: number): void {
    this.ahead += milliseconds;
  }

  channel(channel: string, state: SwitchChannel['state'] = 'ringing'): SwitchChannel {
    const leg: SwitchChannel = {
      channel,
      name: `PJSIP/${channel}`,
      accountcode: 'alice',
      callerNumber: '1',
      dialledNumber: '4930123',
      state,
      createdAt: this.now(),
      args: [],
    };
    this.listed.push(leg);
    return leg;
  }
  remove(channel: string): void {
    this.listed = this.listed.filter(leg => leg.channel !== channel);
  }

  setLimit = async (channel: string, seconds: number): Promise<void> => {
    this.limits.push([channel, seconds]);
  };
  prolongLimit = (channel: string, seconds: number): Promise<void> => this.setLimit(channel, seconds);
  createBridge = async (bridge: string): Promise<void> => {
    this.mixing.set(bridge, []);
  };
  createLeg = async ({ channel }: { channel: string }): Promise<void> => {
    this.channel(channel, 'down');
  };
  join = async (bridge: string, channels: string[]): Promise<void> => {
    this.mixing.set(bridge, [...new Set([...(this.mixing.get(bridge) ?? []), ...channels])]);
  };
  dial = async (): Promise<void> => undefined;
  handBack = async (authorisation: Authorisation): Promise<void> => {
    this.handedBack.push(authorisation);
    for (const leg of this.listed) if (leg.channel === authorisation.channel) leg.isElsewhere = true;
  };
  watch = async (channel: string): Promise<void> => {
    this.watched.push(channel);
  };
  hangup = async (channel: string): Promise<void> => {
    this.hungUp.push(channel);
    this.remove(channel);
  };
  destroyBridge = async (bridge: string): Promise<void> => {
    this.mixing.delete(bridge);
  };
  play = async (channel: string, media: string[]): Promise<void> => {
    this.played.push([channel, media]);
  };
  stopPlaying = async (): Promise<void> => undefined;
  channels = async (): Promise<SwitchChannel[]> => [...this.listed];
  bridges = async (): Promise<SwitchBridge[]> =>
    [...this.mixing].map(([bridge, channels]) => ({
      bridge,
      channels: channels.filter(channel => this.listed.some(leg => leg.channel === channel)),
      books: this.booksOfBridges.get(bridge) ?? null,
    }));
  leaveMark = async (seenAt: number): Promise<void> => {
    this.marks.push(seenAt);
  };
  answeredAt = async (channel: string): Promise<number | null> => this.answers.get(channel) ?? null;
}

export const NOTHING_TO_SHARE: Sharing = {
  shares: [],
  cancel: [],
  refuse: [],
  makesRoom: false,
  isElsewhere: false,
  isShort: false,
  againInMs: null,
  terms: PLAIN_TERMS,
};

export const GRANT: Grant = {
  grantedSeconds: 3600,
  maxCost: parseAmount('1'),
  capSeconds: 3600,
  limitedBy: 'money',
  tariff: {
    pricePerMinute: parseAmount('1'),
    connectFee: ZERO,
    minimumCharge: ZERO,
    initialIncrementSeconds: 1,
    incrementSeconds: 1,
    graceSeconds: 0,
    freeSeconds: 0,
    steps: [],
  },
  rate: null,
  terms: PLAIN_TERMS,
};

export interface World {
  port: FakeSwitch;
  switchboard: Switchboard;
  reconciler: Reconciler;
  /** The requests to the ledger, in order. */
  ends: Parameters<CallLedger['end']>[0][];
  /** Rows of calls without an end. */
  open: CallRecord[];
  openCalls: OpenCalls;
  log: Record<string, unknown>[];
  /** The sightings that were written. */
  seen: number[];
  /** The ledger's answer to an end, when it comes. */
  ledgerEnd: CallLedger['end'];
  tell(event: SwitchEvent): void;
  arrive(uniqueid: string): Promise<void>;
  /** A call that talks, with both legs in the switch's list; resolves with its answer. */
  talk(uniqueid: string): Promise<number>;
  /** From now on the hang-up of a channel is reported as by Asterisk: ended by request, and destroyed. */
  tellOfHangups(): void;
  /** A row that an earlier process left. */
  leftOpen(uniqueid: string, answerAt: number | null): void;
  close(): void;
}

/** A switchboard and a reconciler between a fake switch and a fake ledger. */
export function world(
  options: {
    policy?: Partial<CallPolicy>;
    grantedSeconds?: number;
    lastSeen?: number;
    expired?: () => CallRecord[];
    records?: () => [string, WrittenCall][];
    recordsWithinMs?: number;
    ledger?: Partial<CallLedger>;
    routes?: Partial<Routes>;
  } = {},
): World {
  const port = new FakeSwitch();
  const ends: World['ends'] = [];
  const open: CallRecord[] = [];
  const seen: number[] = [];
  const log: Record<string, unknown>[] = [];
  const ledger: CallLedger = {
    start: async () => ({ granted: { ...GRANT, grantedSeconds: options.grantedSeconds ?? GRANT.grantedSeconds } }),
    answered: async () => undefined,
    extend: async () => ({ grant: null }),
    shrink: async () => ({ grant: null }),
    share: async () => NOTHING_TO_SHARE,
    warned: async () => undefined,
    limitNotKept: async () => undefined,
    release: async () => undefined,
    isEndRefused: () => false,
    end: async end => {
      ends.push(end);
      const index = open.findIndex(({ uniqueid }) => uniqueid === end.uniqueid);
      if (index >= 0) open.splice(index, 1);
      return made.ledgerEnd(end);
    },
    ...options.ledger,
  };
  const openCalls: OpenCalls = {
    of: async () => [...open],
    uniqueidsOf: async () => open.map(({ uniqueid }) => uniqueid),
    expired: async () => options.expired?.() ?? [],
    lastSeen: async () => options.lastSeen ?? null,
    cut: async (uniqueid, at) => {
      const index = open.findIndex(call => call.uniqueid === uniqueid);
      const call = open[index];
      if (call) open[index] = { ...call, cutAt: call.cutAt ?? at };
    },
    uncut: async uniqueid => {
      const index = open.findIndex(call => call.uniqueid === uniqueid);
      const call = open[index];
      if (call) open[index] = { ...call, cutAt: null };
    },
    seen: async (_node, at) => void seen.push(at),
  };
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(JSON.parse(line)) });
  const policy: CallPolicy = {
    ringSeconds: 60,
    trunkSilenceMs: 8_000,
    prompts: {},
    warnSound: 'sound:beep',
    causeWaitMs: 100,
    brakeMs: 500,
    emergencyGrant: emergencyGrant({ maxCallSeconds: 3600, barredPrefixes: [] }),
    ...options.policy,
  };
  const route = {
    trunk: 'main',
    endpoint: 'PJSIP/{number}@main',
    stripDigits: 0,
    addPrefix: '',
    prefix: '',
    priority: 1,
  };
  const records = { of: async () => new Map(options.records?.() ?? []) };
  const switchboard = new Switchboard({
    ledger,
    records,
    recordsWithinMs: options.recordsWithinMs ?? 0,
    routes: { of: async () => [route], lastOf: () => [route], ...options.routes },
    policy,
    emergencyNumbers: ['112'],
    log: logger,
  });
  const reconciler = new Reconciler({
    switchboard,
    ledger,
    openCalls,
    books: 'ours',
    records,
    recordsWithinMs: options.recordsWithinMs ?? 0,
    emergencyNumbers: ['112'],
    log: logger,
    everyMs: 100,
    settleMs: 20,
    sweepEveryMs: 50,
  });
  const tell = (event: SwitchEvent) => reconciler.handle(port, event);
  const made: World = {
    port,
    switchboard,
    reconciler,
    ends,
    open,
    openCalls,
    log,
    seen,
    ledgerEnd: async () => null,
    tell,
    async arrive(uniqueid) {
      tell({ type: 'arrived', at: port.now(), leg: port.channel(uniqueid) });
      await sleep(20);
    },
    async talk(uniqueid) {
      await made.arrive(uniqueid);
      const at = port.now();
      tell({ type: 'answered', at, channel: `rf-${uniqueid}-1` });
      tell({ type: 'answered', at, channel: uniqueid });
      await sleep(20);
      return at;
    },
    tellOfHangups() {
      const { hangup } = port;
      port.hangup = async channel => {
        await hangup(channel);
        const at = port.now();
        tell({ type: 'ended', at, channel, byRequest: true });
        tell({ type: 'destroyed', at, channel, cause: 16, techCause: null });
      };
    },
    leftOpen(uniqueid, answerAt) {
      port.mixing.set(`rf-${uniqueid}`, [uniqueid, `rf-${uniqueid}-1`]);
      const arrived = arrivedCall(
        {
          uniqueid,
          accountcode: 'alice',
          node: 'ast1',
          src: '',
          dst: '49',
          startAt: (answerAt ?? EPOCH) - 10_000,
          emergency: false,
          routable: true,
          ringSeconds: 60,
        },
        'EUR',
      );
      open.push({ ...grantedCall(arrived, GRANT), answerAt, trunk: 'main' });
    },
    close() {
      reconciler.close();
      switchboard.abandon();
    },
  };
  return made;
}
