/** Routes of people: log in and out, choose a password, end one's own sessions. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LoginRefusal } from '../access/logins';
import { actorOf } from '../access/operator';
import { factorState } from '../access/second-factor-store';
import { csrfTokenOf } from '../access/session';
import { sessionFacts } from '../access/session-facts';
import { endSession, KNOWN_DAYS, listSessions, type Session } from '../access/session-store';
import { orFault } from '../database/fault';
import { plainAddress } from '../listeners/peers';
import { plainJson } from '../operator/facts';
import { MOST_ROWS } from '../operator/page';
import { check } from '../operator/schema';
import { JSON_TYPE } from './api-answer';
import type { ApiParts } from './api-parts';
import { admitPerson, type Person, sentToken } from './asking';
import { refuse } from './failure';
import { PERSONAL_PATHS, type PersonalAnswer, type PersonalInput, type PersonalPaths } from './personal-paths';
import { problemOf } from './problem';
import { inputOf } from './query-input';
import { browserCookieOf, cookieIn, setCookie } from './session-cookie';

type Name = keyof PersonalPaths;

/** A request whose fields are right. */
interface Asked<Input> {
  parts: ApiParts;
  request: FastifyRequest;
  reply: FastifyReply;
  input: Input;
}

/** Resolves with the facts to answer; with null for nothing; with what it has answered by itself. */
type Handler<Input, Told = unknown> = (asked: Asked<Input>) => Promise<Told | Answered>;

/** A problem that the handler has answered. */
class Answered {
  constructor(readonly reply: FastifyReply) {}
}

const HANDLERS: { [Route in Name]: Handler<PersonalInput<Route>, PersonalAnswer<Route>> } = {
  async sessionBegin({ parts, request, reply, input }) {
    const begun = await parts.logins.logIn(actingOf(parts, request), input, sentToken(parts, request));
    if ('refusal' in begun) return refuseLogin(parts, request, reply, begun);
    const { session, token, browser } = begun;
    const { cookie } = parts;
    request.begun = { token, actor: actorOf(session.operator) };
    reply.header('set-cookie', [setCookie(cookie, token), setCookie(browserCookieOf(cookie), browser, KNOWN_DAYS)]);
    return ownFacts(session, csrfTokenOf(token));
  },

  async sessionShow({ request }) {
    const { session, csrfToken } = personOf(request);
    return ownFacts(session, csrfToken);
  },

  async sessionEnd({ parts, request, reply }) {
    const { sessionId } = personOf(request).session;
    await endSession(ownActing(parts, request), 'session end', { sessionId });
    reply.header('set-cookie', setCookie(parts.cookie, null));
    return null;
  },

  async invitationAccept({ parts, request, reply, input }) {
    const name = await parts.logins.accept(actingOf(parts, request), input.token, input.password);
    return typeof name === 'string' ? { name } : refuseLogin(parts, request, reply, name);
  },

  async passwordForgotten({ parts, request, reply, input }) {
    const { forgotten, refusals } = parts;
    const acting = actingOf(parts, request);
    if (!forgotten.isPossible) {
      const detail = 'ask an administrator for a new password ("operator reset")';
      return new Answered(refuse(reply, problemOf('mail_not_set', request.id, detail)));
    }
    const nowMs = performance.now();
    const wait = Math.ceil(forgotten.waitSeconds(acting.from, nowMs));
    if (wait === 0 && forgotten.begin(acting, input.name.toLowerCase(), nowMs)) return null;
    const refusal = wait > 0 ? 'too_many_requests' : 'too_busy';
    const seconds = wait > 0 ? wait : BUSY_SECONDS;
    refusals.note(refusal, { peer: acting.from });
    reply.header('retry-after', seconds);
    return new Answered(refuse(reply, problemOf(refusal, request.id, `wait ${seconds} s`)));
  },

  async passwordChange({ parts, request, reply, input: { new_password: next, ...typed } }) {
    const words = { ...typed, next };
    const ended = await parts.logins.changePassword(ownActing(parts, request), personOf(request), words);
    return typeof ended === 'number' ? { sessions_ended: ended } : refuseLogin(parts, request, reply, ended);
  },

  async secondFactorShow({ parts, request }) {
    const { confirmedAt, codesLeft } = await factorState(parts.access.database, personOf(request).session.operatorId);
    return { confirmed_at: confirmedAt, recovery_codes_left: codesLeft };
  },

  async secondFactorEnrol({ parts, request, reply, input }) {
    const begun = await parts.logins.enrol(ownActing(parts, request), personOf(request), input.password);
    return 'refusal' in begun ? refuseLogin(parts, request, reply, begun) : begun;
  },

  async secondFactorConfirm({ parts, request, reply, input }) {
    const codes = await parts.logins.confirm(ownActing(parts, request), personOf(request), input.code);
    return 'refusal' in codes ? refuseLogin(parts, request, reply, codes) : { recovery_codes: codes };
  },

  async secondFactorRemove({ parts, request, reply, input }) {
    const refused = await parts.logins.removeFactor(ownActing(parts, request), personOf(request), input);
    return refused && refuseLogin(parts, request, reply, refused);
  },

  async recoveryCodesRenew({ parts, request, reply, input }) {
    const codes = await parts.logins.renewCodes(ownActing(parts, request), personOf(request), input);
    return 'refusal' in codes ? refuseLogin(parts, request, reply, codes) : { recovery_codes: codes };
  },

  async sessionsOfMine({ parts, request }) {
    const own = personOf(request).session;
    const { items } = await listSessions(
      parts.access.database,
      { operator: own.operator },
      { limit: MOST_ROWS, offset: 0 },
    );
    return { items: items.map(each => ({ ...sessionFacts(each), is_this: each.sessionId === own.sessionId })) };
  },

  async sessionOfMineEnd({ parts, request, input: { session_number: number } }) {
    const { operator } = personOf(request).session;
    await endSession(ownActing(parts, request), 'session revoke', { operator, sessionId: String(number) });
    return null;
  },
};

