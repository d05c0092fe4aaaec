import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { JournalTail } from '../../src/evidence/journal-tail';
import { rowsInFiles } from '../../src/evidence/record-file';
import { bornAt } from '../../src/evidence/record-lines';
import type { JournalEvent } from '../../src/evidence/written-call';

/** Before the files of the test are written: a file counts as written when the file system says. */
const START = 1_600_000_000;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-tail-'));
  for (const name of ['cel-custom', 'cdr-custom']) mkdirSync(join(folder, name));
  path = join(folder, 'cel-custom/ringfence.csv');
  writeFileSync(path, '');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As CSV_QUOTE of Asterisk writes them. */
const lineOf = (event: string, atMs: number, uniqueid: string, linkedid: string, account = 'alice') => {
  const time = `${Math.floor(atMs / 1000)}.${String(atMs % 1000).padStart(3, '0')}042`;
  const cells = [event, time, uniqueid, linkedid, account, `PJSIP/${uniqueid}`, '{"hangupcause":16}'];
  return `${cells.map(cell => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;
};
/** Each row once, in any order: a search that met a rotation may find one twice. */
const rowsOf = (rows: readonly JournalEvent[]) => [...new Set(rows.map(row => JSON.stringify(row)))].sort();
const searched = async (channel: string) =>
  (await rowsInFiles(folder, new Set([channel]), { from: 0, to: Number.POSITIVE_INFINITY })).journal;
const sought = (uniqueid: string, startAt = bornAt(uniqueid) ?? START * 1000) => ({ uniqueid, startAt });
const eventsOf = async (tail: JournalTail, channel: string, startAt?: number) =>
  (await tail.of([sought(channel, startAt)])).get(channel)?.map(({ event }) => event);

/** A tail that has read the first line of the file, at START: it knows each call that is younger by more than a minute. */
async function opened(mostKeptBytes?: number, now?: () => number): Promise<JournalTail> {
  const tail = new JournalTail(path, mostKeptBytes, now);
  write('HANGUP', 0, 'x');
  await tail.of([]);
  return tail;
}
const call = (seconds: number, counter = 1) => `switch1-${START + seconds}.${counter}`;
const write = (event: string, seconds: number, uniqueid: string, linkedid = uniqueid) =>
  appendFileSync(path, lineOf(event, (START + seconds) * 1000, uniqueid, linkedid));

test('a call is known from a minute after the first line on: each row as soon as it is written, the youngest first', async () => {
  const tail = await opened();
  const [younger, older] = [call(61), call(60)];
  write('ANSWER', 62, older);
  write('ANSWER', 62, younger);
  expect([await eventsOf(tail, older), await eventsOf(tail, younger)]).toEqual([undefined, ['ANSWER']]);
  write('BRIDGE_EXIT', 63, `rf-${younger}-1`, younger);
  expect(await eventsOf(tail, younger)).toEqual(['BRIDGE_EXIT', 'ANSWER']);
  write('HANGUP', 63, younger);
  write('HANGUP', 63, `rf-${younger}-1`, younger);
  expect(await eventsOf(tail, younger)).toEqual(['HANGUP', 'HANGUP', 'BRIDGE_EXIT', 'ANSWER']);
});

test('a call without a row yet is known to have none, and one with a name that its client chose is not known', async () => {
  const tail = await opened();
  const calls = [call(70), 'door:7', `a"b-${START + 70}.1`].map(name => sought(name, (START + 70) * 1000));
  expect(await tail.of(calls)).toEqual(new Map([[call(70), []]]));
});

test('a line that is being written counts when it is whole', async () => {
  const tail = await opened();
  const line = lineOf('HANGUP', (START + 71) * 1000, call(70), call(70), 'a\n"b');
  for (const byte of line.slice(0, -1)) {
    appendFileSync(path, byte);
    expect(await eventsOf(tail, call(70))).toEqual([]);
  }
  appendFileSync(path, '\n');
  expect(await eventsOf(tail, call(70))).toEqual(['HANGUP']);
});

