/** The operations of ARI that are used here, as Asterisk's api-docs describe them. Pure. */

/** Path parameters stand in `path`; `query` names the others, and `body` the one that is the request's body. */
export interface AriOperation {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query: readonly string[];
  body: string | null;
}

const operation = (
  method: AriOperation['method'],
  path: string,
  query: readonly string[] = [],
  body: string | null = null,
): AriOperation => ({ method, path, query, body });

export const ARI_OPERATIONS = {
  applications: {
    filter: operation('PUT', '/applications/{applicationName}/eventFilter', [], 'filter'),
    subscribe: operation('POST', '/applications/{applicationName}/subscription', ['eventSource']),
  },
  asterisk: {
    ping: operation('GET', '/asterisk/ping'),
    setGlobalVar: operation('POST', '/asterisk/variable', ['variable', 'value']),
  },
  bridges: {
    createWithId: operation('POST', '/bridges/{bridgeId}', ['type', 'name']),
    addChannel: operation('POST', '/bridges/{bridgeId}/addChannel', ['channel']),
    destroy: operation('DELETE', '/bridges/{bridgeId}'),
  },
  channels: {
    create: operation(
      'POST',
      '/channels/create',
      ['endpoint', 'app', 'appArgs', 'channelId', 'originator'],
      'variables',
    ),
    dial: operation('POST', '/channels/{channelId}/dial', ['caller', 'timeout']),
    hangup: operation('DELETE', '/channels/{channelId}', ['reason_code']),
    playWithId: operation('POST', '/channels/{channelId}/play/{playbackId}', ['media']),
    getChannelVar: operation('GET', '/channels/{channelId}/variable', ['variable']),
    setChannelVar: operation('POST', '/channels/{channelId}/variable', ['variable', 'value']),
    setChannelVars: operation('POST', '/channels/{channelId}/variables', [], 'variables'),
    continueInDialplan: operation('POST', '/channels/{channelId}/continue'),
  },
  playbacks: {
    stop: operation('DELETE', '/playbacks/{playbackId}'),
  },
} as const satisfies Record<string, Record<string, AriOperation>>;

/** A parameter as the api-docs describe it. */
export interface DescribedParameter {
  name: string;
  paramType: string;
}

/** An operation as the api-docs of a switch describe it. */
export interface DescribedOperation {
  method: string;
  path: string;
  parameters: readonly DescribedParameter[];
}

/** What a request is, by its parameters. A parameter that the operation does not have is an error of ours. */
export function ariRequest(
  { method, path, query, body }: AriOperation,
  parameters: Readonly<Record<string, unknown>> = {},
): { method: string; path: string; body: string | undefined } {
  const left = new Map(Object.entries(parameters));
  const take = (name: string) => {
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(take(name))));
  const content = body === null ? undefined : take(body);
  const search = query
    .map(name => [name, take(name)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
  const [unknown] = left.keys();
  if (unknown !== undefined) throw new Error(`${method} ${path} has no parameter ${unknown}`);
  // Asterisk wants variables in a field of that name, and a filter as it is.
  const sent = body === 'variables' ? { variables: content } : content;
  return {
    method,
    path: `/ari${filled}${search === '' ? '' : `?${search}`}`,
    body: content === undefined ? undefined : JSON.stringify(sent),
  };
}

/** How a switch's description of an operation differs from ours: `POST /channels/create lacks originator`; null where it does not. */
export function difference(ours: AriOperation, described: DescribedOperation | undefined): string | null {
  const what = `${ours.method} ${ours.path}`;
  if (!described) return `${what} is missing`;
  const theirs = `${described.method.toUpperCase()} ${described.path}`;
  if (theirs !== what) return `${what} is ${theirs}`;
  const inPath = [...ours.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name: name!, paramType: 'path' }));
  const inQuery = ours.query.map(name => ({ name, paramType: 'query' }));
  const inBody = ours.body === null ? [] : [{ name: ours.body, paramType: 'body' }];
  const lacking = [...inPath, ...inQuery, ...inBody].filter(
    ({ name, paramType }) => !described.parameters.some(each => each.name === name && each.paramType === paramType),
  );
  return lacking.length === 0 ? null : `${what} lacks ${lacking.map(({ name }) => name).join(', ')}`;
}
