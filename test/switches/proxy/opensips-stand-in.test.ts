import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOpensipsStandIn } from './opensips-stand-in';

test('the stand-in answers what a real OpenSIPS answered, refusals included, byte by byte', async () => {
  const lines = readFileSync(join(__dirname, 'opensips.fixture'), 'utf8').split('\n');
  const standIn = await startOpensipsStandIn();
  const socket = createSocket('udp4');
  try {
    const said = (mark: string) => lines.flatMap(line => (line.startsWith(mark) ? [line.slice(2)] : []));
    const answers: string[] = [];
    for (const question of said('>')) {
      const answer = new Promise<string>(resolve => socket.once('message', bytes => resolve(bytes.toString())));
      socket.send(question, standIn.port, '127.0.0.1');
      answers.push(await answer);
    }
    expect(answers).toEqual(said('<'));
    expect(answers).toHaveLength(18);
  } finally {
    socket.close();
    standIn.stop();
  }
});
