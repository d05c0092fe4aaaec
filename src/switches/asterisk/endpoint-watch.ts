import type { Logger } from 'pino';
import type { Alarms } from '../../alarms/alarm';
import type { AriTransport } from './ari-transport';
import { openEndpoints } from './open-endpoints';

/** How often Asterisk's endpoints are read again, because Asterisk does not report a reload. Ms. */
const EVERY_MS = 60_000;

/** More names than this are only counted. */
const SHOWN = 5;

/** Raises `endpoint_open` while the switch has endpoints that any stranger can use for calls. */
export class EndpointWatch {
  private timer: NodeJS.Timeout | null = null;
  private round = 0;
  private hasFailed = false;
  private node: string | null = null;

  constructor(
    private readonly transport: AriTransport,
    private readonly alarms: Alarms,
    private readonly log: Logger,
  ) {}

  /** Looks now, and then every minute. */
  start(node: string): void {
    this.stop();
    if (this.node !== node) this.forget();
    this.node = node;
    void this.look(node, this.round);
  }

  /** The alarm for what was found stays. */
  stop(): void {
    this.round += 1;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Another service reports what was found. */
  forget(): void {
    this.stop();
    if (this.node !== null) this.alarms.clear('endpoint_open', this.node);
    this.node = null;
  }

  private async look(node: string, round: number): Promise<void> {
    try {
      const names = await openEndpoints(this.transport);
      if (round !== this.round) return;
      if (names.length === 0) this.alarms.clear('endpoint_open', node);
      else this.alarms.raise({ alarm: 'endpoint_open', subject: node, details: detailsOf(names) });
      this.hasFailed = false;
    } catch (error) {
      if (round !== this.round) return;
      if (!this.hasFailed) this.log.warn({ event: 'endpoints_not_checked', node, error: (error as Error).message });
      this.hasFailed = true;
    }
    this.timer = setTimeout(() => void this.look(node, round), EVERY_MS);
  }
}

function detailsOf(names: string[]): string {
  const shown = names.slice(0, SHOWN).map(name => (name.length > 40 ? `${name.slice(0, 40)}…` : name));
  const others = names.length - shown.length;
  return (
    `any stranger can call as ${shown.join(', ')}${others > 0 ? ` and ${others} more` : ''} without a password. ` +
    'Give each a template of dialplan/pjsip.conf, or identify_by = ip, or auth'
  );
}
