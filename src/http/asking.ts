/** Who asks, and whether they may: by key. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { holderOf } from '../access/api-key-store';
import { plainAddress } from '../listeners/peers';
import type { Operation, Role } from '../operator/operation';
import type { ApiParts } from './api-parts';
import { refuse } from './failure';
import { type Problem, problemOf } from './problem';

/** The client, as its key proves it. */
export interface Asking {
  requestId: string;
  actor: string;
  roles: readonly Role[];
}

declare module 'fastify' {
  interface FastifyRequest {
    asking: Asking;
  }
}

/**
 * Sets `request.asking` if the client has one of `roles`; otherwise answers 401 or 403. The answer to a key that is not valid never says why.
 */
export async function admit(
  parts: ApiParts,
  operation: Pick<Operation, 'roles'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const outcome = await asked(parts, operation, request);
  if ('refused' in outcome) {
    const { refused } = outcome;
    if (refused.status === 401) {
      parts.refusals.note('not_authenticated', { peer: plainAddress(request.ip) });
      reply.header('www-authenticate', 'Bearer');
    }
    await refuse(reply, refused);
    return;
  }
  request.asking = outcome.asking;
}

/** Whether a client that was admitted still would be, by the same request: an open stream outlives what let it in. @throws DatabaseFault */
export const stillAdmitted = async (
  parts: ApiParts,
  operation: Pick<Operation, 'roles'>,
  request: FastifyRequest,
): Promise<boolean> => 'asking' in (await asked(parts, operation, request));

async function asked(
  { books, log }: ApiParts,
  { roles }: Pick<Operation, 'roles'>,
  request: FastifyRequest,
): Promise<{ asking: Asking } | { refused: Problem }> {
  const [, secret = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const holder = await holderOf(books.database, secret, plainAddress(request.ip), log);
  if (!holder) {
    const detail = 'send a key that is alive: Authorization: Bearer rf_…';
    return { refused: problemOf('not_authenticated', request.id, detail) };
  }
  if (!holder.roles.some(role => roles.includes(role))) {
    const detail = `needs one of the roles ${roles.join(', ')}; the key has ${holder.roles.join(', ')}`;
    return { refused: problemOf('not_allowed', request.id, detail) };
  }
  return { asking: { requestId: request.id, actor: `key:${holder.apiKey}`, roles: holder.roles } };
}
