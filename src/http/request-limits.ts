/**
 * How often each client may ask.
 *
 * Our own lines instead of @fastify/rate-limit: that counts a request before it is known who asks, so that a stranger at the address of a
 * proxy, or a program with an old key, would use up what belongs to others. It also has no bursts.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { placeOf } from '../access/place';
import type { RefusalLog } from '../listeners/refusal-log';
import { Allowance } from './allowance';
import { refuse } from './failure';
import { keySecretIn } from './key-secret';
import { problemOf } from './problem';
import { cookieIn, type SessionCookie } from './session-cookie';

const MOST_NAMES = 10_000;

/** For requests without a key or session that is valid, by place. Each costs the database a question at most. */
const OF_STRANGERS = { perSecond: 20, burst: 1_000, mostNames: MOST_NAMES };

/**
 * Bounds the requests of `api`. `perSecond`: of one key or person, and twice as many at once.
 *
 * A key or session that was valid a moment ago is bounded by its own name, whatever others do at its address.
 */
export function limitRequests(
  api: FastifyInstance,
  { perSecond, refusals, cookie }: { perSecond: number; refusals: RefusalLog; cookie: SessionCookie },
): void {
  const clients = new Allowance({ perSecond, burst: 2 * perSecond, mostNames: MOST_NAMES });
  const strangers = new Allowance(OF_STRANGERS);
  const known = new KnownClients(cookie);

  api.addHook('onRequest', async (request, reply) => {
    const now = performance.now();
    const client = known.of(request);
    const place = placeOf(request.ip);
    const waitSeconds = client === undefined ? strangers.waitSeconds(place, now) : clients.waitSeconds(client, now);
    if (waitSeconds === 0) {
      if (client !== undefined) clients.spend(client, now);
      return;
    }
    refusals.note('too_many_requests', { peer: request.ip, ...(client !== undefined && { client }) });
    // A client that asks again and again needs a new connection each time; a known one only has to wait.
    if (client === undefined) reply.header('connection', 'close');
    return tooMany(waitSeconds, request, reply);
  });

  api.addHook('onResponse', async (request, { statusCode }) => {
    if (request.asking) {
      const { actor } = request.asking;
      // A client whose credential was not known yet was let in without being counted.
      if (known.of(request) === undefined) clients.spend(actor, performance.now());
      known.note(request, actor);
    } else if (statusCode === 401) {
      known.forget(request);
      strangers.spend(placeOf(request.ip), performance.now());
    }
  });
}

function tooMany(waitSeconds: number, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const seconds = Math.ceil(waitSeconds);
  const detail = `ask again in ${seconds} s`;
  return refuse(reply.header('retry-after', String(seconds)), problemOf('too_many_requests', request.id, detail));
}

/** The clients of the last keys and sessions that were valid. A credential is kept as its hash. */
class KnownClients {
  private readonly clients = new Map<string, string>();

  constructor(private readonly cookie: SessionCookie) {}

  of(request: FastifyRequest): string | undefined {
    return this.clients.get(this.credentialOf(request));
  }

  note(request: FastifyRequest, client: string): void {
    const credential = this.credentialOf(request);
    this.clients.delete(credential);
    this.clients.set(credential, client);
    if (this.clients.size > MOST_NAMES) {
      const [oldest] = this.clients.keys();
      this.clients.delete(oldest as string);
    }
  }

  forget(request: FastifyRequest): void {
    this.clients.delete(this.credentialOf(request));
  }

  /** The secret of the key or session alone: what else a client sends makes no other client of it. */
  private credentialOf({ headers: { authorization, cookie } }: FastifyRequest): string {
    const secret = authorization === undefined ? cookieIn(this.cookie, cookie) : keySecretIn(authorization);
    return createHash('sha256')
      .update(secret ?? '')
      .digest('base64');
  }
}
