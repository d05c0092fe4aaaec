import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Refusal } from '../../credit/refusal';
import { LineReader, LineTooLong } from '../../listeners/line-reader';
import { parsePeers } from '../../listeners/peers';
import { type ListenOnFile, SocketListener } from '../../listeners/socket-listener';
import { written } from '../../listeners/written';
import { isEmergency, masked } from '../../rating/dialled-number';
import type { ProxyGate } from '../../switches/proxy/proxy-gate';
import { accountIn } from '../door-call';
import type { ProxyCallsKind } from '../door-kind';
import { ListeningDoor } from '../listening-door';
import {
  ControlError,
  type ControlReply,
  type ControlRequest,
  dialledIn,
  payingParty,
  REPLY_OF_REFUSAL,
  requestIn,
} from './control-request';
import { CONTROL_SETTINGS, type ControlSettings } from './control-settings';

export interface ControlDoorOptions {
  listen: ListenOnFile;
  gate: ProxyGate;
  /** The account of a caller: `{user}` and `{domain}`. */
  account: string;
  emergencyNumbers: readonly string[];
  log: Logger;
}

/** The size of the module's own buffer. */
const MOST_LINE = 8_192;
const MOST_LINES = 40;
/** A worker of the proxy keeps its connection, and is silent while there are no calls. */
const NEVER_IDLE = 0;
const MOST_CONNECTIONS = 500;
/** A message must arrive whole by then. Ms. */
const MESSAGE_MS = 5_000;
/**
 * A connection on which nothing comes at once is closed; ms.
 *
 * Kamailio connects once before it forks, so all its workers would read from one connection. If two workers ask at the same time, each
 * may get the other's answer, and a call without credit is let through. A worker that finds its connection closed opens one of its own
 * within the same question, and sends at once. Source: its call_control.c, child_init() and send_command(); measured on 6.1.5.
 */
const PROMPT_MS = 50;

const LIMITED = 'Limited\r\n';

/**
 * The door where the call_control module of an unmodified Kamailio or OpenSIPS asks whether a call may begin, and reports what becomes of
 * it.
 */
export class ControlDoor extends ListeningDoor {
  protected readonly listener: SocketListener;
  private readonly readers = new Set<LineReader>();

  constructor(private readonly options: ControlDoorOptions) {
    const { listen, log } = options;
    super('call-control', log);
    this.listener = new SocketListener({
      door: this.name,
      variable: CONTROL_SETTINGS.listen.variable,
      listen,
      // The mode of the file says which users may connect.
      peers: parsePeers([]),
      mostConnections: MOST_CONNECTIONS,
      idleMs: NEVER_IDLE,
      serve: socket => this.serve(socket),
      refusals: this.refusals,
      log,
    });
  }

  /** The proxy's workers do not leave by themselves. */
  override async leave(graceMs: number): Promise<void> {
    const closed = super.leave(graceMs);
    for (const reader of this.readers) reader.close();
    await closed;
  }

  private async serve(socket: Socket): Promise<void> {
    const reader = new LineReader(socket, MOST_LINE);
    this.readers.add(reader);
    socket.on('close', () => this.readers.delete(reader));
    const prompt = setTimeout(() => setImmediate(() => reader.hasMore || socket.destroy()), PROMPT_MS);
    socket.once('data', () => clearTimeout(prompt));
    try {
      for (let lines = await messageOf(socket, reader); lines !== null; lines = await messageOf(socket, reader)) {
        const request = this.requestOf(lines);
        const answer = request ? await this.answerTo(request) : 'Error\r\n';
        // Two workers share a connection, or one asks again before its answer came: which of them would read which answer?
        const isTorn = reader.hasMore;
        if ((isTorn || reader.isEnded) && request?.command === 'init' && answer === LIMITED) {
          this.told(request.callId, 'stopped');
        }
        if (isTorn) throw new MessageBroken('messages_overlap');
        this.listener.countAnswer();
        // In one piece: the module looks at each piece by itself.
        if (!(await written(socket, answer))) return this.refusals.note('answer_not_read', {});
      }
    } catch (error) {
      if (!(error instanceof LineTooLong || error instanceof MessageBroken)) throw error;
      this.refusals.note(error instanceof LineTooLong ? 'message_too_long' : error.message, {});
      socket.destroy();
    }
  }

  private requestOf(lines: readonly string[]): ControlRequest | null {
    try {
      return requestIn(lines);
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      this.refusals.note('message_invalid', { detail: error.message });
      return null;
    }
  }

  private async answerTo(request: ControlRequest): Promise<string> {
    switch (request.command) {
      case 'init':
        return `${await this.init(request)}\r\n`;
      case 'start':
        return this.told(request.callId, 'answered');
      case 'stop':
        return this.told(request.callId, 'stopped');
      case 'terminate':
        return this.terminate(request.callId);
      case 'debug':
        return this.debug(request);
    }
  }

