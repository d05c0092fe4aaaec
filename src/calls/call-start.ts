import { type Route, ringingSeconds } from '../routes/route';
import type { Routes } from '../routes/route-table';
import type { CallCredit } from './call-credit';
import { LONGEST_RING_SECONDS } from './call-deadlines';
import type { CallEvent } from './call-state';
import type { CarriedCall } from './carried-call';

export interface CallStartOptions {
  routes: Routes;
  credit: Pick<CallCredit, 'start'>;
  /** How long each trunk may ring. */
  ringSeconds: number;
  isCarried: (call: CarriedCall) => boolean;
  post: (call: CarriedCall, event: CallEvent) => void;
}

/** Whether a call may start, and with how much: looks up its routes, then asks the ledger. */
export class CallStart {
  private closed = false;

  constructor(private readonly options: CallStartOptions) {}

  /** Lets only emergency calls start from now on. */
  close(): void {
    this.closed = true;
  }

  /** Resolves with `granted` or `refused`; undefined if another process carries the call by then. */
  async start(call: CarriedCall): Promise<CallEvent | undefined> {
    const { emergency } = call.state;
    if (this.closed && !emergency) return { type: 'refused', refusal: 'shutting_down' };
    const askedAt = performance.now();
    const routes = await this.routesOf(call);
    if (!this.options.isCarried(call)) return undefined;
    if (routes === null) return { type: 'refused', refusal: 'ledger_unavailable' };
    if (routes.length > 0) this.options.post(call, { type: 'routed', routes });
    // The caller left while the routes were read.
    if (call.state.endAt !== null && !emergency) return { type: 'refused', refusal: 'ledger_unavailable' };
    return this.askLedger(call, routes, performance.now() - askedAt);
  }

  /** The routes of a call that we dial; null if they could not be read in time. */
  private async routesOf({ state: { dialledBy, dst, emergency } }: CarriedCall): Promise<Route[] | null> {
    return dialledBy !== 'us' || dst === null ? [] : this.options.routes.of(dst, emergency);
  }

  private askLedger(call: CarriedCall, routes: Route[], waitedMs: number): Promise<CallEvent> {
    const { state, port } = call;
    const { uniqueid, accountcode, node, src, dst, startAt, emergency, dialog, pool, dialledBy } = state;
    const isOurs = dialledBy === 'us';
    const request = {
      ...{ uniqueid, accountcode, node, src, dst, startAt, emergency, dialog, pool, waitedMs },
      ringSeconds: isOurs ? ringingSeconds(this.options.ringSeconds, routes.length) : LONGEST_RING_SECONDS,
      routable: !isOurs || routes.length > 0,
      withinMs: port.startWithinMs,
    };
    const isWanted = () => call.state.endAt === null;
    return this.options.credit.start(dialledBy === 'dialplan' ? { ...request, fixed: {} } : request, isWanted);
  }
}
