import type { Logger } from 'pino';
import type { HttpListener } from '../listeners/http-listener';
import { RefusalLog } from '../listeners/refusal-log';
import type { SocketListener } from '../listeners/socket-listener';
import type { Door, DoorFigures } from './door';

/** What every door has in common. The class of a door adds the listener for its protocol, and overrides what differs. */
export abstract class ListeningDoor implements Door {
  protected readonly refusals: RefusalLog;
  protected abstract readonly listener: HttpListener | SocketListener;

  constructor(
    readonly name: string,
    log: Logger,
  ) {
    this.refusals = new RefusalLog(name, log);
  }

  /** 0 for a door that answers only when everything is durable. */
  get waiting(): number {
    return 0;
  }

  get figures(): DoorFigures {
    return { ...this.listener.counts, waiting: this.waiting, refusals: this.refusals.totals() };
  }

  /** The port on which it listens, also if port 0 was requested; 0 for a file. */
  get port(): number {
    return this.listener.port;
  }

  /** @throws Error that names the setting, if it cannot listen. */
  open(): Promise<void> {
    return this.listener.open();
  }

  leave(graceMs: number): Promise<void> {
    return this.listener.close(graceMs);
  }

  abandon(): void {
    // Nothing waits.
  }
}
