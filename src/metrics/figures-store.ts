/** Figures that only the database has: of all services together. */
import type { Knex } from 'knex';
import type { BoundedDatabase } from '../database/connection';
import { withDeadline } from '../database/deadline';
import { orFault } from '../database/fault';
import { FreshCopy } from '../database/fresh-copy';
import type { Metric } from './exposition';

/** How long the questions of one scrape may take in all. Ms. */
export const FIGURES_WITHIN_MS = 3_000;

/** What a scrape shows of the database. It is asked once in two seconds at most, however many programs scrape. */
export class DatabaseFigures {
  private readonly copy: FreshCopy<Metric[]>;

  /** `onFault`: called when the database does not answer; these metrics then have no samples. */
  constructor({ database }: Pick<BoundedDatabase, 'database'>, onFault: (fault: unknown) => void) {
    const late = () => new Error('no answer');
    const read = () =>
      withDeadline(
        orFault(() => figures(database)),
        FIGURES_WITHIN_MS,
        late,
      );
    this.copy = new FreshCopy({ read, onFault });
  }

  /** Resolves within `FIGURES_WITHIN_MS`. */
  async metrics(): Promise<Metric[]> {
    return (await this.copy.fresh(FIGURES_WITHIN_MS))?.value ?? metricsOf({ reserved: [], verdicts: [], oldest: [] });
  }
}

interface Figures {
  reserved: { currency: string; amount: string }[];
  verdicts: { kind: string; differences: number; seconds: string }[];
  /** `webhook` empty: not yet handed to the webhooks. */
  oldest: { webhook: string; seconds: string }[];
}

async function figures(database: Knex): Promise<Metric[]> {
  const [reserved] = await database.raw(
    `SELECT a.currency, SUM(r.max_cost) AS amount FROM astcreditres r
     JOIN astaccount a ON a.accountcode = r.accountcode GROUP BY a.currency`,
  );
  const verdicts = await database('astverify')
    .select('kind', 'differences', database.raw('UNIX_TIMESTAMP(verified_at) AS seconds'))
    .orderBy('kind');
  const age = 'GREATEST(0, TIMESTAMPDIFF(MICROSECOND, MIN(o.created_at), UTC_TIMESTAMP(3)) / 1000000) AS seconds';
  const [[waiting]] = await database.raw(
    `SELECT '' AS webhook, ${age} FROM astoutbox o
     WHERE o.event_id = (SELECT event_id FROM astoutbox WHERE dispatched = FALSE ORDER BY event_id LIMIT 1)`,
  );
  const [delivered] = await database.raw(
    `SELECT w.webhook, ${age} FROM astwebhook w
     LEFT JOIN astoutbox o ON o.event_id =
       (SELECT MIN(d.event_id) FROM astdelivery d WHERE d.webhook_id = w.webhook_id AND d.state = 'waiting')
     WHERE w.status <> 'removed' GROUP BY w.webhook ORDER BY w.webhook`,
  );
  return metricsOf({ reserved, verdicts, oldest: [waiting, ...delivered] });
}

const metricsOf = ({ reserved, verdicts, oldest }: Figures): Metric[] => [
  {
    name: 'ringfence_money_reserved',
    help: 'Money that is held for calls in progress, by currency',
    type: 'gauge',
    samples: reserved.map(({ currency, amount }) => ({ labels: { currency }, value: amount })),
  },
  {
    name: 'ringfence_verify_differences',
    help: 'Differences that the last proof of the books found, by what it read: 0 if they balance',
    type: 'gauge',
    samples: verdicts.map(({ kind, differences }) => ({ labels: { kind }, value: differences })),
  },
  {
    name: 'ringfence_verify_timestamp_seconds',
    help: 'When that proof ended, in seconds since 1970',
    type: 'gauge',
    samples: verdicts.map(({ kind, seconds }) => ({ labels: { kind }, value: seconds })),
  },
  {
    name: 'ringfence_oldest_event_seconds',
    help: 'Age of the oldest event that a webhook has not taken; with an empty name, that was not yet handed to the webhooks',
    type: 'gauge',
    samples: oldest.map(({ webhook, seconds }) => ({ labels: { webhook }, value: seconds ?? 0 })),
  },
];