test.each<[what: string, does: () => void]>([
  ['renamed', () => renameSync(path, `${path}.1`)],
  [
    'renamed, with a new one in its place',
    () => {
      renameSync(path, `${path}.1`);
      write('HANGUP', 72, call(70));
    },
  ],
  ['emptied', () => truncateSync(path)],
  [
    'emptied and grown longer than it was',
    () => {
      const { size } = statSync(path);
      truncateSync(path);
      while (statSync(path).size <= size) write('HANGUP', 72, call(70));
    },
  ],
  ['gone', () => rmSync(path)],
])('after the file was %s, a call that was in progress is searched in the files', async (_, does) => {
  const tail = await opened();
  write('ANSWER', 71, call(70));
  expect(await eventsOf(tail, call(70))).toEqual(['ANSWER']);
  does();
  expect(await eventsOf(tail, call(70))).toBeUndefined();
  write('HANGUP', 73, call(70));
  expect(await eventsOf(tail, call(70))).toBeUndefined();
  // A minute later calls are known again.
  write('ANSWER', 75, call(75));
  expect(await eventsOf(tail, call(75))).toBeUndefined();
  write('ANSWER', 138, call(137));
  expect(await eventsOf(tail, call(137))).toEqual(['ANSWER']);
});

test('beyond what is kept, ended calls are forgotten before those in progress, and a forgotten one is not taken for whole', async () => {
  const tail = await opened(4_000);
  const long = call(100);
  write('ANSWER', 101, long);
  const ended = Array.from({ length: 50 }, (_, index) => call(200 + index));
  for (const [index, each] of ended.entries()) {
    write('ANSWER', 200 + index, each);
    write('HANGUP', 200 + index, each);
  }
  expect(await eventsOf(tail, long)).toEqual(['ANSWER']);
  expect(await eventsOf(tail, ended.at(-1)!)).toEqual(['HANGUP', 'ANSWER']);
  expect(await eventsOf(tail, ended[0]!)).toBeUndefined();
  write('CHAN_END', 260, ended[0]!);
  expect(await eventsOf(tail, ended[0]!)).toBeUndefined();
  const open = Array.from({ length: 50 }, (_, index) => call(300 + index));
  for (const [index, each] of open.entries()) write('ANSWER', 300 + index, each);
  expect([await eventsOf(tail, long), await eventsOf(tail, open.at(-1)!)]).toEqual([undefined, ['ANSWER']]);
});

test('a call that was asked for is kept, though many younger ones ended before its first row', async () => {
  const tail = await opened(4_000);
  const rings = call(100);
  expect(await eventsOf(tail, rings)).toEqual([]);
  for (let second = 101; second < 150; second++) {
    write('ANSWER', second, call(second));
    write('HANGUP', second, call(second));
  }
  write('ANSWER', 150, rings);
  expect(await eventsOf(tail, rings)).toEqual(['ANSWER']);
});

test('lines lie across the borders of what is read at once, and what was not read for long is skipped', async () => {
  const tail = await opened();
  const rows = (count: number, from: number) =>
    Array.from({ length: count }, (_, index) =>
      lineOf(`E${from + index}`, (START + 71) * 1000, call(70), call(70), `x${'y'.repeat(index % 97)}\n"`),
    ).join('');
  appendFileSync(path, rows(5_000, 0));
  expect(await eventsOf(tail, call(70))).toEqual(Array.from({ length: 5_000 }, (_, index) => `E${4_999 - index}`));
  const most = rows(60_000, 5_000);
  for (let bytes = 0; bytes < 9 * 1024 * 1024; bytes += most.length) appendFileSync(path, most);
  expect(await eventsOf(tail, call(70))).toBeUndefined();
});

test('the first reading begins some megabytes before the end: a call of the last minutes is known at once', async () => {
  write('ANSWER', 0, call(0));
  appendFileSync(path, lineOf('HANGUP', (START + 1) * 1000, 'x', 'x').repeat(120_000));
  expect(statSync(path).size).toBeGreaterThan(8 * 1024 * 1024);
  write('ANSWER', 71, call(70));
  const known = await new JournalTail(path).of([call(0), call(61), call(70)].map(name => sought(name)));
  expect([...known].map(([channel, rows]) => [channel, rows.length])).toEqual([[call(70), 1]]);
});

