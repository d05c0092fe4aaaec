import type { AriAddress } from './ari-address';
import type { AriTransport } from './ari-transport';

/** What Asterisk reports about itself, with the fields of its name. */
export interface NamedInfo {
  config?: { name?: string };
}

/** The switch's own name, by the same rule as in the CDR: Asterisk's `systemname`, or host:port if it has none. */
export function nameIn(info: NamedInfo, address: AriAddress): string {
  return info.config?.name || address.host;
}

/** Asks the switch for its name. Rejects as AriTransport.read does. */
export async function readSwitchName(transport: AriTransport): Promise<string> {
  return nameIn(await transport.read<NamedInfo>('/ari/asterisk/info?only=config'), transport.address);
}
