/** How the API answers what failed. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { DatabaseFault, isFault } from '../database/fault';
import { Refused } from '../operator/operator-refusal';
import { PROBLEM_TYPE, type Problem, problemOf, problemOfRefusal } from './problem';
import type { NoTurn } from './request-turns';

/** How MariaDB and MySQL say that it took longer. */
const TOO_SLOW = ['ER_STATEMENT_TIMEOUT', 'ER_QUERY_TIMEOUT'];

const LOOK_IN_LOG = 'look for the request_id in the log';

/** Answers with a problem. */
export const refuse = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));

const WAIT: Record<Exclude<NoTurn, 'gone'>, string> = {
  too_many_in_progress:
    'wait for your other requests, and read their answers to the end; if you have none, ask again: others ask much now',
  answers_unread: 'ask again when other clients have read theirs',
};

/** Answers a request that got no turn. */
export const refuseTurn = (why: keyof typeof WAIT, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  refuse(reply.header('retry-after', '5'), problemOf(why, request.id, WAIT[why]));

/** Answers a failed request, and logs what is a fault of ours or of the database. `statementSeconds`: what a statement may take. */
export function answerFailure(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, statementSeconds }: { log: Logger; statementSeconds: number },
): FastifyReply {
  if (error instanceof Refused) return refuse(reply, problemOfRefusal(error, request.id));
  const fault = error as unknown;
  if (fault instanceof DatabaseFault) {
    // Without its message, which may hold the statement with its values.
    const facts = { request_id: request.id, code: fault.code, statement: fault.statement };
    if (TOO_SLOW.includes(fault.code)) {
      log.warn({ event: 'request_too_slow', ...facts });
      const detail = `it took more than ${statementSeconds} s: ask for less, or on the command line`;
      return refuse(reply, problemOf('too_slow', request.id, detail));
    }
    if (isFault(fault, 'away', 'again')) {
      log.warn({ event: 'request_without_database', ...facts });
      return refuse(reply.header('retry-after', '1'), problemOf('ledger_unavailable', request.id));
    }
    log.error({ event: 'request_failed', ...facts });
    return refuse(reply, problemOf('internal_error', request.id, LOOK_IN_LOG));
  }
  const { statusCode = 500 } = error;
  if (statusCode < 500) {
    return refuse(reply, { ...problemOf('request_invalid', request.id, error.message), status: statusCode });
  }
  log.error({ event: 'request_failed', request_id: request.id, error: error.message, stack: error.stack });
  return refuse(reply, problemOf('internal_error', request.id, LOOK_IN_LOG));
}
