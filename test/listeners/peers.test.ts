import { Writable } from 'node:stream';
import pino from 'pino';
import { parseListenAt } from '../../src/listeners/listen-at';
import { LostAnswers } from '../../src/listeners/lost-answers';
import { parsePeers } from '../../src/listeners/peers';
import { RefusalLog } from '../../src/listeners/refusal-log';

test('an address is let in by itself, by its network, and as IPv6 tells of IPv4', () => {
  const peers = parsePeers(['10.0.0.7', '192.168.4.0/22', '::1', 'fd00::/8']);
  const has = ['10.0.0.7', '::ffff:10.0.0.7', '192.168.7.255', '::1', 'fd12::3'];
  const hasNot = ['10.0.0.8', '192.168.8.0', '::2', 'fe80::1', '', 'localhost', '10.0.0.7 ', '::ffff:10.0.0.8'];
  expect(has.filter(address => !peers.has(address))).toEqual([]);
  expect(hasNot.filter(address => peers.has(address))).toEqual([]);
  expect(parsePeers([]).has('127.0.0.1')).toBe(false);
});

test.each(['sems.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '::1/129', '10.0.0.0/8/8'])(
  '%s is no peer',
  entry => {
    expect(() => parsePeers([entry])).toThrow(`${JSON.stringify(entry)} is no address or network`);
  },
);

test('a door listens on loopback unless told otherwise', () => {
  expect(parseListenAt('8000')).toEqual({ host: '127.0.0.1', port: 8000 });
  expect(parseListenAt('10.0.0.5:8000')).toEqual({ host: '10.0.0.5', port: 8000 });
  expect(parseListenAt('[::1]:8000')).toEqual({ host: '::1', port: 8000 });
  for (const wrong of ['0', '65536', 'sems:8000', ':8000', '10.0.0:80', '[10.0.0.1]:80', 'http://127.0.0.1:80']) {
    expect(() => parseListenAt(wrong)).toThrow('is not where to listen');
  }
});

test('a lost answer is given once to the same message, each of several in turn', async () => {
  const lost = new LostAnswers();
  lost.keep('a', Promise.resolve('1'));
  lost.keep('a', Promise.resolve('2'));
  expect(lost.take('b')).toBeUndefined();
  expect([await lost.take('a'), await lost.take('a'), lost.take('a')]).toEqual(['1', '2', undefined]);
});

test('a reason is logged once a second at most, and counted always', () => {
  const lines: { total: number; unlogged: number }[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const refusals = new RefusalLog('sems:main', pino(sink));
  const now = jest.spyOn(performance, 'now').mockReturnValue(5_000);
  for (let times = 0; times < 10; times++) refusals.note('not_http', { peer: '10.0.0.7' });
  refusals.note('not_post', {});
  now.mockReturnValue(6_001);
  refusals.note('not_http', {});
  now.mockRestore();
  expect(lines).toMatchObject([
    { event: 'door_refused', door: 'sems:main', reason: 'not_http', peer: '10.0.0.7', total: 1, unlogged: 0 },
    { reason: 'not_post', total: 1 },
    { reason: 'not_http', total: 11, unlogged: 9 },
  ]);
  expect(refusals.totals()).toEqual({ not_http: 11, not_post: 1 });
});
