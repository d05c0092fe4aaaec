/** All open streams: how many there may be, their signs of life, and whether each listener still may listen. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { EVENT_STREAM_TYPE, greetingText, heartbeatText } from '../live/sse';
import type { Visible } from '../operator/visible';
import type { Asking } from './asking';
import { Listener } from './listener';

/** The most listeners in all, and of one key or person. */
const MOST_LISTENERS = 1_000;
const MOST_OF_ONE = 250;
/** Of all customers of one account together, and the part of all places that customers may take: the rest is for operators. */
const MOST_OF_A_CUSTOMER = 10;
const PART_OF_CUSTOMERS = 0.75;

const HEARTBEAT_SECONDS = 15;
/** How often it is asked whether a key or a session may still listen: one that ends is closed within a minute. */
const ASK_AGAIN_SECONDS = 40;

/** Listeners that are disconnected at once come back within so many seconds, not all at once. */
const COME_BACK_SECONDS = 4;

/** An open stream, and what is needed to keep it. */
interface Open {
  listener: Listener;
  actor: string;
  visible: Visible;
  /** By what it proved who it is, and what it may: listeners that share that are asked about once. */
  proof: string;
  /** Whether it may still listen. @throws DatabaseFault */
  stillMay(): Promise<boolean>;
  /** The place that it has reached; undefined for a stream without places. */
  cursor: { position: bigint } | undefined;
  openedAt: number;
  askedAt: number;
}

export interface StreamOptions {
  request: FastifyRequest;
  reply: FastifyReply;
  stillMay(): Promise<boolean>;
  cursor?: { position: bigint };
  onEnd(): void;
}

export class Listeners {
  private readonly open = new Set<Open>();
  private seconds = 0;
  private timer: NodeJS.Timeout | undefined;
  private isAsking = false;

  /** `limits`: for tests. */
  constructor(
    private readonly log: Logger,
    private readonly limits = {
      all: MOST_LISTENERS,
      ofOne: MOST_OF_ONE,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      askAgainSeconds: ASK_AGAIN_SECONDS,
    },
  ) {}

  /** Why there is no room for one more listener of this actor; null if there is. */
  fullFor({ actor, visible }: Pick<Asking, 'actor' | 'visible'>): string | null {
    const { all, ofOne } = this.limits;
    if (this.open.size >= all) return `${all} listeners are connected: try again later`;
    if (visible.kind === 'account') {
      const customers = [...this.open].flatMap(open =>
        open.visible.kind === 'account' ? open.visible.accountcode : [],
      );
      if (customers.length >= all * PART_OF_CUSTOMERS) return 'many listeners are connected: try again later';
      const same = customers.filter(accountcode => accountcode === visible.accountcode).length;
      if (same >= MOST_OF_A_CUSTOMER)
        return `${same} listeners of this account are connected: let some of them share a stream`;
    }
    const own = [...this.open].filter(open => open.actor === actor).length;
    return own >= ofOne ? `${own} listeners of ${actor} are connected: let some of them share a stream` : null;
  }

  /** Answers with a stream. */
  start({ request, reply, stillMay, cursor, onEnd }: StreamOptions): Listener {
    reply.hijack();
    const response = reply.raw;
    const { actor, visible } = request.asking;
    const listener = new Listener(response, reason => {
      this.open.delete(open);
      onEnd();
      if (this.open.size === 0) clearInterval(this.timer);
      if (reason !== 'left') this.log.info({ event: 'listener_ended', request_id: request.id, actor, reason });
    });
    const { authorization, cookie } = request.headers;
    const open: Open = {
      listener,
      actor,
      visible,
      proof: JSON.stringify([authorization, cookie, request.ip, request.routeOptions.url]),
      stillMay,
      cursor,
      openedAt: this.seconds,
      askedAt: this.seconds,
    };
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) response.setHeader(name, value);
    response.writeHead(200, {
      'content-type': EVENT_STREAM_TYPE,
      // When the stream ends, its connection does; and no proxy keeps messages back.
      connection: 'close',
      'x-accel-buffering': 'no',
    });
    if (this.open.size === 0) this.timer = setInterval(() => this.tick(), 1_000).unref();
    this.open.add(open);
    const comesBackMs = 1_000 + ((this.open.size * 100) % (COME_BACK_SECONDS * 1_000));
    listener.send(Buffer.from(greetingText(comesBackMs, cursor?.position)));
    return listener;
  }

  /** Ends all streams at once. */
  close(): void {
    clearInterval(this.timer);
    for (const { listener } of this.open) listener.end('stopping');
  }

  private tick(): void {
    this.seconds++;
    for (const { listener, openedAt, cursor } of this.open) {
      const age = this.seconds - openedAt;
      if (age > 0 && age % this.limits.heartbeatSeconds === 0) listener.beat(heartbeatText(cursor?.position));
    }
    if (!this.isAsking) void this.askAgain();
  }

  private async askAgain(): Promise<void> {
    this.isAsking = true;
    const due = [...this.open].filter(({ askedAt }) => this.seconds - askedAt >= this.limits.askAgainSeconds);
    const byProof = new Map<string, Open[]>();
    for (const open of due) byProof.set(open.proof, [...(byProof.get(open.proof) ?? []), open]);
    for (const sharing of byProof.values()) {
      const may = await this.asked(sharing[0] as Open);
      for (const open of sharing) {
        open.askedAt = this.seconds;
        if (!may) open.listener.end('not_allowed');
      }
    }
    this.isAsking = false;
  }

  private async asked({ stillMay }: Open): Promise<boolean> {
    try {
      return await stillMay();
    } catch (error) {
      // A database that is away ends no stream: it is asked again.
      this.log.warn({ event: 'listener_not_checked', code: (error as { code?: unknown }).code });
      return true;
    }
  }
}
