import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { answersInFile, hasLines, minutesInFile, rowsInFiles } from '../../src/evidence/record-file';
import { CALL, LEG } from './rows';

let folder: string;
let celPath: string;
let cdrPath: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-records-'));
  for (const name of ['cel-custom', 'cdr-custom']) mkdirSync(join(folder, name));
  celPath = join(folder, 'cel-custom/ringfence.csv');
  cdrPath = join(folder, 'cdr-custom/ringfence.csv');
  writeFileSync(cdrPath, '');
});

const START = 1_795_261_408;
/** As CSV_QUOTE of Asterisk writes them. */
const line = (...cells: string[]): string => `${cells.map(cell => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;
const event = (name: string, at: string, uniqueid: string, linkedid: string, account = 'alice', extra = '') =>
  line(name, at, uniqueid, linkedid, account, 'PJSIP/alice-00000000', extra);
const answer = event('ANSWER', `${START}.999999`, LEG, CALL);
const read = (since = START * 1000, calls = [CALL]) =>
  rowsInFiles(folder, new Set(calls), { from: since, to: Number.POSITIVE_INFINITY });

test('microseconds are kept as decimals of milliseconds; JSON comes out of its quotes', async () => {
  writeFileSync(celPath, answer + event('HANGUP', `${START + 1}.000999`, LEG, CALL, '', '{"hangupcause":16}'));
  expect((await read()).journal).toEqual([
    {
      event: 'HANGUP',
      at: (START + 1) * 1000 + 0.999,
      uniqueid: LEG,
      linkedid: CALL,
      accountcode: '',
      channel: 'PJSIP/alice-00000000',
      extra: '{"hangupcause":16}',
    },
    expect.objectContaining({ event: 'ANSWER', at: START * 1000 + 999.999 }),
  ]);
});

test('a call record has its answer; 0 is none', async () => {
  writeFileSync(celPath, '');
  const cdr = (answered: string, dst = '4930') =>
    line(
      CALL,
      CALL,
      'alice',
      '100',
      dst,
      'a',
      'b',
      `${START}.100000`,
      answered,
      `${START + 3}.5${'0'.repeat(5)}`,
      '3.4',
      '2',
      'ANSWERED',
    );
  writeFileSync(cdrPath, cdr('0.000000') + cdr(`${START + 1}.250999`, 'x\n"ANSWER","evil'));
  expect((await read()).records).toEqual([
    {
      uniqueid: CALL,
      linkedid: CALL,
      startAt: START * 1000 + 100,
      answerAt: START * 1000 + 1_250,
      endAt: START * 1000 + 3_500,
    },
    expect.objectContaining({ answerAt: null }),
  ]);
});

test('a span that has ended is read whole, however much was written in it: what is not read must not count as not written', async () => {
  writeFileSync(celPath, answer);
  // A hole in the file in place of many lines; what is read last has the whole first line.
  truncateSync(celPath, 300 * 1024 * 1024 + 100_000);
  appendFileSync(celPath, `\n${event('HANGUP', `${START + 3_000}.000000`, 'ast1-1.1', 'ast1-1.1')}`);
  const span = { from: START * 1000, to: (START + 3_600) * 1000 };
  const { journal } = await rowsInFiles(folder, new Set([CALL]), span);
  expect(journal).toMatchObject([{ event: 'ANSWER' }]);
  const minutes = await minutesInFile(folder, span);
  expect(minutes.map(({ from }) => Math.floor(from / 1000) - START)).toEqual([3_000, 0]);
});

test('of each minute the first and the last line are told; torn lines and other times do not count', async () => {
  const at = (second: number) => event('HANGUP', `${START + second}.500000`, CALL, CALL);
  // 12:43:28: the minute ends after 32 s.
  writeFileSync(celPath, `${at(-1) + at(0) + at(5) + at(31) + at(32)}"HANGUP","${START + 200}.5000\n${at(300)}`);
  const minutes = await minutesInFile(folder, { from: START * 1000, to: (START + 300) * 1000 });
  expect(minutes.map(({ from, to }) => [from / 1000 - START, to / 1000 - START])).toEqual([
    [32.5, 32.5],
    [0.5, 31.5],
  ]);
});

const hostile = [
  '"',
  '""',
  'a"b',
  '\n',
  'x\n',
  '\n"',
  '\n""',
  '\n",',
  `\n${answer.trim()}`,
  `"\n${answer}"`,
  ',"',
  '",\n"',
];

test.each(hostile)('an account named %j neither hides a row nor makes one', async account => {
  writeFileSync(
    celPath,
    answer +
      event('BRIDGE_EXIT', `${START + 2}.000000`, CALL, CALL, account) +
      event('HANGUP', `${START + 3}.000000`, CALL, CALL),
  );
  const { journal } = await read();
  expect(journal.map(row => row.event)).toEqual(['HANGUP', 'BRIDGE_EXIT', 'ANSWER']);
});

