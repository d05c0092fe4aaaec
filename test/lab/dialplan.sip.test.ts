import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { type AsteriskServer, labCustomers, startAsterisk } from '../../lab/servers/asterisk';
import { changeSetting, enableSection } from '../../lab/servers/asterisk-config';
import { type Carrier, placeCall, startCarrier } from '../../lab/servers/sipp';
import { parseAriUrl } from '../../src/switches/asterisk/ari-address';
import { AriTransport } from '../../src/switches/asterisk/ari-transport';
import { openEndpoints } from '../../src/switches/asterisk/open-endpoints';
import { SipPeer } from '../calls/sip-peer';
import { eventually, LATE_MS } from '../eventually';

/** The promises of the shipped files in dialplan/ by themselves, without Ringfence. */

const folder = (name: string): string => mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER!, `${name}-`));
const [alice, bob, proxy] = ['127.0.0.2', '127.0.0.4', '127.0.0.5'];
const plainCaller = { name: 'plain', address: '127.0.0.6', accountcode: 'plain', context: 'plain' };

let carrier: Carrier;
let asterisk: AsteriskServer;

beforeAll(async () => {
  carrier = await startCarrier();
  asterisk = await startAsterisk({
    dir: folder('switch'),
    customers: [...labCustomers, plainCaller],
    carriers: [{ name: 'carrier', address: carrier.address }],
    rtpTimeoutSeconds: 3,
    patienceSeconds: 2,
    extraDialplan: `[plain]\nexten => _X.,1,Dial(PJSIP/\${EXTEN}@carrier,60)\n`,
  });
});
afterAll(async () => {
  await asterisk?.kill();
  await carrier?.stop();
});

/** A service that registers, receives every call, and does nothing: as if frozen. */
async function listen(): Promise<{ calls: { accountcode: string; dialled: string }[]; close(): Promise<void> }> {
  const { host, username, password } = new URL(asterisk.ariUrl);
  const socket = new WebSocket(`ws://${host}/ari/events?app=ringfence&api_key=${username}:${password}`);
  const calls: { accountcode: string; dialled: string }[] = [];
  socket.on('message', text => {
    const event = JSON.parse(String(text));
    if (event.type !== 'StasisStart') return;
    calls.push({ accountcode: event.channel.accountcode, dialled: event.channel.dialplan.exten });
  });
  await new Promise((done, failed) => socket.once('open', done).once('error', failed));
  // Asterisk registers the application after it has answered the handshake, and forgets it after the socket has closed.
  const isServed = async () => (await asterisk.cli('ari show apps')).includes('ringfence');
  await eventually(async () => ((await isServed()) ? true : null), 'the application');
  return {
    calls,
    async close() {
      socket.close();
      await eventually(async () => ((await isServed()) ? null : true), 'the end of the application');
    },
  };
}

describe('nobody serves the application', () => {
  test.each(['4930123451', '+4930123451', '004930123451', '500&PJSIP/x', '500,foo', '500)', 'abc', '5', '*', '%2b49'])(
    '%s is refused with 500 (cause 38), and no other leg is made',
    async to => {
      expect(await placeCall({ sip: asterisk.sip, from: bob, to })).toMatchObject({ sipStatus: 500, ringing: false });
      expect(await asterisk.cli('core show channels count')).toContain('0 active channels');
    },
  );

  test.each(['h', 'i', 't', 'T', 's'])('%s, a special extension of Asterisk, is not found (404)', async to => {
    expect(await placeCall({ sip: asterisk.sip, from: bob, to })).toMatchObject({ sipStatus: 404 });
  });

  test('an address that is no customer is not let in (401)', async () => {
    const seen = await placeCall({ sip: asterisk.sip, from: '127.0.0.77', to: '4930123451' });
    expect(seen).toMatchObject({ sipStatus: 401 });
  });
});