export function addSessionRoutes(api: FastifyInstance, parts: ApiParts): void {
  for (const [name, { method, path, isOpen }] of Object.entries(PERSONAL_PATHS)) {
    api.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      ...(isOpen && { config: { isOpen } }),
      onRequest: async (request, reply) => {
        if (!isOpen) await admitPerson(parts, request, reply);
      },
      preHandler: async (request, reply) => {
        if (!isOpen && method !== 'GET') await admitPerson(parts, request, reply);
      },
      handler: (request, reply) => answer(parts, name as Name, request, reply),
    });
  }
}

async function answer(
  parts: ApiParts,
  name: Name,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { fields, method } = PERSONAL_PATHS[name];
  const input =
    method === 'POST' ? request.body : inputOf(fields, { ...(request.query as object), ...(request.params as object) });
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse(reply, problemOf('request_invalid', request.id, 'the body is no JSON object: send one'));
  }
  check(fields, input as Record<string, unknown>);
  const handler = HANDLERS[name] as Handler<unknown>;
  const answered = await orFault(() => handler({ parts, request, reply, input }));
  if (answered instanceof Answered) return answered.reply;
  return answered === null ? reply.status(204).send() : reply.type(JSON_TYPE).send(plainJson(answered, 0));
}

/** What a person's own session shows. */
const ownFacts = (
  { operator, roles, accountcode, sessionId, endsAt }: Session,
  csrfToken: string,
): PersonalAnswer<'sessionShow'> => ({
  name: operator,
  roles,
  accountcode,
  session_number: sessionId,
  csrf_token: csrfToken,
  ends_at: endsAt,
});

/** Assumes that the route needs a session. */
function personOf(request: FastifyRequest): Person {
  const { person } = request.asking;
  if (!person) throw new Error('a route of people was reached without a session');
  return person;
}

const actingOf = ({ access: { database }, cookie }: ApiParts, request: FastifyRequest) => ({
  database,
  from: plainAddress(request.ip),
  browser: cookieIn(browserCookieOf(cookie), request.headers.cookie),
  requestId: request.id,
});

const ownActing = (parts: ApiParts, request: FastifyRequest) => ({
  ...actingOf(parts, request),
  actor: request.asking.actor,
});

/** A person who is logged in has only the password wrong. */
function refuseLogin(
  { refusals }: ApiParts,
  request: FastifyRequest,
  reply: FastifyReply,
  refused: LoginRefusal,
): Answered {
  refusals.note(refused.refusal, { peer: plainAddress(request.ip) });
  if (refused.refusal === 'login_refused') {
    const isLoggedIn = (request.asking as unknown) !== undefined;
    return new Answered(refuse(reply, problemOf(isLoggedIn ? 'password_wrong' : 'login_refused', request.id)));
  }
  if (refused.refusal === 'code_missing') return new Answered(refuse(reply, problemOf('code_missing', request.id)));
  const seconds = refused.refusal === 'too_busy' ? BUSY_SECONDS : Math.ceil(refused.waitMs / 1_000);
  reply.header('retry-after', seconds);
  return new Answered(refuse(reply, problemOf(refused.refusal, request.id, `wait ${seconds} s`)));
}

/** How long all who wait may need. */
const BUSY_SECONDS = 5;
