import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AsteriskServer } from '../../../lab/servers/asterisk';
import { RtpParty } from '../../../lab/servers/rtp';
import { type Carrier, placeCall, type RunningCalls, startCalls, startCarrier } from '../../../lab/servers/sipp';
import { balanceMedia, timeMedia, warningMedia } from '../../../src/calls/announcements';
import type { SwitchError } from '../../../src/calls/switch-port';
import { parseAmount } from '../../../src/money/micros';
import { eventually, LATE_MS } from '../../eventually';
import { until } from './log-lines';
import { callThrough, ownAsterisk, WatchedPort } from './real-switch';

/** Two bytes of µ-law, by which each party recognises the other. */
const [CALLER, CALLEE] = [0x55, 0x2a];
const PACKETS_PER_SECOND = 50;
/** How long these sounds of the package are, and how many packets of 20 ms each makes. */
const BEEP_MS = 440;
const WEASELS_MS = 2_960;

let caller: RtpParty;
let callee: RtpParty;
let carrier: Carrier;
let asterisk: AsteriskServer;
let watched: WatchedPort;

beforeAll(async () => {
  [caller, callee] = await Promise.all([RtpParty.open('127.0.0.2'), RtpParty.open('127.0.0.3')]);
  carrier = await startCarrier({ scenario: callee.scenario('carrier') });
  asterisk = await ownAsterisk({ carriers: [{ name: 'carrier', address: carrier.address }] });
  watched = await new WatchedPort(asterisk.ariUrl).connected();
}, 60_000);

afterAll(async () => {
  await watched?.port.close();
  await asterisk?.stop();
  await carrier?.stop();
  for (const party of [caller, callee]) party?.close();
});

afterEach(async () => {
  for (const party of [caller, callee]) party.hush();
  await asterisk.cli('channel request hangup all');
  await eventually(
    async () => ((await asterisk.cli('core show channels count')).includes('0 active channels') ? true : null),
    'no channel left',
  );
  expect(watched.failures.splice(0)).toEqual([]);
  watched.forget();
});

/** Not cut short at its end. A busy machine makes pauses between the sounds, and then it takes longer than what is heard. */
const expectHeardInTime = ({ caller: { other }, tookMs }: Pick<Played, 'caller' | 'tookMs'>) =>
  expect(other / PACKETS_PER_SECOND).toBeLessThan(tookMs / 1_000 + 0.5);

const sleep = (milliseconds: number) => new Promise(done => setTimeout(done, milliseconds));

/** Where Asterisk listens for the leg's RTP, once it does. Its own word for the address is not the one that it is bound to. */
function rtpOf(channel: string): Promise<string> {
  const { origin, username, password } = new URL(asterisk.ariUrl);
  return eventually(async () => {
    const response = await fetch(`${origin}/ari/channels/${channel}/variable?variable=CHANNEL(rtp,src)`, {
      headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    });
    const { value } = (await response.json()) as { value?: string };
    const port = value?.split(':')[1];
    return port ? `${asterisk.mediaAddress}:${port}` : null;
  }, `the RTP of ${channel}`);
}

interface Talk {
  aLeg: string;
  bLeg: string;
  call: RunningCalls;
}

/** A call of two parties that both talk without a pause and hear each other. */
async function talk(options: { talkMs?: number } = {}): Promise<Talk> {
  const bLeg = `rf-${randomUUID()}`;
  watched.onArrival = leg => callThrough(watched.port, leg, { bLeg });
  const scenario = caller.scenario('caller');
  const call = await startCalls({ sip: asterisk.sip, to: '4930120', scenario, ...options });
  await until(() => watched.of('answered', bLeg).length > 0, 'the answer');
  const aLeg = (await watched.arrival()).leg.channel;
  caller.speak(CALLER, await rtpOf(aLeg));
  callee.speak(CALLEE, await rtpOf(bLeg));
  await hearEachOther();
  return { aLeg, bLeg, call };
}

/** Both hear the other and nothing else, for half a second. */
async function hearEachOther(): Promise<void> {
  await eventually(async () => {
    const fromMs = performance.now();
    await sleep(500);
    const heard = [caller.count(CALLEE, fromMs), callee.count(CALLER, fromMs)];
    return heard.every(({ voice, other }) => voice >= 20 && other === 0) ? true : null;
  }, 'both voices');
}

