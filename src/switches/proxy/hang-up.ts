import { dialogsOf } from './dialogs';
import { callIdIn, proxyNode } from './proxy-gate';
import { proxyRpc } from './proxy-rpc';
import { PROXY_SETTINGS, type ProxySettings } from './proxy-settings';

/** Whether a call is carried by a SIP proxy. */
export const isOfProxy = (node: string): boolean => node.startsWith(proxyNode(''));

/**
 * Ends a call on the proxy that carries it; false if that proxy no longer has it.
 * @throws Error that names the setting, or what the proxy did not do.
 */
export async function hangUpAtProxy(settings: ProxySettings, node: string, uniqueid: string): Promise<boolean> {
  const { rpc, name, limitTable } = settings;
  if (!rpc) throw new Error(`${PROXY_SETTINGS.rpc.variable} is missing: set it to where ${node} is asked`);
  if (node !== proxyNode(name)) {
    throw new Error(
      `${node} is not ${proxyNode(name)}: set ${PROXY_SETTINGS.name.variable} and ${PROXY_SETTINGS.rpc.variable}`,
    );
  }
  const callId = callIdIn(node, uniqueid);
  if (callId === null) throw new Error(`the Call-ID of this call is too long to be kept: end it at ${node}`);
  const proxy = proxyRpc(rpc);
  try {
    const dialogs = dialogsOf(rpc, proxy.ask, limitTable);
    // Otherwise the service would take it for a hang-up by the caller. A missing table must not keep a call from being ended.
    await dialogs.table?.markEnded(callId).catch(() => undefined);
    return await dialogs.end(callId);
  } catch (error) {
    throw new Error(`${node} was asked to hang up and did not confirm it (${(error as Error).message}): try again`);
  } finally {
    proxy.close();
  }
}
