import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type AsteriskServer, answersAri, startAsterisk } from '../../lab/servers/asterisk';
import { type Carrier, placeCall, startCalls, startCarrier } from '../../lab/servers/sipp';
import { eventually, LATE_MS } from '../eventually';

const folder = (name: string): string => mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER!, `${name}-`));

/** Without Ringfence: what SIPp, Asterisk and the carrier do by themselves. */
const plainDialplan = `
[plain]
exten => _X.,1,Dial(PJSIP/\${EXTEN}@carrier,60)
 same => n,Hangup(\${HANGUPCAUSE})
`;
const plainCaller = { name: 'plain', address: '127.0.0.6', accountcode: 'plain', context: 'plain' };
const from = plainCaller.address;

describe('one Asterisk and the carrier that goes by the last digit', () => {
  let asterisk: AsteriskServer;
  let carrier: Carrier;

  beforeAll(async () => {
    carrier = await startCarrier();
    asterisk = await startAsterisk({
      dir: folder('switch'),
      customers: [plainCaller],
      carriers: [{ name: 'carrier', address: carrier.address }],
      extraDialplan: plainDialplan,
    });
  });
  afterAll(async () => {
    await asterisk?.kill();
    await carrier?.stop();
  });

  test('a number that ends in 0 rings for a second, is answered, and the caller hangs up after its 1.5 s', async () => {
    const seen = await placeCall({ sip: asterisk.sip, from, to: '4930123450', talkMs: 1500 });
    expect(seen).toMatchObject({ exitCode: 0, sipStatus: 200, ringing: true, earlyMedia: false, endedBy: 'caller' });
    expect(seen.talkMs).toBeGreaterThan(1490);
    expect(seen.talkMs).toBeLessThan(1_500 + LATE_MS);
    expect(seen.answeredAt! - seen.invitedAt).toBeGreaterThan(990);
  });

  test.each([
    { digit: 6, status: 486 },
    { digit: 7, status: 404 },
    { digit: 8, status: 503 },
  ])('a number that ends in $digit is refused with $status', async ({ digit, status }) => {
    const seen = await placeCall({ sip: asterisk.sip, from, to: `493012345${digit}` });
    expect(seen).toMatchObject({ exitCode: 0, sipStatus: status, ringing: false, answeredAt: null, talkMs: 0 });
  });

  test('a number that ends in 9 rings until the caller gives up after 1.5 s, and sees 487', async () => {
    const seen = await placeCall({ sip: asterisk.sip, from, to: '4930123459', patienceMs: 1500 });
    expect(seen).toMatchObject({ exitCode: 0, sipStatus: 487, ringing: true, endedBy: 'nobody' });
  });

  test('a long queue of the journal makes it ignore no INVITE', async () => {
    expect(await asterisk.cli('pjsip show settings')).toMatch(/taskprocessor_overload_trigger\s*:\s*pjsip_only/);
  });

  test('it makes no event of the variables that a call sets', async () => {
    const { host, username, password } = new URL(asterisk.ariUrl);
    const all = 'app=watch&subscribeAll=true';
    const socket = new WebSocket(`ws://${host}/ari/events?${all}&api_key=${username}:${password}`);
    const types: string[] = [];
    socket.on('message', text => types.push(JSON.parse(String(text)).type));
    await new Promise((done, failed) => socket.once('open', done).once('error', failed));
    await placeCall({ sip: asterisk.sip, from, to: '4930123451', talkMs: 200 });
    const isDestroyed = async () => (types.filter(type => type === 'ChannelDestroyed').length === 2 ? true : null);
    await eventually(isDestroyed, 'the end of both legs');
    socket.close();
    expect(types).toContain('ChannelStateChange');
    expect(types).not.toContain('ChannelVarset');
  });

  test('60 calls at once are 60 answers', async () => {
    const seen = await placeCall({ sip: asterisk.sip, from, to: '4930123451', talkMs: 1000, calls: 60 });
    expect(seen.calls.map(call => call.sipStatus)).toEqual(Array(60).fill(200));
    expect(seen.exitCode).toBe(0);
  });

  test('every leg leaves its line in the journal and in the call records, with the account and microseconds', async () => {
    await placeCall({ sip: asterisk.sip, from, to: '4930555550', talkMs: 500 });
    const written = async () => {
      const last = readFileSync(asterisk.cdrPath, 'utf8').trim().split('\n').at(-1);
      return last?.includes('"4930555550"') ? last : null;
    };
    expect(await eventually(written, 'the record')).toMatch(
      /"plain","caller","4930555550",.*"\d{10}\.\d{6}","\d{10}\.\d{6}","\d{10}\.\d{6}"/,
    );
    const ended = async () => {
      const lines = readFileSync(asterisk.celPath, 'utf8').trim().split('\n');
      return lines.at(-1)?.startsWith('"CHAN_END"') ? lines : null;
    };
    const journal = await eventually(ended, 'the last line');
    const events = journal.slice(-20).map(line => line.split(',')[0]);
    expect(new Set(events)).toEqual(new Set(['"ANSWER"', '"BRIDGE_ENTER"', '"BRIDGE_EXIT"', '"HANGUP"', '"CHAN_END"']));
    expect(journal.at(-1)).toMatch(/^"CHAN_END","\d{10}\.\d{6}","switch-\w+-\d+\.\d+"/);
  });

  test('frozen, it answers nobody; thawed, it goes on', async () => {
    asterisk.freeze();
    const unheard = await placeCall({ sip: asterisk.sip, from, to: '4930123450', patienceMs: 1500 });
    expect(unheard).toMatchObject({ sipStatus: null, answeredAt: null });
    expect(await answersAri(asterisk.ariUrl)).toBe(false);
    asterisk.thaw();
    const heard = await placeCall({ sip: asterisk.sip, from, to: '4930123450', talkMs: 100 });
    expect(heard.sipStatus).toBe(200);
  });

  test('killed in the middle of a call and started again, it answers on the same ports', async () => {
    const call = await startCalls({ sip: asterisk.sip, from, to: '4930123450', talkMs: 2500 });
    await new Promise(done => setTimeout(done, 1500));
    await asterisk.kill();
    expect(await answersAri(asterisk.ariUrl)).toBe(false);
    // A caller of its own accord would go on saying BYE for 12 s.
    call.kill();
    expect((await call.finished).exitCode).toBeNull();
    await asterisk.restart();
    expect(await answersAri(asterisk.ariUrl)).toBe(true);
    expect((await placeCall({ sip: asterisk.sip, from, to: '4930123456' })).sipStatus).toBe(486);
  });
});

