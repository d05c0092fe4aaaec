/** Strangers who call under a configured name: the shipped files let none of them in, also if a line is forgotten. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SipAgent, type SipRequest } from '../../lab/servers/sip-agent';
import { parseAriUrl } from '../../src/switches/asterisk/ari-address';
import { AriTransport } from '../../src/switches/asterisk/ari-transport';
import { openEndpoints } from '../../src/switches/asterisk/open-endpoints';
import { type Exchange, startExchange } from '../calls/exchange';
import { ringfence } from '../cli/cli-fixture';
import { accountRow } from '../credit/ledger-fixture';
import { eventually } from '../eventually';

const STRANGER = '127.0.0.77';
const NUMBER = '4930123450';
const PASSWORD = 'a-long-random-one';

/** Every kind of endpoint that the shipped files can make. The trunk's is one, too. */
const names = ['alice', 'bob', 'proxy', 'pools', 'telephone', 'carrier'];
const accounts = ['alice', 'bob', 'telephone', 'carol'];

let exchange: Exchange;
/** A test file that ran before in this process may have left some. */
let before: string[];
beforeAll(async () => {
  exchange = await startExchange({
    extraTransports: ['tcp'],
    customers: [
      { name: 'pools', address: '127.0.0.6' },
      { name: 'telephone', password: PASSWORD, accountcode: 'telephone' },
    ],
  });
  for (const account of accounts) await exchange.account(account, '10.00');
  before = written();
});
afterAll(() => exchange?.stop());

/** What Asterisk has written about calls. */
const written = (): string[] =>
  [exchange.asterisk.cdrPath, exchange.asterisk.celPath].map(path =>
    existsSync(path) ? readFileSync(path, 'utf8') : '',
  );

/** What a stranger got, by what the stranger tried. */
async function answersTo(transport: 'UDP' | 'TCP', tries: Record<string, SipRequest>): Promise<Record<string, number>> {
  const agent = await SipAgent.open({ sip: exchange.asterisk.sip, from: STRANGER, transport });
  try {
    const answers = Object.entries(tries).map(async ([what, request]) => [what, (await agent.ask(request)).status]);
    return Object.fromEntries(await Promise.all(answers));
  } finally {
    agent.close();
  }
}

/** Neither a channel nor a record of Asterisk, nor a call or a cent of Ringfence. */
async function nothingMoved(): Promise<void> {
  const { asterisk, test, log } = exchange;
  expect(await asterisk.cli('core show channels count')).toMatch(
    /0 active channels\n0 active calls\n0 calls processed/,
  );
  expect(written()).toEqual(before);
  expect(await test.database('astcdr').select('uniqueid')).toEqual([]);
  expect(log.filter(({ event }) => String(event).startsWith('call_'))).toEqual([]);
  for (const account of accounts) {
    expect(await accountRow(test, account)).toEqual({ balance: '10.000000', reserved: '0.000000', active_calls: 0 });
  }
}

describe.each(['UDP', 'TCP'] as const)('over %s, from an address that is no customer', transport => {
  test.each(names)('whoever says that he is %s is asked for a password (401), and nothing moves', async name => {
    const uri = `sip:${name}@${exchange.asterisk.sip}`;
    const call = (more: Partial<SipRequest>): SipRequest => ({
      method: 'INVITE',
      fromUser: 'stranger',
      to: NUMBER,
      ...more,
    });
    const invented =
      `Authorization: Digest username="${name}", realm="asterisk", nonce="1", uri="${uri}", ` +
      'response="0123456789abcdef0123456789abcdef", algorithm=MD5';
    const identities = [
      `P-Asserted-Identity: "${name}" <${uri}>`,
      `P-Preferred-Identity: <${uri}>`,
      `Remote-Party-ID: <${uri}>;party=calling;privacy=off;screen=yes`,
    ];
    const seen = await answersTo(transport, {
      From: call({ fromUser: name }),
      Contact: call({ contact: uri }),
      'P-Asserted-Identity': call({ headers: [identities[0]!] }),
      'P-Preferred-Identity': call({ headers: [identities[1]!] }),
      'Remote-Party-ID': call({ headers: [identities[2]!] }),
      Authorization: call({ headers: [invented] }),
      'all at once': call({ fromUser: name, contact: uri, headers: [...identities, invented] }),
      'a wrong password': call({ fromUser: name, password: 'guessed' }),
      'no password': call({ fromUser: name, password: '' }),
      REGISTER: { method: 'REGISTER', fromUser: name },
      'REGISTER, a wrong password': { method: 'REGISTER', fromUser: name, password: 'guessed' },
      OPTIONS: { method: 'OPTIONS', fromUser: name, to: NUMBER },
      SUBSCRIBE: { method: 'SUBSCRIBE', fromUser: name, to: NUMBER, headers: ['Event: presence'] },
      MESSAGE: { method: 'MESSAGE', fromUser: name, to: NUMBER },
    });
    expect(Object.entries(seen).filter(([, status]) => status !== 401)).toEqual([]);
    await nothingMoved();
  });
});

test('of a hundred strangers in a row nobody is let in, whatever he guesses', async () => {
  const guesses = Array.from({ length: 100 }, (_, at) => `guess-${at}`);
  const seen = await answersTo(
    'UDP',
    Object.fromEntries(
      guesses.map(password => [password, { method: 'INVITE', fromUser: 'telephone', to: NUMBER, password }]),
    ),
  );
  expect(new Set(Object.values(seen))).toEqual(new Set([401]));
  await nothingMoved();
});

