import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogOutput, type Sink, toFile } from '../../src/log/log-output';

/** An output that takes what the test lets it take. */
class Place {
  taken = '';
  /** How much of the next pieces is taken, and whether there is an error then; without an entry, all of it. */
  readonly fates: { take?: number; code?: string }[] = [];
  readonly sink: Sink = (bytes, done) => {
    const { take = bytes.length, code } = this.fates.shift() ?? {};
    this.taken += bytes.subarray(0, take).toString();
    setImmediate(() => done(code ? Object.assign(new Error(code), { code }) : null, take));
  };
}

let place: Place;
let output: LogOutput;
beforeEach(() => {
  place = new Place();
  output = new LogOutput(place.sink);
});

test('lines come in order, whole, though some are taken bit by bit', async () => {
  place.fates.push({ take: 1 }, { take: 2 }, {}, { take: 3 });
  for (let line = 1; line <= 5; line++) output.write(`line ${line}\n`);
  expect(await output.flush(1_000)).toBe(true);
  expect(place.taken).toBe('line 1\nline 2\nline 3\nline 4\nline 5\n');
  expect(output.lost).toBe(0);
});

test('what cannot be written is lost and counted, and told once when something can be', async () => {
  place.fates.push({ take: 0, code: 'ENOSPC' });
  output.write('a\n');
  output.write('b\nc\n');
  await output.flush(1_000);
  expect([output.lost, output.reason]).toEqual([1, 'ENOSPC']);
  const [first, told] = place.taken.trimEnd().split(/(?<=c)\n/);
  expect(first).toBe('b\nc');
  expect(JSON.parse(told as string)).toMatchObject({ event: 'log_lines_lost', level: 40, lines: 1, reason: 'ENOSPC' });
  output.write('d\n');
  await output.flush(1_000);
  expect(place.taken.match(/log_lines_lost/g)).toHaveLength(1);
});

test('a line that was cut in the middle ends where it was cut', async () => {
  place.fates.push({ take: 3 }, { take: 0, code: 'ENOSPC' }, { take: 0, code: 'ENOSPC' });
  output.write('begun and cut\n');
  await output.flush(1_000);
  output.write('lost\n');
  await output.flush(1_000);
  output.write('whole\n');
  await output.flush(1_000);
  expect(place.taken.split('\n').slice(0, 2)).toEqual(['beg', 'whole']);
  expect(output.lost).toBe(2);
});

test('whoever takes nothing and says nothing is not tried forever', async () => {
  place.fates.push({ take: 0 });
  output.write('x\n');
  expect(await output.flush(1_000)).toBe(true);
  expect(output.lost).toBe(1);
});

test('where nobody reads, memory stays bounded, the rest is lost, and nobody waits', async () => {
  let release = () => {};
  const stuck = new LogOutput((bytes, done) => {
    release = () => done(null, bytes.length);
  });
  const line = `${'x'.repeat(9_999)}\n`;
  for (let count = 0; count < 1_000; count++) stuck.write(line);
  expect(stuck.lost).toBeGreaterThan(500);
  expect(stuck.lost).toBeLessThan(600);
  expect(await stuck.flush(10)).toBe(false);
  release();
  expect(stuck.reason).toBe('not read');
});

test('lines wait a moment for others, but no warning does, and none waits when the service ends', async () => {
  const gathered = new LogOutput(place.sink, 60_000);
  gathered.write('{"level":20,"event":"a"}\n');
  gathered.write('{"level":30,"event":"b"}\n');
  expect(place.taken).toBe('');
  gathered.write('{"level":40,"event":"c"}\n');
  expect(place.taken.match(/"event":"."/g)).toHaveLength(3);
  gathered.write('{"level":30,"event":"d"}\n');
  expect(await gathered.flush(1_000)).toBe(true);
  expect(place.taken).toContain('"d"');

  const soon = new LogOutput(place.sink, 20);
  soon.write('{"level":30,"event":"e"}\n');
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(place.taken).toContain('"e"');
});

describe('real files', () => {
  test('a full disk', async () => {
    const full = openSync('/dev/full', 'w');
    const toFull = new LogOutput(toFile(full));
    for (let count = 0; count < 100; count++) toFull.write('x\n');
    expect(await toFull.flush(5_000)).toBe(true);
    expect([toFull.lost, toFull.reason]).toEqual([100, 'ENOSPC']);
    closeSync(full);
  });

  test('10,000 lines in a file are all there, in order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-log-'));
    const file = openSync(join(folder, 'log'), 'a');
    const toLog = new LogOutput(toFile(file));
    for (let count = 0; count < 10_000; count++) toLog.write(`${count}\n`);
    expect(await toLog.flush(10_000)).toBe(true);
    closeSync(file);
    const lines = readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n').map(Number);
    expect(lines).toEqual(Array.from({ length: 10_000 }, (_, count) => count));
    rmSync(folder, { recursive: true });
  });
});

test('a process that ends by a fault writes what waited for other lines', () => {
  const gathering = new LogOutput(place.sink, 50);
  const line = '{"level":30,"event":"call_settled"}\n';
  gathering.write(line);
  expect(place.taken).toBe('');
  const written: string[] = [];
  gathering.leave(bytes => written.push(bytes.toString()));
  gathering.leave(bytes => written.push(bytes.toString()));
  expect(written).toEqual([line]);
  gathering.write(line);
  gathering.leave(() => {
    throw new Error('ENOSPC');
  });
  gathering.write(line);
  gathering.leave(null);
  expect(place.taken).toBe(line);
});

test('a process that ends does not write at once where a write stands still, or failed', async () => {
  const still = new LogOutput(() => undefined, 50);
  still.write('{"level":50,"event":"hangs"}\n');
  still.write('{"level":30,"event":"waits"}\n');
  const atOnce = jest.fn();
  still.leave(atOnce);
  place.fates.push({ take: 0, code: 'ENOSPC' });
  const full = new LogOutput(place.sink, 50);
  full.write('{"level":50,"event":"fails"}\n');
  await full.flush(1_000);
  full.write('{"level":30,"event":"waits"}\n');
  full.leave(atOnce);
  expect(atOnce).not.toHaveBeenCalled();
});
