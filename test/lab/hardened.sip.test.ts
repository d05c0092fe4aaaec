/** The statements of dialplan/README.md about the shipped files as a switch on the open internet. */
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AsteriskServer, startAsterisk } from '../../lab/servers/asterisk';
import { headerOf, SipAgent, type SipRequest, type SipResponse, type SipTransport } from '../../lab/servers/sip-agent';
import { placeCall } from '../../lab/servers/sipp';
import { eventually } from '../eventually';

const PASSWORD = 'a-long-random-one';

let asterisk: AsteriskServer;
beforeAll(async () => {
  asterisk = await startAsterisk({
    dir: mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER!, 'hardened-')),
    extraTransports: ['tcp', 'tls'],
    carriers: [],
    customers: [
      { name: 'alice', address: '127.0.0.2', accountcode: 'alice' },
      { name: 'telephone', password: PASSWORD, accountcode: 'telephone', context: 'answers' },
      { name: 'secret', password: PASSWORD, accountcode: 'secret', context: 'answers', encrypted: true },
      { name: 'secret-switch', address: '127.0.0.9', accountcode: 'secret', context: 'answers', encrypted: true },
    ],
    extraDialplan: '[answers]\nexten => _X.,1,Answer()\n same => n,Wait(5)\n',
  });
});
afterAll(() => asterisk?.kill());

async function ask(request: SipRequest, from: string, transport: SipTransport = 'UDP'): Promise<SipResponse> {
  const sip = transport === 'TLS' ? asterisk.sipTls : asterisk.sip;
  const agent = await SipAgent.open({ sip, from, transport });
  try {
    return await agent.ask(request);
  } finally {
    agent.close();
  }
}

const call = (fromUser: string, more: Partial<SipRequest> = {}): SipRequest => ({
  method: 'INVITE',
  fromUser,
  to: '4930123450',
  password: PASSWORD,
  ...more,
});

describe('TLS and SRTP', () => {
  test('a call over TLS has keys for its media in both directions', async () => {
    expect(await asterisk.cli('pjsip show transports')).toMatch(/transport-tls +tls/);
    const seen = await ask(call('secret', { srtp: true }), '127.0.0.77', 'TLS');
    expect(seen.status).toBe(200);
    expect(seen.text).toMatch(/^m=audio \d+ RTP\/SAVP 0/m);
    expect(seen.text).toMatch(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/m);
  });

  test.each([
    ['secret', '127.0.0.77'],
    ['secret-switch', '127.0.0.9'],
  ])('%s is not let in without SRTP (488)', async (name, from) => {
    expect((await ask(call(name), from, 'TLS')).status).toBe(488);
    expect((await ask(call(name, { srtp: true }), from, 'TLS')).status).toBe(200);
  });

  test('over TLS a stranger is a stranger', async () => {
    for (const name of ['alice', 'secret', 'secret-switch', 'nobody']) {
      expect((await ask(call(name, { srtp: true, password: 'guessed' }), '127.0.0.77', 'TLS')).status).toBe(401);
    }
  });
});

test('security.log has who tried what, from where', async () => {
  await ask(call('telephone', { password: 'guessed' }), '127.0.0.66');
  await ask(call('nobody-at-all', { password: 'guessed' }), '127.0.0.67');
  const text = await eventually(async () => {
    const written = readFileSync(join(asterisk.dir, 'log/security.log'), 'utf8');
    return written.includes('127.0.0.67') ? written : null;
  }, 'the stranger');
  expect(text).toMatch(
    /SecurityEvent="ChallengeResponseFailed".*AccountID="telephone".*RemoteAddress="IPV4\/UDP\/127\.0\.0\.66/,
  );
  expect(text).not.toContain(PASSWORD);
});

test('a telephone whose address changed takes the place of its former registration, and is asked whether it is there', async () => {
  const registration: SipRequest = { method: 'REGISTER', fromUser: 'telephone', password: PASSWORD };
  expect((await ask(registration, '127.0.0.78')).status).toBe(200);
  expect((await ask(registration, '127.0.0.79')).status).toBe(200);
  const contacts = await asterisk.cli('pjsip show contacts');
  expect(contacts).toContain('@127.0.0.79');
  expect(contacts).not.toContain('@127.0.0.78');
  expect(await asterisk.cli('pjsip show aor telephone')).toMatch(/qualify_frequency +: 60/);
});

test('nothing that it says tells its name or version', async () => {
  const answers = await Promise.all([
    ask({ method: 'OPTIONS', fromUser: 'nobody' }, '127.0.0.77'),
    ask({ method: 'REGISTER', fromUser: 'nobody' }, '127.0.0.77'),
    ask(call('telephone'), '127.0.0.77'),
  ]);
  for (const { text } of answers) {
    expect(headerOf(text, 'Server')).toBe('PBX');
    expect(text.replace(/^WWW-Authenticate:.*$/m, '')).not.toMatch(/asterisk|22\.\d/i);
  }
  const { headers } = await fetch(new URL(asterisk.ariUrl).origin);
  expect(headers.get('server')).toBe('PBX');
});

test('its other remote control, AMI, is shut', async () => {
  // Without our file Asterisk would read the distribution's own.
  expect(readFileSync(join(asterisk.dir, 'etc/manager.conf'), 'utf8')).toMatch(/^enabled = no$/m);
  expect(await asterisk.cli('manager show settings')).toMatch(/Manager \(AMI\): +No/);
});

test.each(['*8', '*1', '##', '#1'])('%s, a feature of others, is a call as any', async to => {
  // No service runs: the dialplan refuses.
  expect(await placeCall({ sip: asterisk.sip, from: '127.0.0.2', to })).toMatchObject({ sipStatus: 500 });
});

test('nobody is let in as anonymous, and no method but those of calls is answered to a customer', async () => {
  expect(await asterisk.cli('pjsip show identifiers')).not.toContain('anonymous');
  expect((await ask(call('anonymous'), '127.0.0.77')).status).toBe(401);
  const of = async (method: SipRequest['method'], headers: string[] = []) =>
    (await ask({ method, fromUser: 'alice', to: '4930123450', headers }, '127.0.0.2')).status;
  expect(await of('OPTIONS')).toBe(200);
  expect([405, 501]).toContain(await of('MESSAGE'));
  expect(await of('SUBSCRIBE', ['Event: presence'])).toBe(603);
  expect([405, 489, 501]).toContain(await of('PUBLISH', ['Event: presence']));
});

test('it registers with a carrier by the shipped example', async () => {
  const shipped = readFileSync(join(__dirname, '../../dialplan/pjsip-carriers.conf'), 'utf8');
  const example = shipped
    .slice(shipped.indexOf(';[other-carrier](carrier)'))
    .replace(/^;(?=\[|\w+ = )/gm, '')
    .replace('username = our-name-there', 'username = telephone')
    .replaceAll('sip:our-name-there@', 'sip:telephone@')
    // It is its own carrier here.
    .replaceAll('sip.example.net', asterisk.sip);
  appendFileSync(join(asterisk.dir, 'etc/pjsip-carriers.conf'), example);
  await asterisk.cli('module reload res_pjsip.so');
  await asterisk.cli('module reload res_pjsip_outbound_registration.so');
  await eventually(
    async () => (/other-carrier\/sip.* Registered/.test(await asterisk.cli('pjsip show registrations')) ? true : null),
    'the registration',
  );
});
