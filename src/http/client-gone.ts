/** A client that leaves before it has its answer: what is done for it alone ends. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { asFault } from '../database/fault';

/** The client has closed its connection. */
export class ClientGone extends Error {
  override name = 'ClientGone';
}

/** Resolves when the answer has been sent, or its client has gone. */
export const closed = (response: ServerResponse): Promise<void> =>
  new Promise(resolve => (response.destroyed ? resolve() : response.once('close', resolve)));

/** Its signal is aborted with a ClientGone then. */
export function endingWith(response: ServerResponse): AbortController {
  const ending = new AbortController();
  void closed(response).then(() => ending.abort(new ClientGone()));
  return ending;
}

/** Answers nothing if no client waits for an answer. @throws any other error, as a fault */
export function gone(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof ClientGone)) throw asFault(error);
  reply.hijack();
  return reply;
}

/** Does what takes long: nothing moves on the connection meanwhile, and it is not closed for that. */
export async function stillFor<Result>(socket: Socket, work: () => Promise<Result>): Promise<Result> {
  const usualMs = socket.timeout ?? 0;
  socket.setTimeout(0);
  try {
    return await work();
  } finally {
    socket.setTimeout(usualMs);
  }
}