test('a telephone with its password is let in from there, and pays', async () => {
  const telephone = { fromUser: 'telephone', password: PASSWORD };
  const seen = await answersTo('UDP', {
    registration: { method: 'REGISTER', ...telephone },
    call: { method: 'INVITE', to: NUMBER, ...telephone },
  });
  expect(seen).toEqual({ registration: 200, call: 200 });
  expect(await exchange.settled('telephone')).toMatchObject([{ disposition: 'ANSWERED' }]);
});

describe('lines that were forgotten', () => {
  const forgotten = {
    'without-template': 'type = endpoint\nallow = ulaw\ncontext = from-customer\naccountcode = alice',
    'without-template-proxy': 'type = endpoint\nallow = ulaw\ncontext = from-trusted-proxy',
    'by-a-header':
      'type = endpoint\nallow = ulaw\ncontext = from-customer\naccountcode = alice\nidentify_by = header,username',
    emptied:
      'type = endpoint\nallow = ulaw\ncontext = from-customer\naccountcode = alice\nidentify_by = username\nauth =',
  };
  const ofTemplates = [
    ...readFileSync(join(__dirname, '../../dialplan/pjsip.conf'), 'utf8').matchAll(/^\[(.+)\]\(!.*\)/gm),
  ]
    .map(([, template]) => template!)
    .filter(template => !/-(address|registration)$/.test(template));
  const nameOf = (template: string) => `only-${template}`;

  beforeAll(async () => {
    const sections = [
      ...Object.entries(forgotten).map(([name, lines]) => `[${name}]\n${lines}\n`),
      ...ofTemplates.map(template => `[${nameOf(template)}](${template})\naccountcode = alice\n`),
    ];
    appendFileSync(join(exchange.asterisk.dir, 'etc/pjsip-customers.conf'), sections.join('\n'));
    await exchange.asterisk.cli('module reload res_pjsip.so');
    await eventually(
      async () => ((await exchange.asterisk.cli('pjsip show endpoints')).includes('emptied') ? true : null),
      'the endpoints',
    );
  });

  test('every template alone makes an endpoint that no stranger can be', async () => {
    expect(ofTemplates).toEqual(
      expect.arrayContaining([
        'billed',
        'customer',
        'customer-encrypted',
        'phone',
        'phone-encrypted',
        'trusted-proxy',
        'carrier',
      ]),
    );
    for (const method of ['INVITE', 'REGISTER'] as const) {
      const seen = await answersTo(
        'UDP',
        Object.fromEntries(
          ofTemplates.map(template => [template, { method, fromUser: nameOf(template), to: NUMBER, password: '' }]),
        ),
      );
      // The telephone's auth does not exist, which Asterisk calls its own error.
      const expected = ofTemplates.map(template => [template, template.startsWith('phone') ? 500 : 401]);
      expect(seen).toEqual(Object.fromEntries(expected));
    }
  });

  test('an endpoint that anybody could be is refused by the dialplan (403), before Ringfence hears of the call', async () => {
    const callsBefore = exchange.log.length;
    for (const transport of ['UDP', 'TCP'] as const) {
      for (const to of [NUMBER, 'abc', '500&PJSIP/x']) {
        const tries = Object.keys(forgotten).map(name => [name, { method: 'INVITE', fromUser: name, to }]);
        const seen = await answersTo(transport, Object.fromEntries(tries));
        expect(seen).toEqual(Object.fromEntries(tries.map(([name]) => [name, 403])));
      }
    }
    expect(exchange.log.slice(callsBefore).filter(({ event }) => String(event).startsWith('call_'))).toEqual([]);
    expect(await exchange.test.database('astcdr').where({ accountcode: 'alice' })).toEqual([]);
    expect(readFileSync(exchange.asterisk.logPath, 'utf8')).toContain('Endpoint by-a-header has neither');
    expect(await accountRow(exchange.test, 'alice')).toMatchObject({ balance: '10.000000' });
  });

  test('what Asterisk has is read over ARI: these four are open, and no other', async () => {
    const transport = new AriTransport(parseAriUrl(exchange.asterisk.ariUrl), 5_000);
    expect(await openEndpoints(transport)).toEqual(Object.keys(forgotten).sort());
    await transport.close();
  });

  test('a service reports them when it connects: a line of error, and a line of status, until they are closed', async () => {
    await exchange.restartService();
    const { systemname } = exchange.asterisk;
    const details =
      'any stranger can call as by-a-header, emptied, without-template, without-template-proxy without a password.';
    const status = async () => (await ringfence(exchange.test.url, ['status'])).out;
    await eventually(
      async () => ((await status()).includes(`ALARM endpoint_open, ${systemname}: ${details}`) ? true : null),
      'the alarm',
    );
    expect(exchange.log.filter(({ event }) => event === 'endpoint_open')).toMatchObject([
      { level: 50, subject: systemname, details: expect.stringContaining(details) },
    ]);
    await exchange.service.stop();
    expect(await status()).not.toContain('ALARM');
    const path = join(exchange.asterisk.dir, 'etc/pjsip-customers.conf');
    const [customers] = readFileSync(path, 'utf8').split('[without-template]');
    writeFileSync(path, customers!);
    await exchange.asterisk.cli('module reload res_pjsip.so');
    await exchange.restartService();
    await eventually(
      async () => (exchange.log.filter(({ event }) => event === 'switch_connected').length === 3 ? true : null),
      'the connection',
    );
    expect(await status()).not.toContain('ALARM');
  });
});
