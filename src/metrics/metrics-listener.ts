import type { Logger } from 'pino';
import { version } from '../config/version';
import { type BoundedDatabase, openBoundedDatabase } from '../database/connection';
import { type HttpAnswer, HttpListener, type HttpQuestion } from '../listeners/http-listener';
import type { ListenAt } from '../listeners/listen-at';
import type { Peers } from '../listeners/peers';
import { RefusalLog } from '../listeners/refusal-log';
import { CONTENT_TYPE, exposition, type Metric } from './exposition';
import { DatabaseFigures, FIGURES_WITHIN_MS } from './figures-store';
import { ProcessFigures } from './process-figures';
import { HEALTH, type Readiness } from './readiness';

export interface MetricsOptions {
  listen: ListenAt;
  peers: Peers;
  /** Asked for what only the database has. */
  databaseUrl: string;
  /** The present metrics of the service's parts. Those of the process and of the database are added. */
  metrics: () => Metric[];
  readiness: Readiness;
  log: Logger;
}

/** Where Prometheus, or another program that reads its format, asks `GET /metrics`, and a supervisor whether the service is ready. */
export class MetricsListener {
  private readonly http: HttpListener;
  private readonly process = new ProcessFigures(version);
  private readonly books: BoundedDatabase;

  constructor({ listen, peers, databaseUrl, metrics, readiness, log }: MetricsOptions) {
    this.books = openBoundedDatabase(databaseUrl, FIGURES_WITHIN_MS / 1000);
    const figures = new DatabaseFigures(this.books, error =>
      log.warn({ event: 'figures_not_read', error: String(error) }),
    );
    const refusals = new RefusalLog('metrics', log);
    const answer = async ({ url }: HttpQuestion): Promise<HttpAnswer> => {
      if (url === '/metrics') {
        const ofDatabase = await figures.metrics();
        const text = exposition([...metrics(), ...this.process.metrics, ...ofDatabase]);
        return { status: 200, type: CONTENT_TYPE, text };
      }
      const health = HEALTH.get(url);
      if (health) return { ...(await health(readiness)), type: 'application/json; charset=utf-8' };
      return { status: 404, type: 'text/plain', text: `there is only /metrics, ${[...HEALTH.keys()].join(', ')}\n` };
    };
    this.http = new HttpListener({
      door: 'metrics',
      variable: 'RINGFENCE_METRICS_LISTEN',
      listen,
      peers,
      methods: ['GET'],
      answer,
      busy: { status: 503, type: 'text/plain', text: 'ask again later\n' },
      refusals,
      log,
    });
  }

  /** @throws Error that names the setting, when it cannot listen. */
  open(): Promise<void> {
    return this.http.open();
  }

  get port(): number {
    return this.http.port;
  }

  async close(): Promise<void> {
    this.process.close();
    this.books.cut();
    await Promise.all([this.http.close(0), this.books.database.destroy()]);
  }
}