test.each([
  {
    from: alice,
    fromUser: 'mallory',
    accountcode: 'alice',
    why: 'its endpoint says who pays, whatever it says itself',
  },
  { from: bob, fromUser: 'alice', accountcode: 'bob', why: 'its endpoint says who pays, whatever it says itself' },
  { from: proxy, fromUser: 'carol', accountcode: 'carol', why: 'a trusted proxy names the account' },
  { from: proxy, fromUser: 'Carol', accountcode: 'Carol', why: 'capitals are kept' },
  {
    from: proxy,
    fromUser: "x)?System(rm,'&y",
    accountcode: "x)?System(rm,'&y",
    why: 'the name is never read as dialplan',
  },
])('a call from $from as $fromUser is $accountcode: $why', async ({ from, fromUser, accountcode }) => {
  const service = await listen();
  // No answer: the switch gives the caller up after its 2 s of patience.
  await placeCall({ sip: asterisk.sip, from, fromUser, to: '500&PJSIP/x' });
  await service.close();
  expect(service.calls).toEqual([{ accountcode, dialled: '500&PJSIP/x' }]);
});

test.each([
  { user: 'x'.repeat(79), accountcode: 'x'.repeat(79), why: 'Asterisk keeps 79 bytes' },
  { user: 'x'.repeat(80), accountcode: '', why: 'cut, it would be the one of 79' },
  { user: 'x'.repeat(90), accountcode: '', why: 'cut, it would be the one of 79' },
  { user: `${'x'.repeat(76)}%E4%B8%AD`, accountcode: `${'x'.repeat(76)}中`, why: 'bytes count, as they are decoded' },
  { user: '%E4%B8%AD'.repeat(27), accountcode: '', why: '27 characters are 81 bytes' },
  { user: `x)${'x'.repeat(78)}`, accountcode: '', why: 'a bracket in it changes nothing' },
  { user: `x)%3a0%3a3${'x'.repeat(75)}`, accountcode: '', why: 'nor does what looks like dialplan' },
  { user: 'x)%3a0%3a3', accountcode: 'x):0:3', why: 'it is a name' },
  { user: 'alice%00x', accountcode: '', why: 'cut, it would be alice' },
  { user: 'alice%00', accountcode: '', why: 'cut, it would be alice' },
  { user: '%61lice', accountcode: 'alice', why: 'it is the same name' },
  { user: 'alice;cpc=ordinary', accountcode: 'alice', why: 'a parameter is no part of the name' },
  { user: `x)%22${'x'.repeat(75)}%22`, accountcode: `x)"${'x'.repeat(75)}"`, why: 'a quote is a byte' },
  { user: 'a%40b%2Cc%22%3C', accountcode: 'a@b,c"<', why: 'what is escaped is part of the name' },
])('a trusted proxy that names $user calls on the account "$accountcode": $why', async ({ user, accountcode }) => {
  const service = await listen();
  const peer = await SipPeer.open(proxy);
  const call = peer.invite(asterisk.sip, '4930123451', user);
  await call.next(/^[3-6]\d\d INVITE/);
  peer.close();
  await service.close();
  expect(service.calls).toEqual([{ accountcode, dialled: '4930123451' }]);
});

test.each(['4930123451%00', '4930123451%0099', '112%00;rn=49', '49)%3a%00', '%7c1%00'])(
  'a number with a NUL, %s, is refused with 484 and not cut',
  async to => {
    const service = await listen();
    const peer = await SipPeer.open(alice);
    const call = peer.invite(asterisk.sip, to, 'alice');
    expect((await call.next(/^[3-6]\d\d INVITE/)).kind).toBe('484 INVITE');
    peer.close();
    await service.close();
    expect(service.calls).toEqual([]);
  },
);

test('a service that has the call and does nothing keeps the caller for 2 s, not forever', async () => {
  const service = await listen();
  const seen = await placeCall({ sip: asterisk.sip, from: alice, to: '4930123451' });
  await service.close();
  expect(seen.sipStatus).toBe(603);
  expect(seen.endedAt - seen.invitedAt).toBeGreaterThan(1900);
  expect(seen.endedAt - seen.invitedAt).toBeLessThan(2_000 + LATE_MS);
});

