/** A process without calls gives way with all of its threads, and never gets a higher priority by that. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { giveWay } from '../../src/process/give-way';

let child: ChildProcess;
let pid: number;
/** As many hashes at once as libuv has threads: all of them have begun when it prints. */
const PROGRAM = `
const { scrypt } = require('node:crypto');
let left = 4;
for (let n = 0; n < 4; n++) scrypt('a', 'b', 32, () => --left || console.log('ready'));
setInterval(() => undefined, 1_000);`;

beforeEach(async () => {
  child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  pid = child.pid as number;
  if (child.stdout) await once(child.stdout, 'data');
});
afterEach(async () => {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
});

const threads = () => readdirSync(`/proc/${pid}/task`).map(Number);
const priorities = () => [...new Set(threads().map(getPriority))];

test('each thread of it has nice 10', () => {
  // At nice 10 this test could not fail.
  expect(getPriority()).toBeLessThan(10);
  expect(priorities()).toEqual([getPriority()]);
  expect(threads().length).toBeGreaterThan(5);
  giveWay(pid);
  expect(priorities()).toEqual([10]);
});

test('one that gives way more stays as it is', () => {
  for (const thread of threads()) setPriority(thread, 19);
  giveWay(pid);
  expect(priorities()).toEqual([19]);
});

test('one that is gone is no failure', () => {
  // Linux gives no such number to a process.
  expect(() => giveWay(2 ** 30)).not.toThrow();
});
