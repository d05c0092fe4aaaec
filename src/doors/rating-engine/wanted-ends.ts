import type { Logger } from 'pino';
import { type Terminated, terminate } from './call-control-socket';
import type { RatingStore } from './rating-store';

export interface WantedEndsOptions {
  /** What astcdr.node says of these calls. */
  node: string;
  /** Call Control's own socket. */
  path: string;
  store: Pick<RatingStore, 'wantedEnds'>;
  log: Logger;
  /** Ms. */
  everyMs?: number;
}

/**
 * Makes Call Control end the talking calls that an operator wants ended, once each; it debits the calls that it ends. A call that rings
 * must wait until it is answered: Call Control would forget it without cancelling it, and it would talk without a limit.
 */
export class WantedEnds {
  /** Calls in progress about which Call Control has answered. */
  private told = new Set<string>();
  private readonly timer: NodeJS.Timeout;
  private looking = false;
  private isFailing = false;

  constructor(private readonly options: WantedEndsOptions) {
    this.timer = setInterval(() => void this.look(), options.everyMs ?? 500);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { store, path, log } = this.options;
    try {
      const wanted = await store.wantedEnds();
      const before = this.told;
      this.told = new Set(wanted.filter(uniqueid => before.has(uniqueid)));
      for (const uniqueid of wanted.filter(one => !before.has(one))) {
        const callId = this.callIdOf(uniqueid);
        const answer = callId === null ? 'unknown' : await terminate(path, callId);
        this.told.add(uniqueid);
        this.note(uniqueid, answer);
      }
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) log.warn({ event: 'call_control_not_asked', path, error: String(error) });
      this.isFailing = true;
    }
    this.looking = false;
  }

  private note(uniqueid: string, answer: Terminated): void {
    const facts = { event: 'call_control_terminate', uniqueid, answer };
    if (answer === 'ended') this.options.log.info(facts);
    else this.options.log.warn(facts);
  }

  /** null for a Call-ID that was too long to be kept. */
  private callIdOf(uniqueid: string): string | null {
    const prefix = `${this.options.node}:call:`;
    // The second call of one Call-ID has its number after a blank.
    return uniqueid.startsWith(prefix) ? (uniqueid.slice(prefix.length).split(' ')[0] as string) : null;
  }
}
