import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { proxyRpc } from '../../../src/switches/proxy/proxy-rpc';
import { parseProxyUrl } from '../../../src/switches/proxy/proxy-url';

const bound = (address: string, port = 0): Promise<Socket> =>
  new Promise(resolve => {
    const socket = createSocket('udp4');
    socket.bind(port, address, () => resolve(socket));
  });

const question = (proxy: Socket): Promise<{ id: number; from: RemoteInfo }> =>
  new Promise(resolve => proxy.once('message', (text, from) => resolve({ id: JSON.parse(String(text)).id, from })));

test('an answer counts that comes from the proxy, whatever another says on the same port', async () => {
  const proxy = await bound('127.0.0.1');
  const { port } = proxy.address();
  const forger = await bound('127.0.0.77', port);
  const rpc = proxyRpc(parseProxyUrl(`kamailio+udp://127.0.0.1:${port}`));
  try {
    const asked = question(proxy);
    const answer = rpc.ask('core.uptime', []);
    const { id, from } = await asked;
    const send = (socket: Socket, result: string) =>
      new Promise(resolve =>
        socket.send(JSON.stringify({ jsonrpc: '2.0', result, id }), from.port, from.address, resolve),
      );
    await send(forger, 'forged');
    await send(proxy, 'genuine');
    expect(await answer).toBe('genuine');
  } finally {
    rpc.close();
    proxy.close();
    forger.close();
  }
});

test('a proxy that is not there, and then is, is asked again', async () => {
  const gone = await bound('127.0.0.1');
  const { port } = gone.address();
  await new Promise<void>(resolve => gone.close(() => resolve()));
  const rpc = proxyRpc(parseProxyUrl(`kamailio+udp://127.0.0.1:${port}`));
  await expect(rpc.ask('core.uptime', [])).rejects.toMatchObject({ kind: 'unanswered' });
  const proxy = await bound('127.0.0.1', port);
  const asked = question(proxy);
  const answer = rpc.ask('core.uptime', []);
  const { id, from } = await asked;
  proxy.send(JSON.stringify({ jsonrpc: '2.0', result: 'up', id }), from.port, from.address);
  expect(await answer).toBe('up');
  rpc.close();
  proxy.close();
});

test('what has no answer is asked again, but not what may end a call twice', async () => {
  const proxy = await bound('127.0.0.1');
  const { port } = proxy.address();
  const asked: string[] = [];
  proxy.on('message', text => void asked.push(JSON.parse(String(text)).method));
  const rpc = proxyRpc(parseProxyUrl(`kamailio+udp://127.0.0.1:${port}`));
  const unanswered = { kind: 'unanswered' };
  try {
    await Promise.all([
      expect(rpc.ask('dlg.end_dlg', [1, 2], 'once')).rejects.toMatchObject(unanswered),
      expect(rpc.ask('dlg.dlg_list', ['call@lab'])).rejects.toMatchObject(unanswered),
    ]);
    expect(asked.sort()).toEqual(['dlg.dlg_list', 'dlg.dlg_list', 'dlg.dlg_list', 'dlg.end_dlg']);
  } finally {
    rpc.close();
    proxy.close();
  }
});
