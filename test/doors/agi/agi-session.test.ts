/** One session over a real socket, byte for byte as Asterisk 22.10.1 speaks, recorded. */
import { createServer, type Server, type Socket } from 'node:net';
import { AgiSession } from '../../../src/doors/agi/agi-session';
import { portOf } from '../../../src/listeners/listen-at';
import { Wire } from '../door-fixture';
import { environment, repeated } from './agi-fixture';

let server: Server;
let welcome: (socket: Socket) => void;
const open = new Set<Socket>();
beforeEach(async () => {
  server = createServer(socket => welcome(socket));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  for (const socket of open) socket.destroy();
  open.clear();
  server.close();
});

/** A session, and Asterisk's end of it, which has sent its environment. */
async function begun(first = environment('authorize')): Promise<{ session: AgiSession; asterisk: Wire }> {
  const accepted = new Promise<Socket>(resolve => {
    welcome = resolve;
  });
  const asterisk = await Wire.open(portOf(server));
  const socket = await accepted;
  socket.on('error', () => undefined);
  open.add(socket).add(asterisk.socket);
  if (first !== '') asterisk.send(first);
  return { session: new AgiSession(socket), asterisk };
}

/** The dialplan's request, after Asterisk has repeated the random text. */
async function requested({ session, asterisk }: { session: AgiSession; asterisk: Wire }) {
  const request = session.request();
  asterisk.send(repeated(await asterisk.upTo('\n')));
  return request;
}

/** A command is sent and answered. */
async function exchange(
  asterisk: Wire,
  asked: Promise<unknown>,
  command: string,
  ...answer: string[]
): Promise<unknown> {
  expect(await asterisk.upTo('\n')).toBe(command);
  for (const bytes of answer) asterisk.send(bytes);
  return asked;
}

test('a conversation, byte for byte', async () => {
  const { session, asterisk } = await begun();
  expect(await requested({ session, asterisk })).toMatchObject({ script: 'authorize', uniqueid: 'ast1-1795732306.0' });
  const time = session.evaluate(`\${STRFTIME(,UTC,%s.%3q)}`);
  const asked = `GET FULL VARIABLE "\${STRFTIME(,UTC,%s.%3q)}"\n`;
  expect(await exchange(asterisk, time, asked, '200 result=1 (1795732306.120)\n')).toBe('1795732306.120');
  const set = session.setVariable('RINGFENCE_REFUSAL', '');
  await exchange(asterisk, set, 'SET VARIABLE "RINGFENCE_REFUSAL" ""\n', '200 result=1\n');
  const dial = session.ask('EXEC', ['Dial', 'PJSIP/4930123450@carrier,30,L(3050)g'], 'as long as it takes');
  const command = 'EXEC "Dial" "PJSIP/4930123450@carrier,30,L(3050)g"\n';
  expect(await exchange(asterisk, dial, command, '200 result=0\n')).toEqual({ code: 200, result: '0', value: null });
  asterisk.close();
});

test('a reply in single bytes, with the end of another system, is one reply', async () => {
  const { session, asterisk } = await begun('');
  const request = session.request();
  for (const byte of environment('settle').replaceAll('\n', '\r\n')) asterisk.send(byte);
  for (const byte of repeated(await asterisk.upTo('\n')).replace('\n', '\r\n')) asterisk.send(byte);
  expect(await request).toMatchObject({ script: 'settle' });
  const value = session.evaluate('X');
  expect(await exchange(asterisk, value, 'GET FULL VARIABLE "X"\n', ...'200 result=1 (käse)\n')).toBe('käse');
});

test('HANGUP may come at any time and twice: the session goes on, and says so', async () => {
  const { session, asterisk } = await begun();
  await requested({ session, asterisk });
  const first = session.evaluate('A');
  expect(session.isHungUp).toBe(false);
  expect(await exchange(asterisk, first, 'GET FULL VARIABLE "A"\n', 'HANGUP\n', 'HANGUP\n200 result=1 (a)\n')).toBe(
    'a',
  );
  expect(session.isHungUp).toBe(true);
  const dead = session.ask('STREAM FILE', ['beep', '']);
  const refused = '511 Command Not Permitted on a dead channel or intercept routine\n';
  expect(await exchange(asterisk, dead, 'STREAM FILE "beep" ""\n', refused)).toEqual({
    code: 511,
    result: '',
    value: null,
  });
  const last = session.evaluate('B');
  expect(await exchange(asterisk, last, 'GET FULL VARIABLE "B"\n', '200 result=1 (b)\nHANGUP\n')).toBe('b');
});

