import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { LineReader, LineTooLong } from '../../listeners/line-reader';
import {
  AgiInvalid,
  type AgiReply,
  type AgiRequest,
  beginsLong,
  commandLine,
  MOST_ENVIRONMENT_LINES,
  replyIn,
  requestIn,
} from './agi-protocol';

/** The other side is gone. The command may or may not have been carried out. */
export class AgiClosed extends Error {
  override name = 'AgiClosed';
}

/** Asterisk did not answer in time. The session is over: a late answer could not be matched to its command. */
export class AgiLate extends Error {
  override name = 'AgiLate';
}

const MOST_LINE_BYTES = 4_096;
/** A reply of several lines shows the usage of one command. */
const MOST_REPLY_LINES = 100;
/** The whole environment must arrive by then; Asterisk writes it at once. Ms. */
const ENVIRONMENT_MS = 5_000;
/** A command that plays nothing and dials nothing is answered within a millisecond. Ms. */
const QUICK_MS = 5_000;

/** How long a command may take whose length depends on the caller. */
export type Patience = number | 'as long as it takes';

/**
 * One channel of Asterisk, for as long as the dialplan leaves it here.
 *
 * Commands go one at a time, and each is answered. The session goes on after the caller hangs up: commands that need no caller still work.
 * If the peer breaks the protocol, is too slow, or goes, the command in progress fails and the session ends.
 */
export class AgiSession {
  private readonly lines: LineReader;
  private asking = false;
  private over: Error | null = null;
  private hungUp = false;

  constructor(private readonly socket: Socket) {
    this.lines = new LineReader(socket, MOST_LINE_BYTES);
    socket.setKeepAlive(true, 30_000);
  }

  /** Whether Asterisk has reported that the caller hung up. The caller may be gone before that. */
  get isHungUp(): boolean {
    return this.hungUp;
  }

  /**
   * The dialplan's request. Must be asked once, and first.
   *
   * A stranger who adds a blank line to what Asterisk writes (see `requestIn`) could follow it with replies to commands that were not
   * sent yet. So the first command makes Asterisk repeat a text that no stranger can know. Its reply proves that everything before it was
   * the environment.
   * @throws AgiInvalid, AgiClosed, AgiLate
   */
  request(): Promise<AgiRequest> {
    const challenge = randomBytes(8).toString('hex');
    return this.within(ENVIRONMENT_MS, async () => {
      const request = requestIn(await this.environment());
      this.socket.write(`${commandLine('GET FULL VARIABLE', [challenge])}\n`);
      const { value } = await this.nextReply();
      if (value !== challenge) throw new AgiInvalid('the environment does not end where it seemed to');
      return request;
    });
  }

  /** Sends one command and returns its reply. @throws AgiInvalid, AgiClosed, AgiLate */
  async ask(command: string, words: readonly string[] = [], patience: Patience = QUICK_MS): Promise<AgiReply> {
    const line = commandLine(command, words);
    if (this.asking) throw new Error('an AGI session is asked one command at a time');
    this.asking = true;
    try {
      return await this.within(patience, async () => {
        this.socket.write(`${line}\n`);
        return this.nextReply();
      });
    } finally {
      this.asking = false;
    }
  }

  /** The value of a text of the dialplan, such as `${DIALSTATUS}`; '' for nothing. */
  async evaluate(text: string): Promise<string> {
    return (await this.ask('GET FULL VARIABLE', [text])).value ?? '';
  }

  async setVariable(name: string, value: string): Promise<void> {
    await this.ask('SET VARIABLE', [name, value]);
  }

  private async environment(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.nextLine();
      if (line === '') return lines;
      if (lines.push(line) > MOST_ENVIRONMENT_LINES) throw new AgiInvalid('the environment has too many lines');
    }
  }

  private async nextReply(): Promise<AgiReply> {
    for (;;) {
      const line = await this.nextLine();
      if (line === 'HANGUP') {
        this.hungUp = true;
        continue;
      }
      if (beginsLong(line)) return this.endOfLong(line.slice(0, 3));
      const reply = replyIn(line);
      if (!reply) throw new AgiInvalid('a line is no reply');
      return reply;
    }
  }

  private async endOfLong(code: string): Promise<AgiReply> {
    for (let count = 1; count < MOST_REPLY_LINES; count++) {
      if ((await this.nextLine()).startsWith(`${code} `)) return { code: Number(code), result: '', value: null };
    }
    throw new AgiInvalid('a reply has too many lines');
  }

  private async nextLine(): Promise<string> {
    const line = await this.lines.next();
    if (line === null) throw new AgiClosed('the switch closed the connection');
    return line;
  }

  /** Any error ends the session: later replies could not be matched to their commands. */
  private async within<Result>(patience: Patience, work: () => Promise<Result>): Promise<Result> {
    if (this.over) throw this.over;
    // Data must not come while no command waits for a reply.
    this.socket.setTimeout(0);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      if (patience === 'as long as it takes') return;
      timer = setTimeout(() => reject(new AgiLate(`the switch did not answer within ${patience} ms`)), patience);
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      this.over = (error as Error).name === LineTooLong.name ? new AgiInvalid('a line is too long') : (error as Error);
      this.socket.destroy();
      throw this.over;
    } finally {
      clearTimeout(timer);
    }
  }
}
