import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Metric } from '../metrics/exposition';
import type { Alarm, AlarmName, Alarms } from './alarm';
import { reportAlarms } from './alarm-store';

export interface AlarmBoardOptions {
  database: Knex;
  /** This process, as `ownName` writes it. */
  reporter: string;
  log: Logger;
  /** How often a lasting alarm is reported again. Ms. */
  everyMs?: number;
}

/** How long a stopping service waits until its rows are deleted. Ms. */
const CLOSE_WITHIN_MS = 1_000;

/**
 * The alarms of this process: each is a log line at level error when it begins, one when it is over, a metric, and a row of `astalarm` for
 * `ringfence status`. While the database is away the rows wait.
 */
export class AlarmBoard implements Alarms {
  private readonly standing = new Map<string, Alarm>();
  private readonly timer: NodeJS.Timeout;
  private work: Promise<void> = Promise.resolve();
  private isReporting = false;
  /** Something changed that is not in the database yet. */
  private isBehind = false;

  constructor(private readonly options: AlarmBoardOptions) {
    this.timer = setInterval(() => {
      if (this.isBehind || this.standing.size > 0) this.report();
    }, options.everyMs ?? 15_000);
    this.timer.unref();
  }

  raise(alarm: Alarm): void {
    const key = keyOf(alarm.alarm, alarm.subject);
    const before = this.standing.get(key);
    this.standing.set(key, alarm);
    if (before?.details === alarm.details) return;
    this.options.log.error({ event: alarm.alarm, subject: alarm.subject, details: alarm.details });
    this.report();
  }

  clear(alarm: AlarmName, subject: string): void {
    if (!this.standing.delete(keyOf(alarm, subject))) return;
    this.options.log.info({ event: 'alarm_over', alarm, subject });
    this.report();
  }

  get metrics(): Metric[] {
    return [
      {
        name: 'ringfence_alarm',
        help: 'What the service finds wrong around it and an operator has to correct: 1 while it lasts',
        type: 'gauge',
        samples: [...this.standing.values()].map(({ alarm, subject }) => ({ labels: { alarm, subject }, value: 1 })),
      },
    ];
  }

  /** Takes back what this process reported. Does not wait for a database that is away: the rows cease to count by themselves. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    if (this.standing.size > 0) {
      this.standing.clear();
      this.report();
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([this.work, late]);
    clearTimeout(timer);
  }

  /** One report at a time, and one more if something changed meanwhile. */
  private report(): void {
    this.isBehind = true;
    if (this.isReporting) return;
    this.isReporting = true;
    this.work = this.reportAll().finally(() => {
      this.isReporting = false;
    });
  }

  private async reportAll(): Promise<void> {
    const { database, reporter, log } = this.options;
    while (this.isBehind) {
      this.isBehind = false;
      try {
        await reportAlarms(database, reporter, [...this.standing.values()]);
      } catch (error) {
        this.isBehind = true;
        log.warn({ event: 'alarms_not_written', error: String(error) });
        return;
      }
    }
  }
}

const keyOf = (alarm: AlarmName, subject: string): string => `${alarm} ${subject}`;
