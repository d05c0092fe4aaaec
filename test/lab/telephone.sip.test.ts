import { createSocket } from 'node:dgram';
import { placeCall } from '../../lab/servers/sipp';

const header = (message: string, name: string): string =>
  new RegExp(`^${name}: (.*)\r$`, 'm').exec(message)?.[1] ?? `no ${name}`;

/** Answers a call, and when that is acknowledged ends it by so many BYEs of one instant, as a proxy that is told so often to end it. */
async function proxyWithByes(byes: number) {
  const socket = createSocket('udp4');
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve));
  const own = `127.0.0.1:${socket.address().port}`;
  const answers: string[] = [];
  socket.on('message', (bytes, { port, address }) => {
    const message = bytes.toString('latin1');
    const send = (...lines: string[]) =>
      socket.send([...lines, 'Content-Length: 0', '', ''].join('\r\n'), port, address);
    const [via, from, to, callId] = ['Via', 'From', 'To', 'Call-ID'].map(name => header(message, name));
    if (message.startsWith('INVITE')) {
      send(
        'SIP/2.0 200 OK',
        ...[`Via: ${via}`, `From: ${from}`, `To: ${to};tag=proxy`, `Call-ID: ${callId}`],
        ...['CSeq: 1 INVITE', `Contact: <sip:${own}>`],
      );
    } else if (message.startsWith('ACK')) {
      for (let bye = 1; bye <= byes; bye++) {
        send(
          `BYE sip:${address}:${port} SIP/2.0`,
          `Via: SIP/2.0/UDP ${own};branch=z9hG4bK-bye-${bye}`,
          ...[`From: ${to}`, `To: ${from}`, `Call-ID: ${callId}`, 'CSeq: 101 BYE', 'Max-Forwards: 70'],
        );
      }
    } else if (message.startsWith('SIP/2.0')) answers.push(message.split('\r\n')[0]!);
  });
  return { sip: own, answers, close: () => socket.close() };
}

test('a call that a proxy ends five times over is told once, as ended by the called', async () => {
  const proxy = await proxyWithByes(5);
  const seen = await placeCall({ sip: proxy.sip, to: '33123450' });
  proxy.close();
  expect(seen).toMatchObject({ sipStatus: 200, endedBy: 'called', errors: '', exitCode: 0 });
  expect(proxy.answers[0]).toBe('SIP/2.0 200 OK');
});
