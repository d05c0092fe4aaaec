import { ARI_OPERATIONS, ariRequest, difference } from '../../../src/switches/asterisk/ari-operations';

const { channels, applications, bridges } = ARI_OPERATIONS;

test('parameters stand where the operation wants them, and what a stranger chose cannot leave its place', () => {
  expect(
    ariRequest(channels.setChannelVar, { channelId: 'a/../b?x', variable: 'TIMEOUT(absolute)', value: '5&6' }),
  ).toEqual({
    method: 'POST',
    path: '/ari/channels/a%2F..%2Fb%3Fx/variable?variable=TIMEOUT(absolute)&value=5%266',
    body: undefined,
  });
  expect(ariRequest(channels.setChannelVars, { channelId: 'a', variables: { X: '"' } })).toEqual({
    method: 'POST',
    path: '/ari/channels/a/variables',
    body: '{"variables":{"X":"\\""}}',
  });
  expect(ariRequest(applications.filter, { applicationName: 'r', filter: { allowed: [] } }).body).toBe(
    '{"allowed":[]}',
  );
  expect(ariRequest(bridges.destroy, { bridgeId: 'rf-1' })).toEqual({
    method: 'DELETE',
    path: '/ari/bridges/rf-1',
    body: undefined,
  });
});

test('a parameter that the operation has not is an error', () => {
  expect(() => ariRequest(channels.dial, { channelId: 'a', timout: 3 })).toThrow('has no parameter timout');
});

const described = {
  method: 'post',
  path: '/channels/{channelId}/dial',
  parameters: [
    { name: 'channelId', paramType: 'path' },
    { name: 'caller', paramType: 'query' },
    { name: 'timeout', paramType: 'query' },
  ],
};

test.each([
  ['as it is', described, null],
  [
    'with more parameters',
    { ...described, parameters: [...described.parameters, { name: 'x', paramType: 'query' }] },
    null,
  ],
  ['not at all', undefined, 'POST /channels/{channelId}/dial is missing'],
  [
    'with another method',
    { ...described, method: 'put' },
    'POST /channels/{channelId}/dial is PUT /channels/{channelId}/dial',
  ],
  [
    'without a parameter',
    { ...described, parameters: described.parameters.slice(0, 2) },
    'POST /channels/{channelId}/dial lacks timeout',
  ],
  [
    'with one of them elsewhere',
    { ...described, parameters: described.parameters.map(each => ({ ...each, paramType: 'query' })) },
    'POST /channels/{channelId}/dial lacks channelId',
  ],
])('an operation that a switch describes %s', (_, theirs, told) => {
  expect(difference(channels.dial, theirs)).toBe(told);
});