test('questions at the same time are answered from the file as it is when they are asked', async () => {
  const tail = await opened();
  const first = eventsOf(tail, call(70));
  write('ANSWER', 71, call(70));
  expect(await Promise.all([eventsOf(tail, call(70)), eventsOf(tail, call(70))])).toEqual([['ANSWER'], ['ANSWER']]);
  await first;
});

describe('a name whose time is later than the channel', () => {
  const at = (seconds: number) => (START + seconds) * 1000;
  const rotate = () => renameSync(path, `${path}.1`);

  test.each([
    ['a phone number, a time in 2126', '4930123456.7'],
    ['a time that comes before the call ends', call(300)],
  ])('%s: rotated after the answer, the call is searched in the files', async (_, name) => {
    let now = at(70);
    const tail = await opened(undefined, () => now);
    write('ANSWER', 70, name);
    await eventsOf(tail, name, at(70));
    rotate();
    write('HANGUP', 100, 'x');
    now = at(400);
    write('HANGUP', 400, name);
    expect(await eventsOf(tail, name, at(70))).toBeUndefined();
    write('CHAN_END', 400, name);
    expect(await eventsOf(tail, name, at(70))).toBeUndefined();
  });

  test.each([
    ['by its row', async () => write('BRIDGE_ENTER', 102, call(3_600))],
    ['by a question', (tail: JournalTail) => eventsOf(tail, call(3_600))],
  ])(
    'of a clock that was set back: seen first %s, the call is searched also when the clock reaches that time',
    async (_, see) => {
      write('ANSWER', 3_601, call(3_600));
      rotate();
      let now = at(102);
      const tail = await opened(undefined, () => now);
      await see(tail);
      await tail.of([]);
      now = at(3_700);
      write('HANGUP', 3_700, call(3_600));
      expect(await eventsOf(tail, call(3_600))).toBeUndefined();
    },
  );

  test('a call that was kept before the clock was set back is kept on', async () => {
    let now = at(3_600);
    const tail = await opened(undefined, () => now);
    write('ANSWER', 3_601, call(3_600));
    expect(await eventsOf(tail, call(3_600))).toEqual(['ANSWER']);
    now = at(70);
    write('HANGUP', 71, call(3_600));
    expect(await eventsOf(tail, call(3_600))).toEqual(['HANGUP', 'ANSWER']);
  });

  test('many of them take no memory, and other calls are known on', async () => {
    const tail = await opened(4_000);
    for (let number = 0; number < 50; number++) write('ANSWER', 70, `4930123456.${number}`);
    write('ANSWER', 101, call(100));
    expect(await eventsOf(tail, call(100))).toEqual(['ANSWER']);
  });

  test('10,001 of them are as good as a new file: a call is known from a minute later on', async () => {
    const tail = await opened();
    const names = Array.from({ length: 10_001 }, (_, number) => `4930123456.${number}`);
    appendFileSync(path, names.map(name => lineOf('ANSWER', at(70), name, name)).join(''));
    write('HANGUP', 100, 'x');
    write('ANSWER', 102, call(101));
    write('ANSWER', 162, call(161));
    expect([await eventsOf(tail, call(101)), await eventsOf(tail, call(161))]).toEqual([undefined, ['ANSWER']]);
  });
});

type Step =
  | {
      does:
        | 'begin'
        | 'misname'
        | 'set back'
        | 'ask'
        | 'foreign'
        | 'rename'
        | 'copy'
        | 'empty'
        | 'halve'
        | 'compress'
        | 'replace'
        | 'fill';
    }
  | { does: 'pass'; ms: number }
  /** `torn`: only so much is written at first, and the rest with the next step, or never. */
  | {
      does: 'write';
      event: string;
      which: number;
      leg: number;
      lateMs: number;
      torn: number | null;
      completes: boolean;
    };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>({ does: 'begin' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ does: 'misname' }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ does: 'set back' }, { does: 'rename' }) },
  { weight: 8, arbitrary: fc.constant<Step>({ does: 'ask' }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40_000 }) }) },
  {
    weight: 24,
    arbitrary: fc.record({
      does: fc.constant('write' as const),
      event: fc.constantFrom('ANSWER', 'BRIDGE_ENTER', 'BRIDGE_EXIT', 'HANGUP', 'HANGUP', 'CHAN_END'),
      which: fc.nat(11),
      leg: fc.nat(2),
      lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 59_000 })),
      torn: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 6 }),
      completes: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<Step['does']>('rename', 'copy', 'empty', 'halve', 'compress', 'replace', 'fill', 'foreign')
      .map(does => ({ does }) as Step),
  },
);

