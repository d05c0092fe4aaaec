/** Looks again and again for what an alarm tells, never twice at once, until it is closed. */
export abstract class AlarmWatch {
  private readonly timer: NodeJS.Timeout;
  private looking = false;

  constructor(everyMs: number) {
    this.timer = setInterval(() => void this.look(), everyMs).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Looks once; does nothing while another look is in progress. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    await this.lookOnce();
    this.looking = false;
  }

  /** Never rejects: other parts report a database that is away. */
  protected abstract lookOnce(): Promise<void>;
}
