import type { Socket } from 'node:net';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { CallLedger } from '../../credit/ledger';
import { LineIncomplete, LineReader, LineTooLong } from '../../listeners/line-reader';
import type { ListenAt } from '../../listeners/listen-at';
import { SocketListener } from '../../listeners/socket-listener';
import { written } from '../../listeners/written';
import type { Micros } from '../../money/micros';
import type { DoorNode, OwnCallsKind } from '../door-kind';
import { ListeningDoor } from '../listening-door';
import { RatingAccounts } from './rating-accounts';
import { RatingCalls } from './rating-calls';
import { RatingCommands } from './rating-commands';
import { errorReply } from './rating-reply';
import { isWholeWithoutEnd } from './rating-request';
import { RATING_SETTINGS, type RatingSettings } from './rating-settings';
import { ratingStore } from './rating-store';
import { WantedEnds } from './wanted-ends';

export interface RatingDoorOptions {
  node: DoorNode;
  settings: RatingSettings & { listen: ListenAt };
  ledger: CallLedger;
  database: Knex;
  emergencyNumbers: readonly string[];
  maxCallSeconds: number;
  secondPersonAbove: Micros | null;
  log: Logger;
  /** The present time, ms since 1970; the clock by default. */
  now?: () => number;
}

/** A request is a few hundred bytes. CDRTool reads no more than this of one. */
const MOST_REQUEST_BYTES = 8_192;

const MOST_CONNECTIONS = 200;

/**
 * How long a line without an end must be silent to count as whole, ms. Call Control 4.x ends no line. If the request fits into one
 * segment, it comes in one piece and is whole then; of a longer one the rest may be on its way. null for a request that lacks its end: a
 * debit that pauses within its Duration would be charged by the digits that have come.
 */
const silenceMs = (text: string): number | null =>
  isWholeWithoutEnd(text) ? (text.length <= ONE_SEGMENT_BYTES ? 10 : 500) : null;
const ONE_SEGMENT_BYTES = 1_000;

/** The first line of an HTTP request, or a header. */
const HTTP_LINE = /^[A-Z]+ \S+ HTTP\/\d|^[A-Za-z-]+: /;

/** How long the rest of a request may take. Ms. */
const REST_WITHIN_MS = 10_000;

/** One connection. */
interface Client {
  from: string;
  reader: LineReader;
  since: number;
  requests: number;
}

/** The door for an unmodified Call Control, and for other clients of CDRTool's rating engine. */
export class RatingDoor extends ListeningDoor {
  private readonly commands: RatingCommands;
  protected readonly listener: SocketListener;
  private readonly clients = new Set<Client>();
  private leaving = false;
  /** null if Call Control cannot be asked to end calls. */
  private wantedEnds: WantedEnds | null = null;
  private readonly watchEnds: () => WantedEnds | null;

  constructor(options: RatingDoorOptions) {
    const { node, settings, ledger, database, emergencyNumbers, maxCallSeconds, secondPersonAbove, log } = options;
    const { now = Date.now } = options;
    super(node, log);
    const { refusals } = this;
    const store = ratingStore(database, node);
    const { controlSocket: path } = settings;
    this.watchEnds = () => (path === null ? null : new WantedEnds({ node, path, store, log }));
    this.commands = new RatingCommands({
      calls: new RatingCalls({
        node,
        ledger,
        store,
        emergencyNumbers,
        capSeconds: Math.min(settings.capSeconds, maxCallSeconds),
        maxCallSeconds,
        refusals,
        log,
        now,
      }),
      accounts: new RatingAccounts({ node, database, store, emergencyNumbers, secondPersonAbove, refusals, log }),
      account: settings.account,
      managers: settings.managers,
      clients: () => [...this.clients].map(lineOf),
      refusals,
      log,
      now,
    });
    this.listener = new SocketListener({
      door: node,
      variable: RATING_SETTINGS.listen.variable,
      listen: settings.listen,
      peers: settings.peers,
      mostConnections: MOST_CONNECTIONS,
      // Call Control keeps its connection, and may be silent for hours.
      idleMs: 0,
      serve: (socket, from) => this.serve(socket, from),
      refusals,
      log,
    });
  }

  override async open(): Promise<void> {
    await super.open();
    this.wantedEnds = this.watchEnds();
  }

  /** Answers and debits that are not durable yet. */
  override get waiting(): number {
    return this.commands.waiting;
  }

  override leave(graceMs: number): Promise<void> {
    this.leaving = true;
    this.wantedEnds?.close();
    for (const { reader } of this.clients) reader.close();
    return super.leave(graceMs);
  }

  override abandon(): void {
    this.commands.close();
  }

  private async serve(socket: Socket, from: string): Promise<void> {
    const reader = new LineReader(socket, MOST_REQUEST_BYTES, silenceMs, REST_WITHIN_MS);
    const client: Client = { from, reader, since: Date.now(), requests: 0 };
    this.clients.add(client);
    if (this.leaving) reader.close();
    try {
      await this.answerEach(socket, client);
    } catch (error) {
      if (error instanceof LineIncomplete) {
        this.refusals.note('request_incomplete', { peer: from });
        return;
      }
      if (!(error instanceof LineTooLong)) throw error;
      this.refusals.note('request_too_long', { peer: from, todo: `a request has at most ${MOST_REQUEST_BYTES} bytes` });
      await written(socket, `${errorReply('the request is too long')}\n\n`);
    } finally {
      this.clients.delete(client);
    }
  }

  private async answerEach(socket: Socket, client: Client): Promise<void> {
    const { reader, from } = client;
    const asker = { from, isGone: () => reader.isEnded };
    let last = '';
    for (;;) {
      const line = (await reader.next())?.trim();
      if (line === undefined || line === 'exit' || line === 'quit') return;
      // The second end of a line, as 2.x and 3.x write it, or one that came after its line was taken as whole.
      if (line === '') continue;
      // A web page can make a browser post here, and each line of the body would be a request.
      if (HTTP_LINE.test(line)) {
        this.refusals.note('http_not_spoken', { peer: from });
        return;
      }
      if (line !== '/') last = line;
      client.requests++;
      const reply = await this.commands.reply(last, asker);
      if (reply === null) return;
      this.listener.countAnswer();
      // In one piece: 4.x takes everything that one read returns as the reply.
      if (!(await written(socket, `${reply}\n\n`))) {
        this.refusals.note('answer_not_read', { peer: from });
        return;
      }
    }
  }
}

export const RATING_DOOR: OwnCallsKind<RatingSettings> = {
  settings: RATING_SETTINGS,
  page: 'rating-engine',
  node: 'rating',
  hears: 'ended by Call Control where the service has RINGFENCE_RATING_CONTROL_SOCKET, otherwise by the limit',
  make: (settings, parts) => new RatingDoor({ ...parts, settings }),
};

const lineOf = ({ from, since, requests }: Client): string =>
  `${from} connected since ${new Date(since).toISOString()}, ${requests} requests`;