test('a caller who tries to transfer (REFER) is refused with 603, and its call goes on', async () => {
  const seen = await placeCall({
    sip: asterisk.sip,
    from: plainCaller.address,
    to: '4930123450',
    scenario: 'transfers',
    keys: { refer_to: '4930123451' },
  });
  expect(seen).toMatchObject({ exitCode: 0, sipStatus: 603, endedBy: 'caller' });
  expect(seen.talkMs).toBeGreaterThan(1490);
});

describe('an INVITE with Replaces, which would take the place of a party of a call', () => {
  test.each([
    { what: 'from another customer', host: '127.0.0.4', more: [] },
    { what: 'from the same customer', host: plainCaller.address, more: [] },
    { what: 'from a stranger', host: '127.0.0.77', more: [] },
    { what: 'that must be understood', host: '127.0.0.4', more: ['Require: replaces'] },
    { what: 'with a second header', host: '127.0.0.4', more: ['Replaces: another;to-tag=1;from-tag=2'] },
  ])('$what is refused with 404, and the call goes on', async ({ host, more }) => {
    const [first, other] = await Promise.all([SipPeer.open(plainCaller.address), SipPeer.open(host)]);
    try {
      const call = first.invite(asterisk.sip, '4930123450', 'plain');
      await call.next(/^200 INVITE/);
      const taking = other.invite(asterisk.sip, '4930123450', 'x', [`Replaces: ${call.replaces}`, ...more]);
      expect((await taking.next(/^[2-6]\d\d INVITE/)).kind).toBe('404 INVITE');
      expect(await asterisk.cli('core show channels count')).toContain('2 active channels');
      expect(call.received.filter(({ kind }) => kind === 'BYE')).toEqual([]);
      call.request('BYE');
      await call.next(/^200 BYE/);
    } finally {
      first.close();
      other.close();
    }
  });
});

test('a call without media is ended after rtp_timeout, here 3 s', async () => {
  const seen = await placeCall({ sip: asterisk.sip, from: plainCaller.address, to: '4930123450', talkMs: 10_000 });
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called' });
  expect(seen.talkMs).toBeGreaterThan(2900);
  expect(seen.talkMs).toBeLessThan(5000);
  const isWritten = async () => readFileSync(asterisk.celPath, 'utf8').includes('""hangupcause"":44') || null;
  await eventually(isWritten, 'cause 44 in the journal');
});

test('the examples in the shipped customer and carrier files load as they are, and nobody can be one by its name', async () => {
  for (const name of ['pjsip-customers.conf', 'pjsip-carriers.conf']) {
    const shipped = readFileSync(join(__dirname, '../../dialplan', name), 'utf8');
    writeFileSync(join(asterisk.dir, 'etc', name), shipped.replace(/^;(\[|\w+ = )/gm, '$1'));
  }
  await asterisk.restart();
  const endpoints = await asterisk.cli('pjsip show endpoints');
  for (const name of ['alice', 'bob', 'proxy', 'main-carrier'])
    expect(endpoints).toMatch(new RegExp(`Endpoint:  ${name}`));
  expect(await asterisk.cli('pjsip show endpoint main-carrier')).toMatch(/allow_transfer +: false/);
  const transport = new AriTransport(parseAriUrl(asterisk.ariUrl), 5_000);
  expect(await openEndpoints(transport)).toEqual([]);
  await transport.close();
});

test('a setting that the lab has to change and does not find stops it', () => {
  const text = '[a]\n;port = 1\n;[c]\n;port = 3\n[b]\nport = 2\n';
  expect(changeSetting(text, 'a', 'port', '9')).toBe('[a]\nport = 9\n;[c]\n;port = 3\n[b]\nport = 2\n');
  expect(() => changeSetting(text, 'a', 'address', '9')).toThrow('has 0 settings address in [a], not 1');
});

test('a section that is shipped as a comment is put in force whole, explanations left alone', () => {
  const text = '[a]\nx = 1\n\n; Why.\n;[b]\n;y = 2\n; More.\n;z = 3\n\n;[c]\n;y = 4\n';
  expect(enableSection(text, 'b')).toBe('[a]\nx = 1\n\n; Why.\n[b]\ny = 2\n; More.\nz = 3\n\n;[c]\n;y = 4\n');
  expect(() => enableSection(text, 'a')).toThrow('has 0 commented sections [a], not 1');
});
