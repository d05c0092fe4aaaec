/** The address at which a SIP proxy is asked: its kind and the transport. */
export interface ProxyUrl {
  kind: 'kamailio' | 'opensips';
  transport: 'http' | 'udp';
  host: string;
  port: number;
  /** For http; `/RPC`. */
  path: string;
}

const FORMS =
  'write kamailio+http://127.0.0.1:5062/RPC, kamailio+udp://127.0.0.1:5063 or opensips+udp://127.0.0.1:5063';

/** @throws Error that says what is wrong with it; it holds no secret. */
export function parseProxyUrl(text: string): ProxyUrl {
  const [, kind, transport, rest] = /^(kamailio|opensips)\+(http|udp):\/\/(.+)$/.exec(text) ?? [];
  if (!kind || !transport || !rest) throw new Error(`${JSON.stringify(text)} is no address of a proxy: ${FORMS}`);
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : null;
  const port = Number(url?.port || (transport === 'http' ? 80 : Number.NaN));
  const isPlain = url !== null && url.username === '' && url.search === '' && url.hash === '';
  if (!isPlain || !(port >= 1) || (transport === 'udp' && url.pathname !== '/')) {
    throw new Error(`${JSON.stringify(text)} is no address of a proxy: ${FORMS}`);
  }
  if (kind === 'opensips' && transport === 'http') {
    throw new Error(`${JSON.stringify(text)}: OpenSIPS is asked over mi_datagram: write opensips+udp://127.0.0.1:5063`);
  }
  return {
    kind: kind as ProxyUrl['kind'],
    transport: transport as ProxyUrl['transport'],
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    path: url.pathname,
  };
}

/** The address again, made of what was read: a password that the text may hold is no part of it. */
export const shownProxyUrl = ({ kind, transport, host, port, path }: ProxyUrl): string =>
  `${kind}+${transport}://${host.includes(':') ? `[${host}]` : host}:${port}${transport === 'http' ? path : ''}`;
