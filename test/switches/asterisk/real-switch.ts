import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type AsteriskOptions, type AsteriskServer, startAsterisk } from '../../../lab/servers/asterisk';
import type { SwitchChannel, SwitchEvent } from '../../../src/calls/switch-port';
import { parseAriUrl } from '../../../src/switches/asterisk/ari-address';
import { AsteriskSwitch, type AsteriskSwitchOptions } from '../../../src/switches/asterisk/asterisk-switch';
import { readableLog, until } from './log-lines';

/** An Asterisk of this test file's own, in the folder that the run sweeps up. */
export function ownAsterisk(options: Partial<AsteriskOptions> = {}): Promise<AsteriskServer> {
  const folder = process.env.RINGFENCE_TEST_FOLDER;
  if (folder === undefined) throw new Error('RINGFENCE_TEST_FOLDER is not set: run by jest with its global setup');
  return startAsterisk({ dir: mkdtempSync(join(folder, 'switch-')), ...options });
}

type Arrival = Extract<SwitchEvent, { type: 'arrived' }>;

/** A switch with its events kept. */
export class WatchedPort {
  readonly events: SwitchEvent[] = [];
  readonly port: AsteriskSwitch;
  readonly lines: Record<string, unknown>[];
  /** What happens with a call that arrives. */
  onArrival: (leg: SwitchChannel) => unknown = () => {};
  /** What went wrong in `onArrival`. */
  readonly failures: unknown[] = [];

  constructor(url: string, options: Partial<AsteriskSwitchOptions> = {}) {
    const { log, lines } = readableLog();
    this.lines = lines;
    this.port = new AsteriskSwitch({
      address: parseAriUrl(url),
      application: 'ringfence',
      books: 'ours',
      log,
      requestDeadlineMs: 5_000,
      onEvent: event => {
        this.events.push(event);
        if (event.type !== 'arrived') return;
        Promise.resolve(this.onArrival(event.leg)).catch(error => this.failures.push(error));
      },
      ...options,
    });
    this.port.start();
  }

  async connected(times = 1, withinMs?: number): Promise<this> {
    await until(() => this.of('connected').length >= times, `connection ${times}`, withinMs);
    return this;
  }

  of<Type extends SwitchEvent['type']>(type: Type, channel?: string): Extract<SwitchEvent, { type: Type }>[] {
    return this.events.filter(
      (event): event is Extract<SwitchEvent, { type: Type }> =>
        event.type === type && (channel === undefined || ('channel' in event && event.channel === channel)),
    );
  }

  async arrival(withinMs?: number): Promise<Arrival> {
    await until(() => this.of('arrived').length > 0, 'a call', withinMs);
    return this.of('arrived')[0]!;
  }

  async ended(channel: string): Promise<Extract<SwitchEvent, { type: 'destroyed' }>> {
    await until(() => this.of('destroyed', channel).length > 0, `the end of ${channel}`);
    return this.of('destroyed', channel)[0]!;
  }

  forget(): void {
    this.events.length = 0;
    this.onArrival = () => {};
  }
}

/** The way of a call through the port: bridge, called leg, both in, dial. Resolves when it is dialled. */
export async function callThrough(
  port: AsteriskSwitch,
  aLeg: SwitchChannel,
  call: { bLeg: string; endpoint?: string; ringSeconds?: number; limitSeconds?: number },
): Promise<void> {
  const limitSeconds = call.limitSeconds ?? 60;
  await port.setLimit(aLeg.channel, limitSeconds);
  await port.createBridge(`${call.bLeg}-bridge`);
  await port.createLeg({
    channel: call.bLeg,
    endpoint: call.endpoint ?? `PJSIP/${aLeg.dialledNumber}@carrier`,
    originator: aLeg.channel,
    accountcode: 'alice',
    limitSeconds,
  });
  await port.join(`${call.bLeg}-bridge`, [aLeg.channel, call.bLeg]);
  await port.dial(call.bLeg, aLeg.channel, call.ringSeconds ?? 30);
}
