/**
 * Programs that ask the operator's API, in a process of their own: a forked child that is told by a message what to ask, and answers with what
 * it measured.
 */
import { Agent, request } from 'node:http';

/** What such a process is told. */
export interface Asking {
  port: number;
  secret: string;
  perSecond: number;
  seconds: number;
  accounts: number;
}

/** What it answers. */
export interface Asked {
  answered: number;
  /** Answers other than 200. */
  refused: number;
  /** How long each answer took, from when its request was due. */
  ms: number[];
}

const LOOKS = [
  (account: string) => `/accounts/${account}`,
  (account: string) => `/calls?account=${account}&limit=20`,
  (account: string) => `/rates/explain?account=${account}&to=4930123&seconds=61`,
  () => '/accounts?limit=50',
];

/** Asks at even distances, whether or not earlier requests were answered: four of five times to look, and once to top up. */
async function ask({ port, secret, perSecond, seconds, accounts }: Asking): Promise<Asked> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const asked: Asked = { answered: 0, refused: 0, ms: [] };
  const began = performance.now();
  const prefix = `${Date.now()}-${port}`;
  const running: Promise<void>[] = [];
  for (let sent = 0; sent < perSecond * seconds; sent++) {
    const due = began + (sent * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, Math.ceil(wait)));
    running.push(
      one(agent, { port, secret, accounts }, sent, prefix).then(status => {
        asked.answered++;
        if (status !== 200) asked.refused++;
        asked.ms.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(running);
  agent.destroy();
  return asked;
}

/** The status of the answer to the request of that number. */
function one(
  agent: Agent,
  { port, secret, accounts }: Pick<Asking, 'port' | 'secret' | 'accounts'>,
  number: number,
  prefix: string,
): Promise<number> {
  const account = `account-${number % accounts}`;
  const look = LOOKS[number % (LOOKS.length + 1)];
  const headers: Record<string, string | number> = { authorization: `Bearer ${secret}` };
  const reference = `${prefix}-${number}`;
  const body = look ? '' : JSON.stringify({ amount: '0.01', reference });
  if (!look) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = body.length;
    headers['idempotency-key'] = reference;
  }
  const path = `/api/v1${look ? look(account) : `/accounts/${account}/topup`}`;
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, path, method: look ? 'GET' : 'POST', headers }, response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0)).on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}

process.on('message', (asking: Asking) => {
  ask(asking).then(
    asked => process.send?.(asked),
    error => {
      console.error(`bench:api: the client of the API failed: ${error}`);
      process.exit(1);
    },
  );
});

process.on('disconnect', () => process.exit());
