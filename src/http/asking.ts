/** Who asks, and whether they may: a program by its key, or a person by a session. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { holderOf } from '../access/api-key-store';
import type { LoggedIn } from '../access/logged-in-store';
import { actorOf } from '../access/operator';
import { csrfTokenOf, isCsrfTokenOf } from '../access/session';
import { sessionWith } from '../access/session-store';
import { plainAddress } from '../listeners/peers';
import type { Operation, Role } from '../operator/operation';
import { type Visible, visibleTo } from '../operator/visible';
import type { ApiParts } from './api-parts';
import { refuse } from './failure';
import { keySecretIn } from './key-secret';
import { CSRF_HEADER } from './personal-paths';
import { type Problem, problemOf } from './problem';
import { type Asker, countedRole } from './questions';
import { cookieIn } from './session-cookie';

/** The client, as its key or its session proves it. */
export interface Asking {
  requestId: string;
  actor: string;
  roles: readonly Role[];
  /** Whose rows it may see. */
  visible: Visible;
  /** null for a program. */
  person: Person | null;
}

/** With whose requests and questions its own are counted: with those of its key or person, or of its customer's account. */
export const askerOf = ({ actor, roles, visible }: Asking): Asker => ({
  name: visible.kind === 'account' ? `account:${visible.accountcode}` : actor,
  role: countedRole(roles),
});

/** A person who is logged in. */
export interface Person extends LoggedIn {
  csrfToken: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    asking: Asking;
  }
}

/** Methods that change nothing. */
const SAFE = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Sets `request.asking` if the client has one of `roles`; otherwise answers 401 or 403. The answer to a key or session that is not valid
 * never says why.
 */
export async function admit(
  parts: ApiParts,
  operation: Pick<Operation, 'roles'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  await admitIf(parts, await asked(parts, operation, request), request, reply);
}

/** The same once more, when the body has come. */
export async function admitAgain(
  parts: ApiParts,
  operation: Pick<Operation, 'roles'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  await admitIf(parts, await asked(parts, operation, request, { isUse: false }), request, reply);
}

/** Sets `request.asking` if the client is a person who is logged in, of any role; otherwise answers 401 or 403. */
export async function admitPerson(parts: ApiParts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  await admitIf(parts, proven(await person(parts, request), request), request, reply);
}

/**
 * Whether a client that was admitted still would be, by the same request: an open stream outlives what let it in. A stream that is open is no
 * use of a session. @throws DatabaseFault
 */
export const stillAdmitted = async (
  parts: ApiParts,
  operation: Pick<Operation, 'roles'>,
  request: FastifyRequest,
): Promise<boolean> => 'asking' in (await asked(parts, operation, request, { isUse: false }));

/** The token of a session that the client's browser has sent; null if it sent none. */
export const sentToken = ({ cookie }: ApiParts, request: FastifyRequest): string | null =>
  cookieIn(cookie, request.headers.cookie);

type Outcome = { asking: Asking } | { refused: Problem };

async function admitIf(parts: ApiParts, outcome: Outcome, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if ('asking' in outcome) {
    request.asking = outcome.asking;
    return;
  }
  const { refused } = outcome;
  if (refused.status === 401) {
    parts.refusals.note('not_authenticated', { peer: plainAddress(request.ip) });
    reply.header('www-authenticate', 'Bearer');
  }
  await refuse(reply, refused);
}

async function asked(
  parts: ApiParts,
  { roles }: Pick<Operation, 'roles'>,
  request: FastifyRequest,
  { isUse = true } = {},
): Promise<Outcome> {
  // A request with a key is by that key alone: no cookie adds to what it may do.
  const isByKey = request.headers.authorization !== undefined;
  const outcome = proven(isByKey ? await program(parts, request) : await person(parts, request, isUse), request);
  if ('refused' in outcome || outcome.asking.roles.some(role => roles.includes(role))) return outcome;
  const { person: isPerson, roles: given } = outcome.asking;
  const detail = `needs one of the roles ${roles.join(', ')}; ${isPerson ? 'you have' : 'the key has'} ${given.join(', ')}`;
  return { refused: problemOf('not_allowed', request.id, detail) };
}

/** A person's browser sends the cookie by itself, also where another site asks: what changes something needs the token that no other site knows. */
function proven(asking: Asking | null, request: FastifyRequest): Outcome {
  if (!asking) {
    const detail = 'log in, or send a key that is alive: Authorization: Bearer rf_…';
    return { refused: problemOf('not_authenticated', request.id, detail) };
  }
  if (asking.person && !SAFE.includes(request.method)) {
    const given = request.headers[CSRF_HEADER];
    if (typeof given !== 'string' || !isCsrfTokenOf(asking.person.token, given)) {
      const detail = `send csrf_token of GET /session as ${CSRF_HEADER}`;
      return { refused: problemOf('csrf_token_invalid', request.id, detail) };
    }
  }
  return { asking };
}

async function program({ access, log }: ApiParts, request: FastifyRequest): Promise<Asking | null> {
  const secret = keySecretIn(request.headers.authorization);
  const holder = await holderOf(access.database, secret, plainAddress(request.ip), log);
  return (
    holder && {
      requestId: request.id,
      actor: `key:${holder.apiKey}`,
      roles: holder.roles,
      visible: visibleTo(holder),
      person: null,
    }
  );
}

async function person(parts: ApiParts, request: FastifyRequest, isUse = true): Promise<Asking | null> {
  const token = sentToken(parts, request);
  const session = token === null ? null : await sessionWith(parts.access.database, token, isUse ? parts.log : null);
  if (token === null || session === null) return null;
  return {
    requestId: request.id,
    actor: actorOf(session.operator),
    roles: session.roles,
    visible: visibleTo(session),
    person: { session, token, csrfToken: csrfTokenOf(token) },
  };
}
