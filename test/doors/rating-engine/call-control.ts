/** A model of Call Control's timers: its questions, and what it does with each answer, as in its sip.py, by a clock of ours. */

interface Call {
  callId: string;
  user: string;
  to: string;
  startedAt: number | null;
  timeLimit: number;
  timer: { delay: number; dueAt: number | null };
}

/** How a call went, by the clock of Call Control. A call is not debited if its end never reaches the rating engine. */
export interface Went {
  callId: string;
  talkMs: number;
  expired: boolean;
  debited: boolean;
}

interface Question {
  line: string;
  then: (reply: string) => void;
}

export class CallControl {
  /** Its calls; those of a user are changed in their order. */
  readonly calls = new Map<string, Call>();
  readonly went: Went[] = [];
  private readonly questions: Question[] = [];
  private asking = false;

  /** `ask` hands a line over and the reply back, one at a time; `now`: ms. */
  constructor(
    private readonly ask: (line: string, reply: (reply: string) => void) => void,
    private readonly now: () => number,
  ) {}

  get pending(): Call[] {
    return [...this.calls.values()].filter(({ startedAt, timeLimit }) => startedAt === null && timeLimit > 0);
  }

  get inProgress(): Call[] {
    return [...this.calls.values()].filter(({ startedAt }) => startedAt !== null);
  }

  /** When the next timer fires; Infinity for none. */
  get nextDueAt(): number {
    return Math.min(...this.inProgress.map(({ timer }) => timer.dueAt as number));
  }

  init(callId: string, user: string, to: string): void {
    const call: Call = { callId, user, to, startedAt: null, timeLimit: 0, timer: { delay: 0, dueAt: null } };
    this.calls.set(callId, call);
    this.question(`MaxSessionTime ${words(call)} Duration=36000 Application=`, reply => {
      call.timeLimit = limitIn(reply);
      if (call.timeLimit === 0) this.calls.delete(callId);
      else setUpTimer(call);
    });
  }

  start(call: Call): void {
    const { now } = this;
    call.startedAt = now();
    call.timer.dueAt = now() + call.timer.delay * 1000;
    this.question(`MaxSessionTime ${words(call)} Duration=36000 Application= State=Connected`, reply => {
      const delay = limitIn(reply) - call.timeLimit;
      for (const other of this.ofUser(call.user)) {
        if (other.startedAt !== null) {
          other.timeLimit += delay;
          other.timer.dueAt = (other.timer.dueAt as number) + delay * 1000;
        } else {
          other.timeLimit = call.timeLimit;
          setUpTimer(other);
        }
      }
    });
    for (const other of this.ofUser(call.user)) {
      if (other !== call) this.resetTo(other, call.timeLimit);
    }
  }

  end(call: Call, expired = false): void {
    this.calls.delete(call.callId);
    const talkMs = call.startedAt === null ? 0 : this.now() - call.startedAt;
    const duration = call.startedAt === null ? 0 : expired ? call.timeLimit : talkMs / 1000;
    const debited = call.timeLimit > 0;
    this.went.push({ callId: call.callId, talkMs, expired, debited });
    if (!debited) return;
    this.question(`DebitBalance ${words(call)} Duration=${duration} Application=`, reply => {
      const [, limit] = /^Ok\nMaxSessionTime=(\d+)\n/.exec(reply) ?? [];
      if (limit === undefined) throw new Error(`${duration}: ${reply}`);
      if (Number(limit) === 0) return;
      for (const other of this.ofUser(call.user)) this.resetTo(other, Number(limit));
    });
  }

  /** Ends the calls whose timers have fired. */
  expire(): void {
    for (const call of this.inProgress) if ((call.timer.dueAt as number) <= this.now()) this.end(call, true);
  }

  private resetTo(call: Call, seconds: number): void {
    if (call.startedAt !== null) {
      call.timeLimit = (this.now() - call.startedAt) / 1000 + seconds;
      call.timer.dueAt = this.now() + seconds * 1000;
    } else {
      call.timeLimit = seconds;
      setUpTimer(call);
    }
  }

  /** Those that were let through. */
  private ofUser(user: string): Call[] {
    return [...this.calls.values()].filter(call => call.user === user && call.timeLimit > 0);
  }

  private question(line: string, then: (reply: string) => void): void {
    this.questions.push({ line, then });
    if (!this.asking) this.next();
  }

  private next(): void {
    const question = this.questions.shift();
    this.asking = question !== undefined;
    if (!question) return;
    this.ask(question.line, reply => {
      question.then(reply);
      this.next();
    });
  }
}

const setUpTimer = (call: Call): void => {
  call.timer = { delay: call.timeLimit, dueAt: null };
};

const words = ({ callId, user, to }: Call): string =>
  `CallId=${callId} From=sip:${user} To=sip:${to}@x Gateway=10.0.0.1`;

function limitIn(reply: string): number {
  const [, seconds] = /^(\d+)\ntype=prepaid$/.exec(reply) ?? [];
  if (seconds === undefined) throw new Error(reply);
  return Number(seconds);
}
