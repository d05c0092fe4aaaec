/** Who asks, and whether they may: by key. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { holderOf } from '../access/api-key-store';
import { plainAddress } from '../listeners/peers';
import type { Operation, Role } from '../operator/operation';
import type { ApiParts } from './api-parts';
import { refuse } from './failure';
import { problemOf } from './problem';

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
  { books, log, refusals }: ApiParts,
  { roles }: Pick<Operation, 'roles'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const [, secret = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const from = plainAddress(request.ip);
  const holder = await holderOf(books.database, secret, from, log);
  if (!holder) {
    refusals.note('not_authenticated', { peer: from });
    reply.header('www-authenticate', 'Bearer');
    const detail = 'send a key that is alive: Authorization: Bearer rf_…';
    await refuse(reply, problemOf('not_authenticated', request.id, detail));
    return;
  }
  if (!holder.roles.some(role => roles.includes(role))) {
    const detail = `needs one of the roles ${roles.join(', ')}; the key has ${holder.roles.join(', ')}`;
    await refuse(reply, problemOf('not_allowed', request.id, detail));
    return;
  }
  request.asking = { requestId: request.id, actor: `key:${holder.apiKey}`, roles: holder.roles };
}
