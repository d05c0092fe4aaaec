/** What load balancers and supervisors ask the API, without a key. */
import type { FastifyInstance } from 'fastify';
import { HEALTH, type Readiness } from '../metrics/readiness';
import { JSON_TYPE } from './api-answer';

export function addHealth(app: FastifyInstance, readiness: Readiness): void {
  for (const [url, answer] of HEALTH) {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: async (_request, reply) => {
        const { status, text } = await answer(readiness);
        return reply.status(status).type(JSON_TYPE).send(text);
      },
    });
  }
}