  private async init(request: Extract<ControlRequest, { command: 'init' }>): Promise<ControlReply> {
    const { callId, ruri, prepaid, callLimit } = request;
    const { gate, account, emergencyNumbers } = this.options;
    // A postpaid call: the module neither reports such a call nor limits it.
    if (prepaid === 'false') return 'No limit';
    const party = payingParty(request);
    const accountcode = party && accountIn(account, { ...party });
    const dialled = dialledIn(ruri);
    // An emergency call never waits, for any caller and any number of the caller's calls.
    const emergency = isEmergency(dialled, emergencyNumbers);
    if (!accountcode && !emergency) return this.no('caller_invalid', 'Error', {});
    const facts = { accountcode, dst: masked(dialled.replace(/[^0-9+]/g, '')) };
    const isFull = accountcode && callLimit > 0 && (gate.port?.callsOf(accountcode) ?? 0) >= callLimit;
    if (isFull && !emergency) {
      return this.no('call_limit', 'Call limit reached', facts);
    }
    const decided = await gate.authorise({
      callId,
      args: accountcode ? [`account=${accountcode}`] : [],
      callerNumber: party?.user ?? '',
      dialledNumber: dialled,
    });
    switch (decided) {
      case 'away':
        return this.no('not_acting', 'Error', facts);
      case 'late':
        return this.no('ledger_unavailable', 'Error', facts);
      case 'duplicate':
        return this.no('call_id_reused', 'Duplicated callid', facts);
      case 'invalid':
        return this.no('call_id_invalid', 'Error', facts);
    }
    const { refusal } = decided;
    return refusal === null ? 'Limited' : this.no(refusal, REPLY_OF_REFUSAL[refusal], facts);
  }

  private no(reason: Refusal | string, reply: ControlReply, facts: object): ControlReply {
    this.refusals.note(reason, { ...facts, reply });
    return reply;
  }

  private told(callId: string, what: 'answered' | 'stopped'): string {
    const { gate } = this.options;
    const uniqueid = gate.uniqueidOf(callId);
    const isKnown = uniqueid !== null && gate.port?.[what](uniqueid) === true;
    return isKnown ? 'Ok\r\n' : 'Not found\r\n';
  }

  private async terminate(callId: string): Promise<string> {
    const { gate, log } = this.options;
    const uniqueid = gate.uniqueidOf(callId);
    if (uniqueid === null || !gate.port?.isInProgress(uniqueid)) return `Call id ${callId} does not exist\r\n\r\n`;
    try {
      await gate.port.hangup(uniqueid);
      return 'Ok\r\n\r\n';
    } catch (error) {
      log.warn({ event: 'not_terminated', door: this.name, uniqueid, error: String(error) });
      return 'Error\r\n\r\n';
    }
  }

  private debug(request: Extract<ControlRequest, { command: 'debug' }>): string {
    const calls = this.options.gate.port?.list() ?? [];
    if (request.show === 'sessions') {
      const lines = calls
        .filter(({ user }) => user.startsWith(request.user))
        .map(({ callId, user, dialled, answeredAt }) => {
          const state = answeredAt === null ? 'pending' : 'in-progress';
          return `Call id ${callId} of ${user} to ${dialled}: ${state}\r\n`;
        });
      return `${lines.join('')}\r\n`;
    }
    const call = calls.find(({ callId }) => callId === request.callId);
    if (!call) return `Call id ${request.callId} does not exist\r\n\r\n`;
    const { callId, user, dialled, answeredAt, secondsLeft } = call;
    const facts = {
      callid: callId,
      user,
      ruri: dialled,
      prepaid: 'True',
      starttime: answeredAt === null ? 'None' : String(Math.floor(answeredAt / 1000)),
      timelimit: secondsLeft === null ? 'None' : String(Math.floor(secondsLeft)),
      duration: answeredAt === null ? '0' : String(Math.floor((Date.now() - answeredAt) / 1000)),
    };
    return `${Object.entries(facts)
      .map(([key, value]) => `${key}: ${value}\r\n`)
      .join('')}\r\n`;
  }
}

export const CONTROL_DOOR: ProxyCallsKind<ControlSettings> = {
  settings: CONTROL_SETTINGS,
  page: 'call-control',
  node: null,
  make: ({ listen }, { proxy: { account }, ...parts }) => new ControlDoor({ ...parts, listen, account }),
};

class MessageBroken extends Error {
  override name = 'MessageBroken';
}

/** The lines of one message; null when the peer has ended between two messages. @throws MessageBroken, LineTooLong */
async function messageOf(socket: Socket, reader: LineReader): Promise<string[] | null> {
  const lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    for (;;) {
      const line = await reader.next();
      if (line === null) {
        if (lines.length > 0) throw new MessageBroken('message_unfinished');
        return null;
      }
      // A person who types leaves empty lines between two messages.
      if (line === '' && lines.length === 0) continue;
      if (line === '') return lines;
      timer ??= setTimeout(() => socket.destroy(), MESSAGE_MS);
      if (lines.push(line) > MOST_LINES) throw new MessageBroken('message_too_long');
    }
  } finally {
    clearTimeout(timer);
  }
}
