import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The unique name of a process: host, pid, the tick of its birth, its pid namespace, and the boot of the machine.
 *
 * Words separated by blanks, so that a person can read it. Without /proc the last three are `-`.
 */
export function ownName(): string {
  return [hostname(), process.pid, bornAt(process.pid) ?? '-', pidNamespace(), bootId()].join(' ');
}

/**
 * Whether the process of that name is known to be gone: it ran on this machine, in this boot and this pid namespace, and no longer exists.
 * False for any other: we cannot know whether it lives, so its lease must run out.
 */
export function isGone(name: string): boolean {
  const [host, pid, tick, namespace, boot] = name.split(' ');
  if (host !== hostname() || namespace !== pidNamespace() || boot !== bootId() || boot === '-') return false;
  const born = bornAt(Number(pid));
  // A /proc that hides the processes of other users (hidepid, systemd's ProtectProc) does not show a living one either.
  return born === null ? !isHidden(Number(pid)) : born !== tick;
}

/** `switch-host, pid 4711` for a person; empty for no process. */
export function shortName(name: string): string {
  const [host, pid] = name.split(' ');
  return pid ? `${host}, pid ${pid}` : name;
}

/** In clock ticks since the boot; null if there is no such process, or only its zombie. */
function bornAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in field 2 may contain blanks and brackets, so the fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** Whether a process of that number exists. This process may know no more of it. */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '-';
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '-';
  }
}
