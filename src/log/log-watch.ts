import type { Alarms } from '../alarms/alarm';
import type { Metric } from '../metrics/exposition';
import type { LogOutput } from './log-output';

const LOOKED_EVERY_MS = 5_000;

const SUBJECT = 'standard output';

/** Raises an alarm while lines of log are lost, so that `status` shows it when no log does. */
export class LogWatch {
  private seen = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly output: Pick<LogOutput, 'lost' | 'reason' | 'works'>,
    private readonly alarms: Alarms,
    everyMs = LOOKED_EVERY_MS,
  ) {
    this.timer = setInterval(() => this.look(), everyMs).unref();
  }

  get metrics(): Metric[] {
    return [
      {
        name: 'ringfence_log_lines_lost_total',
        help: 'Lines of log that could not be written, because the disk was full or no program read them',
        type: 'counter',
        samples: [{ labels: {}, value: this.output.lost }],
      },
    ];
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { lost, reason } = this.output;
    const hasLost = lost > this.seen;
    this.seen = lost;
    if (!hasLost) {
      // A service that logs nothing has not noticed yet.
      if (this.output.works) this.alarms.clear('log_not_written', SUBJECT);
      return;
    }
    // Without their number, because the alarm is a line of log itself.
    const details = `lines of log cannot be written (${reason}) and are lost; calls go on: free the disk, or find out why no program reads the pipe`;
    this.alarms.raise({ alarm: 'log_not_written', subject: SUBJECT, details });
  }
}