interface Played {
  outcome: 'heard' | SwitchError['kind'];
  fromMs: number;
  tookMs: number;
  /** Packets of the callee's voice, and of anything else, that the caller heard meanwhile; the callee likewise. */
  caller: { voice: number; other: number };
  callee: { voice: number; other: number };
}

async function play(channel: string, media: string[]): Promise<Played> {
  const fromMs = performance.now();
  const outcome = await watched.port.play(channel, media).then(
    () => 'heard' as const,
    (error: SwitchError) => error.kind,
  );
  const toMs = performance.now();
  return {
    outcome,
    fromMs,
    tookMs: toMs - fromMs,
    caller: caller.count(CALLEE, fromMs, toMs),
    callee: callee.count(CALLER, fromMs, toMs),
  };
}

describe('to the caller of a call that talks', () => {
  test('a tone is heard by the caller alone, instead of the callee; then both hear each other again', async () => {
    const { aLeg, bLeg } = await talk();
    const before = watched.events.length;
    const tone = await play(aLeg, warningMedia('', 'sound:beep', 60));
    expect(tone.outcome).toBe('heard');
    expect(tone.caller.other).toBeGreaterThanOrEqual(20);
    expect(tone.caller.other).toBeLessThanOrEqual(24);
    expect(tone.tookMs).toBeGreaterThan(BEEP_MS - 50);
    expect(tone.tookMs).toBeLessThan(BEEP_MS + LATE_MS);
    // Not one packet of it: what the callee hears is the caller, or for the length of the tone nothing.
    expect(tone.callee.other).toBe(0);
    expect(tone.callee.voice).toBeLessThanOrEqual(12);
    await hearEachOther();
    // No leg left anything behind, and there is no other leg.
    expect(watched.events.slice(before)).toEqual([]);
    expect((await watched.port.channels()).map(({ channel }) => channel).sort()).toEqual([aLeg, bLeg].sort());
  });

  test('a prompt of the time left: five sounds and two numbers, heard to the end', async () => {
    const { aLeg } = await talk();
    const prompt = await play(aLeg, warningMedia('say', 'sound:beep', 65));
    expect(prompt.outcome).toBe('heard');
    // "You have one minute and five seconds" takes about five seconds. What is missing would make it shorter.
    expect(prompt.caller.other / PACKETS_PER_SECOND).toBeGreaterThan(3.5);
    expectHeardInTime(prompt);
    expect(prompt.callee.other).toBe(0);
    await hearEachOther();
  });

  test.each([
    [['sound:no-such-sound'], 'refused', 0, 'alone'],
    [['sound:no-such-sound', 'sound:beep'], 'heard', BEEP_MS, 'at the beginning'],
    [['sound:beep', 'sound:no-such-sound', 'sound:beep'], 'heard', 2 * BEEP_MS, 'in the middle'],
    [['sound:beep', 'sound:no-such-sound'], 'refused', BEEP_MS, 'at the end, after the rest was heard'],
  ])('a missing sound takes no time and stops nothing: %j is %s after %i ms (%s)', async (media, outcome, ms) => {
    const { aLeg } = await talk();
    const played = await play(aLeg, media);
    expect(played.outcome).toBe(outcome);
    expect(played.tookMs).toBeGreaterThan(ms - 50);
    expect(played.tookMs).toBeLessThan(ms + LATE_MS);
    expect(Math.abs(played.caller.other - ms / 20)).toBeLessThanOrEqual(3);
    await hearEachOther();
  });

  test('a sound that plays can be stopped at once, and what waits behind it', async () => {
    const { aLeg } = await talk();
    const sounds = [play(aLeg, ['sound:tt-weasels', 'sound:tt-weasels']), play(aLeg, ['sound:beep'])];
    await sleep(500);
    const stoppedMs = performance.now();
    await watched.port.stopPlaying(aLeg);
    expect(performance.now() - stoppedMs).toBeLessThan(LATE_MS);
    const [first, second] = await Promise.all(sounds);
    expect([first!.outcome, second!.outcome]).toEqual(['heard', 'heard']);
    expect(first!.caller.other).toBeLessThan(40);
    await hearEachOther();
    // Nothing plays: nothing to do.
    await watched.port.stopPlaying(aLeg);
  });

  test('a number is spoken to its end when it is stopped, and nothing after it', async () => {
    const { aLeg } = await talk();
    const media = timeMedia(59);
    const heard = play(aLeg, media);
    // The number begins after 0.9 s.
    await sleep(1_200);
    const stoppedMs = performance.now();
    await watched.port.stopPlaying(aLeg);
    expect(performance.now() - stoppedMs).toBeGreaterThan(500);
    const { outcome, tookMs } = await heard;
    expect(outcome).toBe('heard');
    expect(tookMs).toBeLessThan((await play(aLeg, media)).tookMs - 300);
  });

  test('a limit that is set while a sound plays is set at once, as the sound is stopped for it', async () => {
    const { aLeg } = await talk();
    const sound = play(aLeg, ['sound:tt-weasels']);
    await sleep(500);
    const askedMs = performance.now();
    await watched.port.setLimit(aLeg, 40);
    expect(performance.now() - askedMs).toBeLessThan(LATE_MS);
    expect((await sound).tookMs).toBeLessThan(WEASELS_MS / 2);
    expect(await watched.port.readLimit(aLeg)).toBeGreaterThan(39);
  });

  test('the limit cuts while a sound plays, to the millisecond, with our process gone', async () => {
    const { aLeg, bLeg, call } = await talk();
    for (const channel of [aLeg, bLeg]) await watched.port.setLimit(channel, 2);
    const limitedAt = Date.now();
    const sound = play(aLeg, ['sound:tt-monkeys']);
    await sleep(300);
    await watched.port.close();
    const seen = await call.finished;
    expect((await sound).outcome).toBe('unanswered');
    expect(seen.endedBy).toBe('called');
    expect(seen.endedAt - limitedAt).toBeGreaterThan(1_950);
    expect(seen.endedAt - limitedAt).toBeLessThan(2_000 + LATE_MS);
    watched = await new WatchedPort(asterisk.ariUrl).connected();
  });

  test('a caller who hangs up during a sound ends the call at that moment', async () => {
    const { aLeg, bLeg, call } = await talk({ talkMs: 3_000 });
    const sound = play(aLeg, ['sound:tt-monkeys']);
    const seen = await call.finished;
    expect((await sound).outcome).toBe('gone');
    await until(() => watched.of('destroyed', aLeg).length > 0, 'the end');
    await watched.port.hangup(bLeg, 16);
    expect(seen.endedBy).toBe('caller');
    expect(watched.of('ended', aLeg)[0]).toMatchObject({ byRequest: false });
    // The sound alone takes many seconds.
    expect(Math.abs(watched.of('ended', aLeg)[0]!.at - seen.endedAt)).toBeLessThan(LATE_MS);
  });

  test('a callee who is gone during a sound is told at once, and the caller can be ended at once', async () => {
    const { aLeg, bLeg, call } = await talk();
    const sound = play(aLeg, ['sound:tt-monkeys']);
    await sleep(300);
    const endedAt = Date.now();
    await watched.port.hangup(bLeg, 16);
    await until(() => watched.of('destroyed', bLeg).length > 0, "the callee's end");
    await watched.port.hangup(aLeg, 16);
    const seen = await call.finished;
    expect((await sound).outcome).toBe('gone');
    expect(watched.of('ended', bLeg)[0]!.at - endedAt).toBeLessThan(LATE_MS);
    expect(seen.endedAt - endedAt).toBeLessThan(LATE_MS);
  });

  test('nothing of it is in the journal or the call record: rows and times are those of a call without', async () => {
    const rows = async (sounds: string[]) => {
      const { aLeg, bLeg } = await talk();
      for (const sound of sounds) await play(aLeg, [sound]);
      await watched.port.hangup(aLeg, 16);
      await watched.port.hangup(bLeg, 16);
      const answeredAt = watched.of('answered', bLeg)[0]!.at;
      const of = (path: string) =>
        readFileSync(path, 'utf8')
          .split('\n')
          .filter(line => line.includes(`"${aLeg}"`));
      const journal = await eventually(async () => {
        const lines = of(asterisk.celPath);
        return lines.filter(line => line.startsWith('"CHAN_END"')).length === 2 ? lines : null;
      }, 'the journal');
      const records = of(asterisk.cdrPath);
      const [answer, end, , billsec] = (records[0] ?? '')
        .split(',')
        .slice(8)
        .map(field => Number(JSON.parse(field)));
      // No sound has moved the answer. The shortest takes longer than that.
      expect(Math.abs(answer! * 1_000 - answeredAt)).toBeLessThan(250);
      expect(Math.abs(end! - answer! - billsec!)).toBeLessThan(0.001);
      watched.forget();
      // The two legs write theirs side by side, in any order.
      return { events: journal.map(line => line.split(',')[0]).sort(), records: records.length };
    };
    const without = await rows([]);
    expect(without).toMatchObject({ records: 1 });
    expect(without.events).toHaveLength(10);
    expect(await rows(['sound:beep', 'sound:no-such-sound', 'sound:beep'])).toEqual(without);
  });
});

