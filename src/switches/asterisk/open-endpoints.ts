import { SwitchError } from '../../calls/switch-port';
import type { AriTransport } from './ari-transport';

/** One setting of an object of Asterisk's configuration, as ARI lists them. */
export interface ObjectSetting {
  attribute: string;
  value: string;
}

/** The name for which res_pjsip_endpoint_identifier_anonymous looks, whatever an endpoint's identify_by says. */
const ANONYMOUS = /^anonymous(@|$)/;

/**
 * Whether any stranger can call as this endpoint of Asterisk without a password: it has no `auth`, and Asterisk finds it by something that
 * a caller writes (the From header, any other header). An endpoint that is known by its address alone is closed.
 */
export function isOpenEndpoint(name: string, settings: readonly ObjectSetting[]): boolean {
  const of = (attribute: string) => settings.find(setting => setting.attribute === attribute)?.value.trim() ?? '';
  if (of('auth') !== '') return false;
  return of('identify_by') !== 'ip' || ANONYMOUS.test(name);
}

/**
 * The names of the switch's endpoints that any stranger can use for calls, sorted. One request for each endpoint, one after the other, so
 * that ten thousand of them take no connection from calls.
 * @throws SwitchError as AriTransport.read.
 */
export async function openEndpoints(transport: AriTransport): Promise<string[]> {
  const endpoints = await transport.read<{ technology: string; resource: string }[]>('/ari/endpoints');
  const open: string[] = [];
  for (const { technology, resource } of endpoints) {
    if (technology !== 'PJSIP') continue;
    const settings = await settingsOf(transport, resource);
    if (settings !== null && isOpenEndpoint(resource, settings)) open.push(resource);
  }
  return open.sort();
}

/** null if the endpoint is gone by now. */
async function settingsOf(transport: AriTransport, endpoint: string): Promise<ObjectSetting[] | null> {
  const path = `/ari/asterisk/config/dynamic/res_pjsip/endpoint/${encodeURIComponent(endpoint)}`;
  try {
    return await transport.read<ObjectSetting[]>(path);
  } catch (error) {
    if (error instanceof SwitchError && error.kind === 'gone') return null;
    throw error;
  }
}
