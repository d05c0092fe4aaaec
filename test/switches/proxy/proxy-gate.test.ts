import knex from 'knex';
import pino from 'pino';
import { callIdIn, ProxyGate } from '../../../src/switches/proxy/proxy-gate';
import { parseProxyUrl } from '../../../src/switches/proxy/proxy-url';

const gateOf = (name: string) =>
  new ProxyGate({
    settings: {
      name,
      rpc: parseProxyUrl('kamailio+udp://127.0.0.1:5063'),
      account: '{user}',
      limitTable: null,
      answerWithinMs: 450,
    },
    database: knex({ client: 'mysql2' }),
    log: pino({ level: 'silent' }),
  });

test.each([
  ['main', 128],
  ['frankfurt-edge-1', 122],
])('a call of %s is called so that its Call-ID can be found again, or is not let through', (name, longest) => {
  const gate = gateOf(name);
  for (const length of [1, longest]) {
    const callId = 'x'.repeat(length);
    expect(callIdIn(gate.node, gate.uniqueidOf(callId) as string)).toBe(callId);
  }
  for (const length of [longest + 1, 129, 400]) expect(gate.uniqueidOf('x'.repeat(length))).toBeNull();
  for (const callId of ['', 'a b', 'a\n', 'é']) expect(gate.uniqueidOf(callId)).toBeNull();
});