test('a reply of several lines is one, up to its last', async () => {
  const { session, asterisk } = await begun();
  await requested({ session, asterisk });
  const wrong = session.ask('SET VARIABLE', []);
  const usage = '520-Invalid command syntax.  Proper usage follows:\nSets a variable to the current channel.\n';
  expect(await exchange(asterisk, wrong, 'SET VARIABLE\n', usage, '520 End of proper usage.\n')).toEqual({
    code: 520,
    result: '',
    value: null,
  });
  const next = session.evaluate('A');
  expect(await exchange(asterisk, next, 'GET FULL VARIABLE "A"\n', '510 Invalid or unknown command\n')).toBe('');
});

test('a connection that closes rejects what is being asked, and whatever is asked then', async () => {
  const { session, asterisk } = await begun();
  await requested({ session, asterisk });
  const pending = session.evaluate('A');
  await asterisk.upTo('\n');
  asterisk.close();
  await expect(pending).rejects.toMatchObject({ name: 'AgiClosed' });
  await expect(session.evaluate('B')).rejects.toMatchObject({ name: 'AgiClosed' });
  const early = await begun('agi_network: yes\n');
  const request = early.session.request();
  early.asterisk.close();
  await expect(request).rejects.toMatchObject({ name: 'AgiClosed' });
});

test.each([
  ['a line of the environment', 'agi_context: forged\n'],
  ['a word', 'nonsense\n'],
  ['a blank line', '\n'],
  ['a line that does not end', 'x'.repeat(5_000)],
  ['a usage that does not end', `520-Usage\n${'x\n'.repeat(200)}`],
])('%s instead of a reply ends the session', async (_, bytes) => {
  const { session, asterisk } = await begun();
  await requested({ session, asterisk });
  const asked = session.evaluate('A');
  await asterisk.upTo('\n');
  asterisk.send(bytes);
  await expect(asked).rejects.toMatchObject({ name: 'AgiInvalid' });
  await asterisk.upTo('never');
  expect(asterisk.ended).toBe(true);
});

test('an environment that somebody ended, with replies behind it, is none: its first reply is not what was asked for', async () => {
  const [head, tail] = environment('authorize').split('agi_rdnis') as [string, string];
  const rest = 'agi_context: x\nagi_extension: 33\nagi_accountcode: victim\nagi_threadid: 1\n\n';
  const { session, asterisk } = await begun(`${head}${rest}${'200 result=1\n'.repeat(20)}agi_rdnis${tail}`);
  await expect(session.request()).rejects.toMatchObject({
    name: 'AgiInvalid',
    message: 'the environment does not end where it seemed to',
  });
  await asterisk.upTo('never');
  expect(asterisk.ended).toBe(true);
});

test.each([
  ['too many lines', 'agi_x: 1\n'.repeat(61)],
  ['a line that is too long', `agi_extension: ${'1'.repeat(5_000)}`],
])('an environment of %s is refused', async (_, bytes) => {
  const { session, asterisk } = await begun('');
  asterisk.send(bytes);
  await expect(session.request()).rejects.toMatchObject({ name: 'AgiInvalid' });
});

test('a switch that does not answer in time is let go of; one that dials may take as long as it takes', async () => {
  const { session, asterisk } = await begun();
  await requested({ session, asterisk });
  const dial = session.ask('EXEC', ['Dial', 'PJSIP/1@carrier'], 'as long as it takes');
  await asterisk.upTo('\n');
  await new Promise(resolve => setTimeout(resolve, 300));
  asterisk.send('200 result=0\n');
  expect(await dial).toMatchObject({ result: '0' });
  await expect(session.ask('GET DATA', ['beep'], 200)).rejects.toMatchObject({ name: 'AgiLate' });
  await asterisk.upTo('never');
  expect(asterisk.ended).toBe(true);
  await expect(session.evaluate('A')).rejects.toMatchObject({ name: 'AgiLate' });
});

test('two commands at once are a bug, and told', async () => {
  const { session, asterisk } = await begun();
  await requested({ session, asterisk });
  const first = session.evaluate('A');
  await expect(session.evaluate('B')).rejects.toThrow('one command at a time');
  expect(await exchange(asterisk, first, 'GET FULL VARIABLE "A"\n', '200 result=1 (a)\n')).toBe('a');
});
