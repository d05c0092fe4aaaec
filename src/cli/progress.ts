import type { Terminal } from './terminal';

const SCREEN_MS = 100;
const LINE_MS = 5_000;
const BAR = 30;

/** Tells how far a long work is: a bar that is written over on a screen, a line every five seconds elsewhere. On stderr. */
export class Progress {
  private readonly startedAt = performance.now();
  private shownAt = this.startedAt;
  private open = false;

  constructor(private readonly terminal: Terminal) {}

  /** May be called as often as one likes; `facts` are asked for when it is time. `share` from 0 to 1, null when not known. */
  show(facts: (elapsedMs: number) => { share: number | null; text: string }): void {
    const now = performance.now();
    if (now - this.shownAt < (this.terminal.screen ? SCREEN_MS : LINE_MS)) return;
    this.shownAt = now;
    const { share, text } = facts(now - this.startedAt);
    const line = `${share === null ? '' : `${Math.floor(share * 100)} %, `}${text}`;
    if (!this.terminal.screen) {
      this.terminal.err(`${line}\n`);
      return;
    }
    const done = Math.round((share ?? 0) * BAR);
    const bar = share === null ? '' : `[${'#'.repeat(done)}${'.'.repeat(BAR - done)}] `;
    this.terminal.err(`\r\x1b[K${bar}${line}`);
    this.open = true;
  }

  /** Takes the bar away, so that what follows stands on a line of its own. */
  end(): void {
    if (this.open) this.terminal.err('\r\x1b[K');
    this.open = false;
  }
}
