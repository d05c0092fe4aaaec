import type { Terminal } from './terminal';

const SCREEN_MS = 100;
const LINE_MS = 5_000;
const BAR = 30;

/** Shows on stderr how far a long task is: on a screen a bar that is overwritten, elsewhere a line every five seconds. */
export class Progress {
  private readonly startedAt = performance.now();
  private shownAt = this.startedAt;
  private open = false;

  constructor(private readonly terminal: Terminal) {}

  /** May be called at any rate: `facts` is called only when output is due. `share` from 0 to 1, null if not known. */
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

  /** Removes the bar, so that the next text has a line of its own. */
  end(): void {
    if (this.open) this.terminal.err('\r\x1b[K');
    this.open = false;
  }
}
