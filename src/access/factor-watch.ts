import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Alarms } from '../alarms/alarm';
import { AlarmWatch } from '../alarms/alarm-watch';
import { factorsByKey } from './factor-key-store';

export interface FactorWatchOptions {
  database: Knex;
  /** Of RINGFENCE_PIN_KEY, the newest first. */
  keys: readonly string[];
  alarms: Alarms;
  log: Pick<Logger, 'info' | 'warn'>;
  /** Ms. */
  everyMs?: number;
}

const LOOKED_EVERY_MS = 600_000;

/** One alarm names no more people than these. */
const MOST_NAMED = 5;

const SUBJECT = 'RINGFENCE_PIN_KEY';

/**
 * Raises an alarm while no key of RINGFENCE_PIN_KEY opens the second factor of a person, as after an old key was removed too early: the log-in of
 * that person by a code fails, and only the log tells why. Logs how many second factors an older key encrypted, when that number changes.
 */
export class FactorWatch extends AlarmWatch {
  private older = 0;

  constructor(private readonly options: FactorWatchOptions) {
    super(options.everyMs ?? LOOKED_EVERY_MS);
  }

  protected async lookOnce(): Promise<void> {
    const { database, keys, log } = this.options;
    try {
      const { counts, unreadable } = await factorsByKey(database, keys);
      this.tell(unreadable);
      this.tellOlder(counts.slice(1).reduce((sum, count) => sum + count, 0));
    } catch (error) {
      log.warn({ event: 'second_factors_not_looked_at', error: String(error) });
    }
  }

  private tell(unreadable: readonly string[]): void {
    const { alarms } = this.options;
    if (unreadable.length === 0) {
      alarms.clear('second_factor_unreadable', SUBJECT);
      return;
    }
    const more = unreadable.length > MOST_NAMED ? ` and ${unreadable.length - MOST_NAMED} more` : '';
    const what = `none of its keys opens the second factor of ${unreadable.slice(0, MOST_NAMED).join(', ')}${more}: their codes are answered with an error`;
    const todo = 'write the old key behind the new one and run "pin-key renew", or use "operator reset" for each';
    alarms.raise({ alarm: 'second_factor_unreadable', subject: SUBJECT, details: `${what}; ${todo}` });
  }

  private tellOlder(older: number): void {
    if (older === this.older) return;
    this.older = older;
    const todo = 'run "pin-key renew" before you remove the older key';
    this.options.log.info({ event: 'second_factors_by_older_key', count: older, ...(older > 0 && { todo }) });
  }
}
