import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { debitBalance, maxSessionTime } from '../lab/clients/call-control';
import { getCredit, subtractCredit } from '../lab/clients/sems';
import { ringfenceProgram } from '../lab/ringfence';
import { findFreePort } from '../lab/servers/ports';
import { openLoop, type Shape } from './open-loop';
import { processorMs } from './processor-time';

/** As many requests at once as a switch with some dozens of workers has; more wait for their turn. */
export const CONNECTIONS = 128;

/** As many as every door takes from one peer. */
export const MOST_CONNECTIONS = 200;

/** A door: the setting that opens it, and how a call comes through it. */
export interface Door {
  name: string;
  settings: (port: number) => Record<string, string>;
  client: (port: number, connections: number) => Omit<Shape, 'processorMs'>;
}

export const doors: [Door, ...Door[]] = [
  {
    name: 'REST',
    settings: port => ({ RINGFENCE_REST_LISTEN: String(port) }),
    client(port, connections) {
      const { post, close } = httpClient(port, 'application/json', connections);
      return {
        async start({ uniqueid, accountcode, dst }) {
          const body = { call_id: uniqueid, account: accountcode, number: dst };
          return 'granted_seconds' in JSON.parse(await post('/v1/calls', JSON.stringify(body)));
        },
        async end({ uniqueid }, { answerAt, endAt }) {
          const body = { talk_seconds: ((endAt - (answerAt ?? endAt)) / 1000).toFixed(3) };
          const { state } = JSON.parse(await post(`/v1/calls/${uniqueid}/settle`, JSON.stringify(body)));
          if (state !== 'settled') throw new Error(`REST: ${uniqueid} is ${state}`);
        },
        close,
      };
    },
  },
  {
    name: 'SEMS',
    settings: port => ({ RINGFENCE_SEMS_LISTEN: String(port) }),
    client(port, connections) {
      const { post, close } = httpClient(port, 'text/xml', connections);
      const ask = async (body: string) => Number(/<int>(-?\d+)</.exec(await post('/RPC2', body))?.[1]);
      return {
        start: async ({ accountcode, dst, uniqueid }) =>
          (await ask(getCredit(`${accountcode}|${dst}|${uniqueid}`))) > 0,
        async end({ accountcode, dst, uniqueid }, { answerAt, endAt }) {
          const seconds = Math.floor((endAt - (answerAt ?? endAt)) / 1000);
          const left = await ask(subtractCredit(`${accountcode}|${dst}|${uniqueid}`, seconds));
          // 0: the account has nothing left, as those have that are short of money.
          if (!(left >= 0)) throw new Error(`SEMS: ${uniqueid} was answered ${left}`);
        },
        close,
      };
    },
  },
  {
    name: 'rating engine',
    settings: port => ({ RINGFENCE_RATING_LISTEN: String(port), RINGFENCE_RATING_ACCOUNT: '{user}' }),
    client(port, connections) {
      const { ask, close } = lineClient(port, connections);
      const words = ({ accountcode, dst, uniqueid }: { accountcode: string; dst: string | null; uniqueid: string }) =>
        [uniqueid, `${accountcode}@example.com`, { to: `sip:${dst}@example.com`, end: '\n' }] as const;
      return {
        start: async call => /^[1-9]\d*\n/.test(await ask(maxSessionTime(...words(call)))),
        async end(call, { answerAt, endAt }) {
          const [callId, from, more] = words(call);
          const answer = await ask(debitBalance(callId, from, (endAt - (answerAt ?? endAt)) / 1000, more));
          if (!answer.startsWith('Ok')) throw new Error(`rating engine: ${callId} was answered ${answer.trim()}`);
        },
        close,
      };
    },
  },
];

/** A service of its own that has served for a while, and a client of the door. */
export async function through(
  door: Door,
  databaseUrl: string,
  accounts: number,
  settings: Record<string, string> = {},
  connections = CONNECTIONS,
): Promise<Shape> {
  const port = await findFreePort();
  const service = spawn(process.execPath, [ringfenceProgram, 'serve'], {
    env: {
      PATH: process.env.PATH,
      RINGFENCE_DATABASE_URL: databaseUrl,
      RINGFENCE_LOG_LEVEL: 'error',
      ...door.settings(port),
      ...settings,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(service, 'exit');
  await listening(port).catch(error => {
    service.kill('SIGKILL');
    throw error;
  });
  const client = door.client(port, connections);
  const shape = {
    ...client,
    processorMs: () => processorMs(service.pid as number),
    async close() {
      await client.close();
      service.kill('SIGTERM');
      await ended;
    },
  };
  try {
    // Like the ledger in this process by its second row: V8 has compiled the code.
    await openLoop(shape, { rate: 500, seconds: 3, accounts });
  } catch (error) {
    await shape.close();
    throw error;
  }
  return shape;
}

/** Resolves when something listens at a port of loopback. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise(done => setTimeout(done, 100));
    } finally {
      socket.destroy();
    }
  }
}

/** POSTs over connections that stay open; resolves with the answer's body, whatever its status. */
function httpClient(port: number, type: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const post = (path: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
      const sent = request({ agent, port, path, method: 'POST', headers }, response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', part => {
          text += part;
        });
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return { post, close: async () => agent.destroy() };
}

/** Sends a line over one of the connections that stay open, and resolves with the answer up to its empty line. */
function lineClient(port: number, connections: number) {
  const idle: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const all = Array.from({ length: connections }, () => connect(port, '127.0.0.1'));
  idle.push(...all);
  const free = (socket: Socket) => {
    const next = waiting.shift();
    if (next) next(socket);
    else idle.push(socket);
  };
  const taken = (): Promise<Socket> => {
    const socket = idle.pop();
    return socket ? Promise.resolve(socket) : new Promise(resolve => waiting.push(resolve));
  };
  const ask = async (line: string): Promise<string> => {
    const socket = await taken();
    return new Promise((resolve, reject) => {
      let answer = '';
      const heard = (bytes: Buffer) => {
        answer += bytes.toString('latin1');
        if (!answer.endsWith('\n\n')) return;
        socket.off('data', heard).off('close', closed);
        free(socket);
        resolve(answer);
      };
      const closed = () => reject(new Error(`the connection was closed after "${answer}"`));
      socket.on('data', heard).on('close', closed).write(line);
    });
  };
  return {
    ask,
    async close() {
      for (const socket of all) socket.destroy();
    },
  };
}
