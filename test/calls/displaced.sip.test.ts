import { accountRow } from '../credit/ledger-fixture';
import { eventually, LATE_MS } from '../eventually';
import { type Exchange, startExchange } from './exchange';
import { SipPeer } from './sip-peer';

/**
 * A channel takes a leg's place in a call, or a leg is taken out of it: the call ends, charged to that moment. Replaces
 * gets in here because Asterisk does not see a header of more than 4,095 bytes when it identifies the caller (dialplan/pjsip.conf).
 */

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange({ extraDialplan: '[elsewhere]\nexten => s,1,Answer()\n same => n,Wait(30)\n' });
});
afterAll(() => exchange?.stop());

/** Sent by bob, who has no account: no call may let bob in. */
const asBob = '127.0.0.4';
const LONG = `;x=${'a'.repeat(4_200)}`;

async function talk(accountcode: string): Promise<{ peer: SipPeer; call: ReturnType<SipPeer['invite']>; leg: string }> {
  await exchange.account(accountcode, '5.00');
  const peer = await SipPeer.open('127.0.0.5');
  const call = peer.invite(exchange.asterisk.sip, '33123450', accountcode);
  await call.next(/^200 INVITE/);
  const { uniqueid } = await exchange.answered(accountcode);
  await sleep(2_200);
  return { peer, call, leg: String(uniqueid) };
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

async function ari(method: string, path: string): Promise<string> {
  const { origin, username, password } = new URL(exchange.asterisk.ariUrl);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return (await fetch(`${origin}/ari${path}`, { method, headers: { authorization } })).text();
}

/** The dialog of a channel of Asterisk, named as its peer sees it. */
async function dialogOf(channel: string): Promise<string> {
  const read = async (item: string): Promise<string> =>
    JSON.parse(
      await ari('GET', `/channels/${channel}/variable?variable=${encodeURIComponent(`CHANNEL(pjsip,${item})`)}`),
    ).value;
  const [callId, local, remote] = await Promise.all(['call-id', 'local_tag', 'remote_tag'].map(read));
  return `${callId};to-tag=${local};from-tag=${remote}`;
}

/** The call of 2 to 4 s is settled, both are gone, and there is no other call. */
async function expectEnded(accountcode: string, since: number, call: ReturnType<SipPeer['invite']>): Promise<void> {
  expect((await call.next(/^BYE/)).at - since).toBeLessThan(2_000 + LATE_MS);
  await exchange.nothingLeft();
  const [cdr] = await exchange.settled(accountcode);
  expect(cdr).toMatchObject({ disposition: 'ANSWERED', hangup_source: 'service' });
  expect([2, 3, 4]).toContain(cdr!.billsec);
  expect(await accountRow(exchange.test, accountcode)).toMatchObject({ reserved: '0.000000', active_calls: 0 });
  expect(await exchange.test.database('astcdr').where({ accountcode: 'bob' })).toEqual([]);
}

test.each([
  { whose: 'caller', of: (leg: string) => leg },
  { whose: 'callee', of: (leg: string) => `rf-${leg}-1` },
])('who takes the place of the $whose by Replaces is hung up, and the call ends', async ({ whose, of }) => {
  const account = `replaced-${whose}`;
  const { peer, call, leg } = await talk(account);
  const taker = await SipPeer.open(asBob);
  try {
    const since = Date.now();
    const taking = taker.invite(exchange.asterisk.sip, '33123450', 'bob', [
      `Replaces: ${await dialogOf(of(leg))}${LONG}`,
    ]);
    await taking.next(/^200 INVITE/);
    await taking.next(/^BYE/);
    await expectEnded(account, since, call);
    expect(exchange.log).toContainEqual(expect.objectContaining({ event: 'place_taken', of: of(leg) }));
  } finally {
    peer.close();
    taker.close();
  }
});

test('with no service that could see it, Asterisk itself hangs up who would take a place, and the call goes on', async () => {
  const { peer, call, leg } = await talk('unserved');
  const taker = await SipPeer.open(asBob);
  try {
    const dialog = await dialogOf(leg);
    await exchange.service.stop();
    const taking = taker.invite(exchange.asterisk.sip, '33123450', 'bob', [`Replaces: ${dialog}${LONG}`]);
    await taking.next(/^BYE/);
    await exchange.restartService();
    expect(call.received.filter(({ kind }) => kind === 'BYE')).toEqual([]);
    call.request('BYE');
    await exchange.nothingLeft();
    expect(await exchange.settled('unserved')).toMatchObject([{ disposition: 'ANSWERED', hangup_source: 'caller' }]);
  } finally {
    peer.close();
    taker.close();
  }
});

test.each([
  { how: 'is taken out of the bridge', path: (leg: string) => `/bridges/rf-${leg}/removeChannel?channel=${leg}` },
  {
    how: 'is sent on into the dialplan',
    path: (leg: string) => `/channels/${leg}/continue?context=elsewhere&extension=s&priority=1`,
  },
])('a caller who $how is hung up, and the call ends', async ({ how, path }) => {
  const account = `apart-${how.length}`;
  const { peer, call, leg } = await talk(account);
  try {
    const since = Date.now();
    await ari('POST', path(leg));
    expect((await call.next(/^BYE/)).at - since).toBeLessThan(2_000 + LATE_MS);
    await exchange.nothingLeft();
    const [cdr] = await exchange.settled(account);
    expect([2, 3]).toContain(cdr!.billsec);
  } finally {
    peer.close();
  }
});

test('a caller who is sent back into Stasis while he talks, or while his call is settled, is not left in silence', async () => {
  const { peer, call, leg } = await talk('again');
  try {
    const since = Date.now();
    await ari('POST', `/channels/${leg}/continue?context=from-trusted-proxy&extension=33123450&priority=1`);
    expect((await call.next(/^BYE/)).at - since).toBeLessThan(2_000 + LATE_MS);
    await exchange.nothingLeft();
    const cdrs = await exchange.settled('again');
    expect(cdrs).toHaveLength(1);
    expect([2, 3]).toContain(cdrs[0]!.billsec);
  } finally {
    peer.close();
  }
});

test('a switch that has no such bridge any more has its legs hung up by the next service', async () => {
  const { peer, call, leg } = await talk('left');
  try {
    await exchange.service.stop();
    await ari('DELETE', `/bridges/rf-${leg}`);
    await sleep(2_000);
    await exchange.restartService();
    await call.next(/^BYE/);
    await exchange.nothingLeft();
    const [cdr] = await exchange.settled('left');
    expect([2, 3]).toContain(cdr!.billsec);
    await eventually(
      async () => ((await accountRow(exchange.test, 'left'))!.active_calls === 0 ? true : null),
      'the end',
    );
  } finally {
    peer.close();
  }
});
