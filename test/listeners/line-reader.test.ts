import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { LineIncomplete, LineReader, LineTooLong } from '../../src/listeners/line-reader';

/** Both ends of a connection over loopback. */
async function connected(): Promise<{ near: Socket; far: Socket; close: () => void }> {
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const far = await new Promise<Socket>(resolve => server.once('connection', resolve));
  near.on('error', () => undefined);
  far.on('error', () => undefined);
  const close = () => {
    near.destroy();
    far.destroy();
    server.close();
  };
  return { near, far, close };
}

const soon = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

test('lines are told one by one, whatever pieces they come in', async () => {
  const { near, far, close } = await connected();
  const reader = new LineReader(far, 100);
  near.write('one\r\ntwo\n\nth');
  expect([await reader.next(), await reader.next(), await reader.next()]).toEqual(['one', 'two', '']);
  const third = reader.next();
  near.write(Buffer.from('ree \u00fc\n').subarray(0, 5));
  await soon(20);
  near.write(Buffer.from('ree \u00fc\n').subarray(5));
  expect(await third).toBe('three \u00fc');
  near.end('four');
  expect(await reader.next()).toBeNull();
  expect(reader.isEnded).toBe(true);
  close();
});

test('of a peer that ends no line, silence and the end of what it sends do', async () => {
  const { near, far, close } = await connected();
  const reader = new LineReader(far, 100, text =>
    text === '' || text === 'thr' ? null : text.length < 10 ? 20 : 10_000,
  );
  near.write('one');
  expect(await reader.next()).toBe('one');
  near.write('\n\ntwo');
  expect([await reader.next(), await reader.next(), await reader.next()]).toEqual(['', '', 'two']);
  const third = reader.next();
  near.write('thr');
  await soon(100);
  near.write('ee, which ');
  await soon(100);
  near.write('goes on\n');
  expect(await third).toBe('three, which goes on');
  near.end('four, to the end');
  expect([await reader.next(), await reader.next()]).toEqual(['four, to the end', null]);
  close();
});

test('the beginning of a line is none, however long its rest is away and though the peer ends', async () => {
  const { near, far, close } = await connected();
  const reader = new LineReader(far, 100, text => (text.endsWith('.') ? 10 : null));
  near.write('one');
  const line = reader.next();
  await soon(60);
  near.write(' is whole.');
  expect(await line).toBe('one is whole.');
  near.end('two is no');
  expect(await reader.next()).toBeNull();
  close();
});

test('a line whose rest does not come in time is told as incomplete', async () => {
  const { near, far, close } = await connected();
  const reader = new LineReader(far, 100, () => null, 50);
  near.write('one\ntw');
  expect(await reader.next()).toBe('one');
  await expect(reader.next()).rejects.toThrow(LineIncomplete);
  close();
});

test('a line that is too long is refused, and more than one line is not taken in', async () => {
  const { near, far, close } = await connected();
  const reader = new LineReader(far, 1_000);
  near.write('x'.repeat(1_000));
  near.write('\n');
  expect(await reader.next()).toHaveLength(1_000);
  near.write('x'.repeat(50_000_000));
  await expect(reader.next()).rejects.toThrow(LineTooLong);
  await soon(200);
  expect(far.bytesRead).toBeLessThan(1_000_000);
  close();
});

test('who closes it hears of no line more, and that the peer is gone is known while nobody asks', async () => {
  const { near, far, close } = await connected();
  const reader = new LineReader(far, 100);
  const line = reader.next();
  reader.close();
  expect(await line).toBeNull();
  near.write('one\n');
  await soon(50);
  expect(await reader.next()).toBeNull();
  expect(reader.isEnded).toBe(false);
  near.end();
  await soon(50);
  expect(reader.isEnded).toBe(true);
  close();
});
