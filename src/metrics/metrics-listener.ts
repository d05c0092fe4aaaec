import type { Logger } from 'pino';
import { type HttpAnswer, HttpListener, type HttpQuestion } from '../listeners/http-listener';
import type { ListenAt } from '../listeners/listen-at';
import type { Peers } from '../listeners/peers';
import { RefusalLog } from '../listeners/refusal-log';
import { CONTENT_TYPE, exposition, type Metric } from './exposition';
import { HEALTH, type Readiness } from './readiness';

export interface MetricsOptions {
  listen: ListenAt;
  peers: Peers;
  /** The present metrics. */
  metrics: () => Metric[];
  readiness: Readiness;
  log: Logger;
}

/** Where Prometheus, or another program that reads its format, asks `GET /metrics`, and a supervisor whether the service is ready. */
export class MetricsListener {
  private readonly http: HttpListener;

  constructor({ listen, peers, metrics, readiness, log }: MetricsOptions) {
    const refusals = new RefusalLog('metrics', log);
    const answer = async ({ url }: HttpQuestion): Promise<HttpAnswer> => {
      if (url === '/metrics') return { status: 200, type: CONTENT_TYPE, text: exposition(metrics()) };
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

  close(): Promise<void> {
    return this.http.close(0);
  }
}
