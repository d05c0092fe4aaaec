import { SwitchError } from '../../calls/switch-port';
import type { AriAddress } from './ari-address';
import { AriTransport } from './ari-transport';
import { readSwitchName } from './switch-name';

/** Q.850 16, normal clearing: for the caller it looks as if the other side had hung up. */
const NORMAL_CLEARING = 16;

/** The configured switches, at least one. */
export interface Switches {
  switches: readonly AriAddress[];
  switchDeadlineMs: number;
}

/**
 * Ends the caller's channel on the switch that carries the call; false if that switch no longer has it.
 *
 * Asks every configured switch for its name first, because another one may have a channel of the same uniqueid if no systemname is set. A
 * switch that does not answer does not count as one that has no such channel.
 * @throws Error that says which switch did not answer, or that none is called `node`.
 */
export async function hangUp(
  { switches, switchDeadlineMs }: Switches,
  node: string,
  uniqueid: string,
): Promise<boolean> {
  const transports = switches.map(address => new AriTransport(address, switchDeadlineMs));
  try {
    const names = await Promise.all(
      transports.map(transport => readSwitchName(transport).catch((error: Error) => error)),
    );
    const carrier = transports[names.indexOf(node)];
    if (!carrier) throw new Error(notFound(node, names, switches));
    try {
      await carrier.request('DELETE', `/ari/channels/${encodeURIComponent(uniqueid)}?reason_code=${NORMAL_CLEARING}`);
      return true;
    } catch (error) {
      if (error instanceof SwitchError && error.kind === 'gone') return false;
      throw new Error(
        `switch ${node} was asked to hang up and did not confirm it (${(error as Error).message}): try again`,
      );
    }
  } finally {
    await Promise.all(transports.map(transport => transport.close()));
  }
}

function notFound(node: string, names: (string | Error)[], switches: readonly AriAddress[]): string {
  const silent = switches.flatMap(({ origin }, index) => {
    const name = names[index];
    return name instanceof Error ? [`${origin} did not answer (${name.message})`] : [];
  });
  if (silent.length > 0) return `switch ${node} was not found: ${silent.join('; ')}`;
  return `switch ${node} is none of ${names.join(', ')}: add it to RINGFENCE_ARI_URL`;
}