test.each([
  ['a torn last line', answer + event('HANGUP', `${START + 2}.000000`, CALL, CALL).slice(0, 40)],
  [
    'a line torn by a crash that the next was written behind',
    answer +
      event('HANGUP', `${START + 2}.0`, CALL, CALL).slice(0, 30) +
      event('HANGUP', `${START + 3}.000000`, 'x', 'y'),
  ],
  ['a foreign line', `# rotated\n${answer}garbage,1,2\n\n`],
  ['a row with a cell too many', `${answer}${line('HANGUP', `${START}.000000`, CALL, CALL, '', '', '', '')}`],
  ['a time that is none', `${answer}${event('HANGUP', 'yesterday', CALL, CALL)}`],
])('%s is passed over', async (_, text) => {
  writeFileSync(celPath, text);
  expect((await read()).journal.map(row => row.event)).toEqual(['ANSWER']);
});

test('rows lie across the borders of what is read at once', async () => {
  const others = Array.from({ length: 9_000 }, (_, index) =>
    event('ANSWER', `${START + 10}.000000`, `other-${index}`, `other-${index}`, `x${'y'.repeat(index % 97)}\n"`),
  );
  // One row of the call after every thousand others.
  const mine = (index: number) => event(`E${index}`, `${START + 10}.000000`, CALL, CALL);
  writeFileSync(celPath, others.map((other, index) => (index % 1000 === 0 ? mine(index) : '') + other).join(''));
  const { journal } = await read();
  expect(journal.map(row => row.event)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0].map(thousand => `E${thousand * 1000}`));
});

test('a row is whole wherever the border of what is read at once cuts it', async () => {
  const CHUNK = 256 * 1024;
  const other = (length: number) => {
    const bare = event('HANGUP', `${START}.000000`, 'o', 'o').length;
    return event('HANGUP', `${START}.000000`, 'o', 'o', 'y'.repeat(length - bare + 'alice'.length));
  };
  for (let cut = 0; cut <= answer.length; cut++) {
    const behind = CHUNK - cut;
    const rest = 1_000 + (behind % 1_000);
    writeFileSync(celPath, answer + other(1_000).repeat((behind - rest) / 1_000) + other(rest));
    expect([cut, (await read()).journal.length]).toEqual([cut, 1]);
  }
});

test('a line longer than any of ours does not fill the memory, and what is before it is read', async () => {
  writeFileSync(
    celPath,
    `${answer}"${'z'.repeat(3 * 1024 * 1024)}\n${event('HANGUP', `${START + 2}.000000`, CALL, CALL)}`,
  );
  expect((await read()).journal.map(row => row.event)).toEqual(['HANGUP', 'ANSWER']);
});

test('reading stops a minute before the oldest call asked for', async () => {
  const old = event('HANGUP', `${START - 61}.000000`, CALL, CALL);
  const older = event('ANSWER', `${START - 90}.000000`, CALL, CALL);
  writeFileSync(celPath, older + old + answer);
  // The first too old line is still read; what is before it is not.
  expect((await read()).journal.map(row => row.event)).toEqual(['ANSWER', 'HANGUP']);
});

test('a file that was rotated is read on', async () => {
  writeFileSync(celPath, answer);
  renameSync(celPath, `${celPath}.1`);
  appendFileSync(celPath, event('HANGUP', `${START + 2}.000000`, CALL, CALL));
  expect((await read()).journal.map(row => row.event)).toEqual(['HANGUP', 'ANSWER']);
});

test('also while nothing was written since', async () => {
  writeFileSync(celPath, answer);
  renameSync(celPath, `${celPath}.1`);
  expect((await read()).journal.map(row => row.event)).toEqual(['ANSWER']);
});

test.each([
  ['.1', false],
  ['-20261129', false],
  ['-20261129-1764400000', false],
  ['.2.gz', true],
  ['-20261129.gz', true],
])('what was rotated to …%s is read on', async (suffix, isZipped) => {
  const older = event('CHAN_START', `${START - 1}.000000`, CALL, CALL) + answer;
  writeFileSync(`${celPath}${suffix}`, isZipped ? gzipSync(older) : older);
  writeFileSync(celPath, event('HANGUP', `${START + 2}.000000`, CALL, CALL));
  const { journal } = await read();
  expect(journal.map(row => row.event)).toEqual(expect.arrayContaining(['HANGUP', 'ANSWER']));
});

test('a compressed file of many rows, with line breaks in their cells, is read as it would be uncompressed', async () => {
  const rows = Array.from({ length: 20_000 }, (_, second) =>
    event('ANSWER', `${START + second}.000000`, LEG, CALL, '\n"x",'.repeat(second % 7)),
  ).join('');
  writeFileSync(`${celPath}.1.gz`, gzipSync(rows));
  writeFileSync(celPath, '');
  const span = { from: (START + 7_000) * 1000, to: (START + 7_100) * 1000 };
  const zipped = (await rowsInFiles(folder, new Set([CALL]), span)).journal;
  expect(zipped.length).toBe(100 + 2 * 60 + 1);
  expect(new Set(zipped.map(({ at }) => at)).size).toBe(zipped.length);
});

