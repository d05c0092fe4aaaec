import type { Terminal } from './terminal';

const SCREEN_MS = 100;
const LINE_MS = 5_000;
const BAR = 30;

/** Tells how far an import is: a bar that is written over on a screen, a line every five seconds elsewhere. On stderr. */
export class ImportProgress {
  private readonly startedAt = performance.now();
  private shownAt: number;
  private open = false;

  constructor(
    private readonly terminal: Terminal,
    /** Bytes of the file; null when that is not known. */
    private readonly size: number | null,
    private readonly bytesRead: () => number,
  ) {
    this.shownAt = this.startedAt;
  }

  show(rates: number): void {
    const now = performance.now();
    if (now - this.shownAt < (this.terminal.screen ? SCREEN_MS : LINE_MS)) return;
    this.shownAt = now;
    const share = this.size ? Math.min(1, this.bytesRead() / this.size) : null;
    const perSecond = Math.round((rates * 1000) / (now - this.startedAt));
    const percent = share === null ? '' : `${Math.floor(share * 100)} %, `;
    const facts = `${percent}${rates} rates, ${perSecond} a second`;
    if (!this.terminal.screen) {
      this.terminal.err(`${facts}\n`);
      return;
    }
    const done = Math.round((share ?? 0) * BAR);
    const bar = share === null ? '' : `[${'#'.repeat(done)}${'.'.repeat(BAR - done)}] `;
    this.terminal.err(`\r\x1b[K${bar}${facts}`);
    this.open = true;
  }

  /** Takes the bar away, so that what follows stands on a line of its own. */
  end(): void {
    if (this.open) this.terminal.err('\r\x1b[K');
    this.open = false;
  }
}
