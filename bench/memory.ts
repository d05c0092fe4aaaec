/** Memory of other processes. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/** The most that a process has had in memory so far, and what it has now; kB. null if it is gone. */
export function residentKb(pid: number): { peak: number; now: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return { peak: of('VmHWM'), now: of('VmRSS') };
  } catch {
    return null;
  }
}

/** Resolves with the exit code of a process, how long it took, and the most memory that it had, looked at every 20 ms; ms and kB. */
export function watchPeak(child: ChildProcess): Promise<{ code: number | null; ms: number; peakKb: number }> {
  const EVERY_MS = 20;
  const since = performance.now();
  let peakKb = 0;
  const looking = setInterval(() => {
    peakKb = residentKb(child.pid as number)?.peak || peakKb;
  }, EVERY_MS);
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('exit', code => {
      clearInterval(looking);
      done({ code, ms: Math.round(performance.now() - since), peakKb });
    });
  });
}

/** What a Node process that was started with --inspect holds on its heap and in buffers after a collection, in bytes. */
export async function heldBytes(inspectorUrl: string): Promise<number> {
  const socket = new WebSocket(inspectorUrl);
  await new Promise((opened, failed) => socket.once('open', opened).once('error', failed));
  let id = 0;
  const ask = (method: string, params: object = {}) =>
    new Promise<{ result?: { value?: number } }>(answered => {
      const asked = ++id;
      const hear = (data: Buffer) => {
        const message = JSON.parse(String(data));
        if (message.id !== asked) return;
        socket.off('message', hear);
        answered(message.result);
      };
      socket.on('message', hear);
      socket.send(JSON.stringify({ id: asked, method, params }));
    });
  try {
    await ask('HeapProfiler.enable');
    // The first leaves what only finalizers hold.
    for (let times = 0; times < 2; times++) await ask('HeapProfiler.collectGarbage');
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
    return (await ask('Runtime.evaluate', { expression })).result?.value ?? Number.NaN;
  } finally {
    socket.terminate();
  }
}