test('several of them are read from the youngest on, and none that was written for the last time before the span', async () => {
  const hangup = event('HANGUP', `${START + 2}.000000`, CALL, CALL);
  writeFileSync(celPath, '');
  writeFileSync(`${celPath}.1`, hangup);
  writeFileSync(`${celPath}.2.gz`, gzipSync(answer));
  writeFileSync(`${celPath}.3.gz`, 'no gzip at all');
  utimesSync(`${celPath}.2.gz`, START + 1, START + 1);
  utimesSync(`${celPath}.3.gz`, START - 4_000, START - 4_000);
  expect((await read()).journal.map(row => row.event)).toEqual(['HANGUP', 'ANSWER']);
});

test('a file that was copied and cut off while it was written, and one beside it that only begins alike', async () => {
  writeFileSync(`${celPath}.1`, answer);
  writeFileSync(celPath, `.000000,half a line\n${event('HANGUP', `${START + 2}.000000`, CALL, CALL)}`);
  writeFileSync(`${celPath}old`, answer.replaceAll('ANSWER', 'HOLD'));
  expect((await read()).journal.map(row => row.event)).toEqual(['HANGUP', 'ANSWER']);
});

test('a file that is being compressed is read by its own name, and one that is torn hides no other', async () => {
  writeFileSync(celPath, event('HANGUP', `${START + 2}.000000`, CALL, CALL));
  writeFileSync(`${celPath}.1`, answer);
  writeFileSync(`${celPath}.1.gz`, gzipSync(answer.repeat(50)).subarray(0, 60));
  writeFileSync(`${celPath}.2.gz`, gzipSync(answer.repeat(50)).subarray(0, 60));
  writeFileSync(`${celPath}.3.gz`, 'no gzip at all');
  expect((await read()).journal.map(row => row.event)).toEqual(['HANGUP', 'ANSWER']);
});

test('files that are rotated while they are read are read by the names that they have then', async () => {
  const hangup = event('HANGUP', `${START + 2}.000000`, CALL, CALL);
  // The rotation comes a little later in the reading each time.
  for (let turns = 0; turns < 60; turns++) {
    for (const name of readdirSync(dirname(celPath))) rmSync(join(dirname(celPath), name));
    writeFileSync(`${celPath}.1`, answer);
    writeFileSync(celPath, hangup);
    const reading = read();
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    renameSync(`${celPath}.1`, `${celPath}.2`);
    renameSync(celPath, `${celPath}.1`);
    writeFileSync(celPath, '');
    const events = new Set((await reading).journal.map(row => row.event));
    expect([turns, events]).toEqual([turns, new Set(['HANGUP', 'ANSWER'])]);
  }
});

test('one file that is not there leaves the other; none at all is told', async () => {
  expect(await read()).toEqual({ journal: [], records: [] });
  folder = join(folder, 'nowhere');
  await expect(read()).rejects.toMatchObject({ code: 'ENOENT' });
});

describe('a span of a long file', () => {
  /** One row a second for three hours, 100 bytes and more each. */
  const SECONDS = 10_800;
  const call = (second: number) => `switch1-${second}.1`;
  const writeLong = () => {
    const rows = Array.from({ length: SECONDS }, (_, second) => {
      const name = second % 2 === 0 ? 'ANSWER' : 'HANGUP';
      const leg = second % 4 === 0 ? `rf-${call(second)}-1` : call(second);
      return event(name, `${START + second}.000000`, leg, call(second), '\n"x",'.repeat(second % 7));
    });
    writeFileSync(celPath, rows.join(''));
  };
  const at = (second: number) => (START + second) * 1000;

  test.each([0, 3, 999, 5_401, 10_799])('finds the call of second %d by its own time', async second => {
    writeLong();
    const { journal } = await rowsInFiles(folder, new Set([call(second)]), { from: at(second), to: at(second) });
    expect(journal).toMatchObject([{ linkedid: call(second), at: at(second) }]);
  });

  test('reads what lies a minute around it and not much more', async () => {
    writeLong();
    const everything = new Set(Array.from({ length: SECONDS }, (_, second) => call(second)));
    const { journal } = await rowsInFiles(folder, everything, { from: at(5_000), to: at(5_100) });
    const seconds = journal.map(row => row.at / 1000 - START);
    expect(seconds[0]).toBeGreaterThanOrEqual(5_160);
    // The end is found to a quarter of a megabyte, and each second has 100 bytes or more.
    expect(seconds[0]).toBeLessThan(5_160 + 2_700);
    expect(seconds.at(-1)).toBe(5_000 - 61);
    expect(seconds).toEqual([...seconds].sort((one, other) => other - one));
  });

  test('answers of our legs within it: each fourth second of ten minutes, once', async () => {
    writeLong();
    const answers = await answersInFile(folder, { from: at(4_000), to: at(4_600) });
    expect(answers.map(row => row.at / 1000 - START).reverse()).toEqual(
      Array.from({ length: 150 }, (_, index) => 4_000 + index * 4),
    );
  });

  test.each([
    [-100, 0, false],
    [-100, 1, true],
    [5_000, 5_001, true],
    [SECONDS, SECONDS + 60, false],
  ])('from %d to %d s it has lines: %s', async (from, to, has) => {
    writeLong();
    expect(await hasLines(folder, { from: at(from), to: at(to) })).toBe(has);
  });
});
