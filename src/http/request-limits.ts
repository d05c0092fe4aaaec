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

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route needs no key and no session: people prove by what they type who they are. */
    isOpen?: true;
  }
  interface FastifyRequest {
    /** The session that this request has begun. */
    begun?: { token: string; actor: string };
  }
}

const MOST_NAMES = 10_000;

/** For requests without a key or session that is valid, by place. Each costs the database a question at most. */
const OF_STRANGERS = { perSecond: 20, burst: 1_000, mostNames: MOST_NAMES };

/**
 * Bounds the requests of `api`. `perSecond`: of one key or person, and twice as many at once.
 *
 * A key or session that was valid a moment ago is bounded by its own name, whatever others do at its address. Log-ins are bounded by waits and turns
 * of their own (logins.ts): a stranger who tries keys at the same address, of a NAT or an office, must not keep people from logging in. Invitations
 * are not bounded: a token of 256 bits is not guessed, and a wrong one costs one question to the database.
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
    if (client === undefined && isOpen(request)) return;
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

  // Before the client has the answer: its next request is a known client's.
  api.addHook('onSend', async ({ begun }) => {
    if (!begun) return;
    clients.spend(begun.actor, performance.now());
    known.noteSecret(begun.token, begun.actor);
  });

  api.addHook('onResponse', async (request, { statusCode }) => {
    if (request.asking) {
      const { actor } = request.asking;
      // A client whose credential was not known yet was let in without being counted.
      if (known.of(request) === undefined) clients.spend(actor, performance.now());
      known.note(request, actor);
    } else if (statusCode === 401 && !isOpen(request)) {
      // An open route answers 401 to a wrong password: that says nothing of the key or session.
      known.forget(request);
      strangers.spend(placeOf(request.ip), performance.now());
    }
  });
}

const isOpen = ({ routeOptions }: FastifyRequest): boolean => routeOptions.config.isOpen === true;

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
    return this.clients.get(hashOf(this.secretIn(request)));
  }

  note(request: FastifyRequest, client: string): void {
    this.noteSecret(this.secretIn(request), client);
  }

  /** The same for a secret that the client has just been given. */
  noteSecret(secret: string | null, client: string): void {
    const credential = hashOf(secret);
    this.clients.delete(credential);
    this.clients.set(credential, client);
    if (this.clients.size > MOST_NAMES) {
      const [oldest] = this.clients.keys();
      this.clients.delete(oldest as string);
    }
  }

  forget(request: FastifyRequest): void {
    this.clients.delete(hashOf(this.secretIn(request)));
  }

  /** Of the key or session alone: what else a client sends makes no other client of it. */
  private secretIn({ headers: { authorization, cookie } }: FastifyRequest): string | null {
    return authorization === undefined ? cookieIn(this.cookie, cookie) : keySecretIn(authorization);
  }
}

const hashOf = (secret: string | null): string =>
  createHash('sha256')
    .update(secret ?? '')
    .digest('base64');