describe('other carriers', () => {
  const withCarrier = async (
    options: Parameters<typeof startCarrier>[0],
    use: (asterisk: AsteriskServer) => Promise<void>,
  ): Promise<void> => {
    const carrier = await startCarrier(options);
    const asterisk = await startAsterisk({
      dir: folder('switch'),
      customers: [plainCaller],
      carriers: [{ name: 'carrier', address: carrier.address }],
      extraDialplan: plainDialplan,
    });
    try {
      await use(asterisk);
    } finally {
      await asterisk.kill();
      await carrier.stop();
    }
  };

  test('one that answers at once and hangs up after 1.2 s', () =>
    withCarrier({ scenario: 'answers', keys: { talk_ms: 1200 } }, async asterisk => {
      const seen = await placeCall({ sip: asterisk.sip, from, to: '4930123450' });
      expect(seen).toMatchObject({ exitCode: 0, sipStatus: 200, endedBy: 'called' });
      expect(seen.talkMs).toBeGreaterThan(1150);
      expect(seen.talkMs).toBeLessThan(1_200 + LATE_MS);
    }));

  test('one with early media: the caller sees 183 before the answer', () =>
    withCarrier({ scenario: 'early-media', keys: { ring_ms: 500, talk_ms: 500 } }, async asterisk => {
      const seen = await placeCall({ sip: asterisk.sip, from, to: '4930123450' });
      expect(seen).toMatchObject({ exitCode: 0, sipStatus: 200, earlyMedia: true, endedBy: 'called' });
    }));

  test('one that never says a word: the caller gives up', () =>
    withCarrier({ scenario: 'silent' }, async asterisk => {
      const seen = await placeCall({ sip: asterisk.sip, from, to: '4930123450', patienceMs: 1000 });
      expect(seen).toMatchObject({ sipStatus: 487, ringing: false });
    }));
});

test('two Asterisk side by side have their own ports, passwords, names and calls', async () => {
  const carriers = await Promise.all([startCarrier(), startCarrier({ address: '127.0.0.7' })]);
  const switches = await Promise.all(
    carriers.map((carrier, index) =>
      startAsterisk({
        dir: folder('switch'),
        systemname: `node${index}`,
        ariPassword: `password-${index}`,
        customers: [plainCaller],
        carriers: [{ name: 'carrier', address: carrier.address }],
        extraDialplan: plainDialplan,
      }),
    ),
  );
  try {
    expect(await Promise.all(switches.map(each => answersAri(each.ariUrl)))).toEqual([true, true]);
    expect(await answersAri(switches[0]!.ariUrl.replace('password-0', 'password-1'))).toBe(false);
    const seen = await Promise.all(
      switches.map(each => placeCall({ sip: each.sip, from, to: '4930123450', talkMs: 500, calls: 10 })),
    );
    expect(seen.flatMap(each => each.calls.map(call => call.sipStatus))).toEqual(Array(20).fill(200));
    for (const [index, each] of switches.entries()) {
      // A record is written when the channel is gone, which is later than the last word to the telephone.
      const records = await eventually(async () => {
        const lines = readFileSync(each.cdrPath, 'utf8').trim().split('\n');
        return lines.length >= 10 ? lines : null;
      }, 'ten records');
      expect(records).toHaveLength(10);
      expect(records[0]).toMatch(new RegExp(`^"node${index}-\\d+\\.\\d+"`));
    }
  } finally {
    await Promise.all([...switches, ...carriers].map(each => each.stop()));
  }
});

test('a port in use is named', async () => {
  const carrier = await startCarrier();
  const [address, port] = carrier.address.split(':');
  await expect(startCarrier({ address: address!, port: Number(port) })).rejects.toThrow(
    `the carrier's port ${carrier.address} (UDP) is in use`,
  );
  await carrier.stop();
});