test('whatever is written, late, torn, rotated, cut off, by a clock that is set back or by a name in the future, a known call has all rows of the files', async () => {
  const counts = { known: 0, rows: 0, missing: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 20, maxLength: 120 }),
      fc.constantFrom(1_500, 6_000, undefined),
      async (all, mostKeptBytes) => {
        for (const name of readdirSync(join(folder, 'cel-custom'))) rmSync(join(folder, 'cel-custom', name));
        writeFileSync(path, '');
        let now = (START + 61) * 1000;
        const tail = await opened(mostKeptBytes, () => now);
        const calls: { uniqueid: string; startAt: number }[] = [];
        let rest = '';
        let rotations = 0;
        const append = (text: string) => {
          appendFileSync(path, rest + text);
          rest = '';
        };
        const size = () => statSync(path).size;
        for (const step of all) {
          switch (step.does) {
            case 'begin': {
              // One id begins another one, and another switch has the same number.
              const name = `${Math.floor(now / 1000)}.${calls.length}`;
              for (const each of [`switch1-${name}`, `switch1-${name}1`, `switch-1-${name}`])
                calls.push(sought(each, now));
              break;
            }
            case 'misname':
              calls.push(sought(`${Math.floor(now / 1000) + 100}.${calls.length}`, now));
              calls.push(sought(`4930123456.${calls.length}`, now));
              break;
            // The clock does not come to the old time again.
            case 'set back':
              now -= 36_000_000;
              break;
            case 'pass':
              now += step.ms;
              break;
            case 'write': {
              const written = calls.at(-1 - (step.which % Math.max(1, calls.length)));
              if (written === undefined) break;
              const channel = written.uniqueid;
              const uniqueid = step.leg === 0 ? channel : `rf-${channel}-${step.leg}`;
              const at = Math.min(now, Math.max(now - step.lateMs, written.startAt));
              const line = lineOf(step.event, at, uniqueid, channel, step.which % 3 === 0 ? '\n"x",\n' : 'é');
              const cut = step.torn === null ? line.length : Math.floor(line.length * step.torn);
              append(line.slice(0, cut));
              if (step.completes) rest = line.slice(cut);
              break;
            }
            case 'fill':
              append(lineOf('HANGUP', now, 'y', 'y').repeat(4_000));
              break;
            case 'foreign':
              append('# rotated\n"\n');
              break;
            case 'rename':
              renameSync(path, `${path}.${++rotations}`);
              append('');
              break;
            case 'copy':
              copyFileSync(path, `${path}.${++rotations}`);
              truncateSync(path);
              break;
            case 'empty':
              truncateSync(path);
              break;
            case 'halve':
              truncateSync(path, Math.floor(size() / 2));
              break;
            case 'replace':
              rmSync(path);
              append(lineOf('HANGUP', now, 'z', 'z'));
              break;
            case 'compress':
              for (const name of readdirSync(join(folder, 'cel-custom'))) {
                const file = join(folder, 'cel-custom', name);
                if (file === path || name.endsWith('.gz')) continue;
                writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
                rmSync(file);
              }
              break;
            case 'ask': {
              const asked = calls.slice(-12);
              const known = await tail.of(asked);
              for (const { uniqueid } of asked) {
                const rows = known.get(uniqueid);
                if (rows === undefined) counts.missing++;
                else {
                  counts.known++;
                  counts.rows += rows.length;
                  expect(rowsOf(rows)).toEqual(rowsOf(await searched(uniqueid)));
                }
              }
            }
          }
        }
      },
    ),
    { numRuns: 400 },
  );
  // Neither answer is rare, so that both are proven.
  expect(counts.known).toBeGreaterThan(1_000);
  expect(counts.rows).toBeGreaterThan(500);
  expect(counts.missing).toBeGreaterThan(1_000);
});
