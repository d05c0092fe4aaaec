/**
 * A database so far away that a start takes longer than a phone waits for a first answer: a real Kamailio with the documented
 * configurations.
 */

import { type Distance, openDistance } from '../../../lab/servers/distance';
import { findFreePort } from '../../../lab/servers/ports';
import { CALL_CONTROL_EXCHANGE, PATIENT_CNXCC, type ProxyExchangeOptions, startProxyExchange } from './proxy-fixture';

/** One round trip; a start takes three of them. */
const ROUND_TRIP_MS = 300;

/** A phone sends its INVITE again after 500 ms without any answer; the one call still gets one question. */
async function expectOneCall(accountcode: string, options: ProxyExchangeOptions): Promise<void> {
  const ways: Distance[] = [];
  const through = async (url: string) => {
    const way = await openDistance(url, 0);
    ways.push(way);
    return way.url;
  };
  const exchange = await startProxyExchange({ ...options, through });
  await exchange.account('far', '5.00');
  for (const way of ways) way.distanceMs = ROUND_TRIP_MS;
  const call = await exchange.begin('far', '33123450', { talkMs: 3_100 });
  await exchange.answered(accountcode);
  const seen = await call.finished;
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'caller' });
  const [cdr, ...more] = await exchange.settled(accountcode);
  expect(cdr).toMatchObject({ billsec: 3, disposition: 'ANSWERED' });
  expect(more).toEqual([]);
  const authorised = exchange.lines.filter(({ event }) => event === 'call_authorised');
  expect(authorised).toMatchObject([{ elapsed_ms: expect.any(Number) }]);
  expect(authorised[0].elapsed_ms).toBeGreaterThan(600);
  expect(exchange.lines.filter(({ event }) => event === 'door_refused')).toEqual([]);
  await exchange.stop();
  for (const way of ways) await way.close();
}

test('call_control lets a call through that takes longer to decide than a phone is patient, once', async () => {
  await expectOneCall('far', CALL_CONTROL_EXCHANGE);
}, 120_000);

test("cnxcc's commands do likewise", async () => {
  const port = await findFreePort();
  await expectOneCall('pool:far', {
    heading: "Kamailio, cnxcc's commands",
    instead: () => ({ 'http://127.0.0.1:8020/': `http://127.0.0.1:${port}/`, ...PATIENT_CNXCC }),
    settings: ({ rpcPort }) => ({
      RINGFENCE_CNXCC_LISTEN: String(port),
      RINGFENCE_PROXY_RPC: `kamailio+udp://127.0.0.1:${rpcPort}`,
      RINGFENCE_PROXY_LIMIT_TABLE: 'ringfence',
    }),
  });
}, 120_000);