describe('to a caller who is not answered', () => {
  /** The call is given up after the sound: nothing is dialled. */
  async function announced(media: string[]) {
    let played: Played | undefined;
    watched.onArrival = async leg => {
      played = await play(leg.channel, media);
      await watched.port.hangup(leg.channel, 17);
    };
    const seen = await placeCall({ sip: asterisk.sip, to: '4930120', scenario: caller.scenario('caller') });
    return { ...played!, seen };
  }

  test('balance and time are heard as early media, in full', async () => {
    const balance = balanceMedia(parseAmount('-12.34'), 'USD');
    const { outcome, caller: heard, tookMs, seen } = await announced([...balance, ...timeMedia(125)]);
    expect(seen).toMatchObject({ sipStatus: 486, earlyMedia: true, answeredAt: null });
    expect(outcome).toBe('heard');
    // Eight sounds, three numbers and two digits: about ten seconds of them.
    expect(heard.other / PACKETS_PER_SECOND).toBeGreaterThan(8);
    expectHeardInTime({ caller: heard, tookMs });
  });

  test('each sound, number and digit of them is there, in the package that Debian has', async () => {
    const media = new Set(['-1.05', '20'].flatMap(balance => balanceMedia(parseAmount(balance), 'USD')));
    for (const seconds of [0, 61, 125]) for (const uri of timeMedia(seconds)) media.add(uri);
    const heard: Record<string, boolean> = {};
    watched.onArrival = async leg => {
      for (const uri of media) {
        const { outcome, caller: packets } = await play(leg.channel, [uri]);
        heard[uri] = outcome === 'heard' && packets.other > 5;
      }
      await watched.port.hangup(leg.channel, 17);
    };
    await placeCall({ sip: asterisk.sip, to: '4930120', scenario: caller.scenario('caller') });
    expect(heard).toEqual(Object.fromEntries([...media].map(uri => [uri, true])));
    expect(media.size).toBeGreaterThan(15);
  });

  test('a missing sound takes no time', async () => {
    const { outcome, tookMs, seen } = await announced(['sound:no-such-sound']);
    expect(outcome).toBe('refused');
    expect(tookMs).toBeLessThan(LATE_MS);
    expect(seen).toMatchObject({ sipStatus: 486 });
  });

  test('a sound that plays while the callee rings holds up the answer: it has to be over before the dial', async () => {
    const bLeg = `rf-${randomUUID()}`;
    let played: Promise<Played> | undefined;
    watched.onArrival = async leg => {
      await callThrough(watched.port, leg, { bLeg });
      // The carrier answers after a second.
      await sleep(300);
      played = play(leg.channel, ['sound:tt-weasels']);
    };
    const call = await startCalls({
      sip: asterisk.sip,
      to: '4930120',
      talkMs: 500,
      scenario: caller.scenario('caller'),
    });
    const seen = await call.finished;
    await played;
    expect(seen.answeredAt! - watched.of('answered', bLeg)[0]!.at).toBeGreaterThan(1_000);
  });
});
