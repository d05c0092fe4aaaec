import { HttpListener } from '../../src/listeners/http-listener';
import { parsePeers } from '../../src/listeners/peers';
import { Refused } from '../../src/listeners/refused';
import { keptLog } from '../doors/door-fixture';

test('a question that comes to nothing by a fault of ours is answered, logged and counted, and the next one is heard', async () => {
  const { log, lines } = keptLog();
  const refused = new Refused('test', log);
  const text = (status: number, said: string) => ({ status, type: 'text/plain', text: said });
  const http = new HttpListener({
    door: 'test',
    variable: 'RINGFENCE_TEST_LISTEN',
    listen: { host: '127.0.0.1', port: 0 },
    peers: parsePeers(['127.0.0.1']),
    methods: ['POST'],
    answer: async ({ body }) => {
      if (String(body) === 'bad') throw new TypeError('a bug');
      return text(200, 'good');
    },
    busy: text(503, 'later'),
    refused,
    log,
  });
  await http.open();
  try {
    const ask = async (body: string) => {
      const answer = await fetch(`http://127.0.0.1:${http.port}/`, { method: 'POST', body });
      return [answer.status, await answer.text()];
    };
    expect(await ask('bad')).toEqual([503, 'later']);
    expect(await ask('good')).toEqual([200, 'good']);
    expect(lines.find(({ event }) => event === 'door_failed')).toMatchObject({
      door: 'test',
      err: { type: 'TypeError' },
    });
    expect(refused.totals()).toEqual({ failed: 1 });
    expect(http.counts.answered).toBe(2);
  } finally {
    await http.close(1_000);
  }
});
