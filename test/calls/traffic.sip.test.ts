/** What a call asks of its switch and is told by it, by who dials: each request and each event costs a busy switch calls. */
import { documentedContext } from '../../lab/documented';
import { openSwitchTraffic, type SwitchTraffic } from '../../lab/servers/switch-traffic';
import { eventually } from '../eventually';
import { type Exchange, startExchange } from './exchange';

const OWN = '127.0.0.7';
/** The caller's, and two of the callee that Ringfence dials: Asterisk and the service both end that leg, and the second is told only where the first is still at work. */
const MOST_HANG_UPS = { bridged: 3, dialplan: 2 };

let exchange: Exchange;
let traffic: SwitchTraffic;
beforeAll(async () => {
  exchange = await startExchange({
    customers: [{ name: 'own', address: OWN, accountcode: 'own', context: 'from-customer-own-dial' }],
    extraDialplan: documentedContext('docs/doors.md', 'from-customer-own-dial'),
  });
  traffic = await openSwitchTraffic(exchange.asterisk.ariUrl);
  await exchange.restartService({ RINGFENCE_ARI_URL: traffic.url });
});
afterAll(async () => {
  await exchange?.stop();
  await traffic?.close();
});

/** The requests that name a channel or a bridge, and the events, of one call that is answered and hung up by its caller. */
async function trafficOf(account: string, from?: string) {
  const before = { requests: traffic.requests.length, events: traffic.events.length };
  const seen = await exchange.call(account, '49301234500', { talkMs: 300, ...(from !== undefined && { from }) });
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  const [cdr] = await exchange.settled(account);
  await exchange.nothingLeft();
  const isDestroyed = () =>
    traffic.events.slice(before.events).filter(type => type === 'ChannelDestroyed').length === 2;
  await eventually(async () => (isDestroyed() ? true : null), 'the end of both legs');
  // What the service asks when it hears of that.
  await new Promise(resolve => setTimeout(resolve, 500));
  const uniqueid = String((cdr as Record<string, unknown>).uniqueid);
  const requests = traffic.requests
    .slice(before.requests)
    .filter(request => /^\w+ \/(channels|bridges|applications)\/./.test(request))
    // Of the connection, which the service may have opened just now.
    .filter(request => !request.endsWith('/eventFilter'))
    .map(request => request.replaceAll(uniqueid, 'A').replaceAll('rf-A-1', 'B'))
    .map(request => request.replace(/^(DELETE \/channels\/)(?!A$|B$).*/, '$1B'));
  // How often a limit is read back is for the time to say.
  const isReadBack = (request: string) => /^GET .*\/variable$/.test(request);
  const events = traffic.events.slice(before.events);
  const HANG_UP = 'ChannelHangupRequest';
  return {
    requests: requests.filter(request => !isReadBack(request)).sort(),
    events: events.filter(type => type !== HANG_UP).sort(),
    hangUpRequests: events.filter(type => type === HANG_UP).length,
  };
}

test('a call that Ringfence dials', async () => {
  await exchange.account('bridged', '10');
  const { requests, events, hangUpRequests } = await trafficOf('bridged');
  expect(requests).toEqual([
    'DELETE /bridges/rf-A',
    'DELETE /channels/B',
    'POST /bridges/rf-A',
    'POST /bridges/rf-A/addChannel',
    // Before the callee is dialled, and from the answer on.
    'POST /channels/A/variable',
    'POST /channels/A/variable',
    'POST /channels/B/dial',
    'POST /channels/B/variable',
    'POST /channels/create',
  ]);
  expect(events).toEqual([
    ...Array(2).fill('ChannelDestroyed'),
    ...Array(2).fill('ChannelLeftBridge'),
    ...Array(3).fill('ChannelStateChange'),
    ...Array(3).fill('Dial'),
    ...Array(2).fill('StasisEnd'),
    ...Array(2).fill('StasisStart'),
  ]);
  expect(hangUpRequests).toBeLessThanOrEqual(MOST_HANG_UPS.bridged);
});

test('a call that the dialplan dials', async () => {
  await exchange.account('own', '10');
  const { requests, events, hangUpRequests } = await trafficOf('own', OWN);
  expect(requests).toEqual([
    'POST /applications/ringfence/subscription',
    'POST /applications/ringfence/subscription',
    'POST /channels/A/continue',
    'POST /channels/A/variables',
  ]);
  expect(events).toEqual([
    ...Array(2).fill('ChannelDestroyed'),
    'ChannelStateChange',
    ...Array(3).fill('Dial'),
    'StasisEnd',
    'StasisStart',
  ]);
  expect(hangUpRequests).toBeLessThanOrEqual(MOST_HANG_UPS.dialplan);
});
