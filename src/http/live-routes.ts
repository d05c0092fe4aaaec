/** The streams of the API: events, and calls in progress. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type BoundedDatabase, openBoundedDatabase } from '../database/connection';
import { CallBoard, type CallListener } from '../live/call-board';
import { EventFeed, type FeedListener } from '../live/event-feed';
import { check } from '../operator/schema';
import type { ApiParts } from './api-parts';
import { admit, stillAdmitted } from './asking';
import { refuse } from './failure';
import { Listeners } from './listeners';
import { CALL_STREAM, EVENT_STREAM, OWN_CALL_STREAM, OWN_EVENT_STREAM, placeField, type Stream } from './live-streams';
import { problemOf } from './problem';
import { inputOf } from './query-input';

/** What feeds the streams. Its connections are its own: no report keeps listeners waiting. */
export class Live {
  private readonly books: BoundedDatabase;
  readonly feed: EventFeed;
  readonly board: CallBoard;
  readonly listeners: Listeners;

  constructor(databaseUrl: string, statementSeconds: number, log: Logger, limits?: ListenerLimits) {
    this.books = openBoundedDatabase(databaseUrl, statementSeconds);
    this.feed = new EventFeed(this.books.database, log);
    this.board = new CallBoard(this.books.database, log);
    this.listeners = new Listeners(log, limits);
  }

  /** Ends all streams at once. */
  close(): void {
    this.listeners.close();
    this.feed.close();
    this.board.close();
    this.books.cut();
    void this.books.database.destroy();
  }
}

export type ListenerLimits = ConstructorParameters<typeof Listeners>[1];

export function addLiveRoutes(api: FastifyInstance, parts: ApiParts, live: Live): void {
  const route = (
    stream: Stream,
    handler: (input: Record<string, unknown>, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  ) =>
    api.route({
      method: 'GET',
      url: stream.path,
      onRequest: (request, reply) => admit(parts, stream.lists, request, reply),
      handler: async (request, reply) => {
        const input = inputOf(stream.fields, request.query as object as Record<string, unknown>);
        check(stream.fields, input);
        await handler(input, request, reply);
        return reply;
      },
    });

  /** Whether there is room; otherwise it is refused. */
  const isRoom = (request: FastifyRequest, reply: FastifyReply): boolean => {
    const full = live.listeners.fullFor(request.asking);
    if (full === null) return true;
    refuse(reply.header('retry-after', '10'), problemOf('too_many_listeners', request.id, full));
    return false;
  };

  const stillMay = (stream: Stream, request: FastifyRequest) => () => stillAdmitted(parts, stream.lists, request);

  for (const stream of [EVENT_STREAM, OWN_EVENT_STREAM]) {
    route(stream, async ({ account, kinds = stream.kinds, after }, request, reply) => {
      const resumed = request.headers['last-event-id'];
      const last = resumed ? placeField('Last-Event-ID', String(resumed)) : null;
      const place = await live.feed.placeAfter(
        last ?? (after === undefined ? null : placeField('after', String(after))),
      );
      if (!isRoom(request, reply)) return;
      const cursor = { position: place };
      const outlet = live.listeners.start({
        request,
        reply,
        stillMay: stillMay(stream, request),
        cursor,
        onEnd: () => live.feed.leave(follower),
      });
      const follower: FeedListener = {
        filter: {
          visible: request.asking.visible,
          ...(account !== undefined && { accountcode: String(account) }),
          ...(kinds !== undefined && { kinds: kinds as string[] }),
        },
        isOwn: stream === OWN_EVENT_STREAM,
        cursor,
        outlet,
      };
      void live.feed.follow(follower);
    });
  }

  for (const stream of [CALL_STREAM, OWN_CALL_STREAM]) {
    route(stream, async ({ account }, request, reply) => {
      if (!isRoom(request, reply)) return;
      const outlet = live.listeners.start({
        request,
        reply,
        stillMay: stillMay(stream, request),
        onEnd: () => live.board.leave(follower),
      });
      const follower: CallListener = {
        visible: request.asking.visible,
        ...(account !== undefined && { accountcode: String(account) }),
        ...(stream.shows && { facts: stream.shows }),
        outlet,
      };
      live.board.follow(follower);
    });
  }
}
