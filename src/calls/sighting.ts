import type { Logger } from 'pino';
import type { OpenCalls } from './open-call-store';
import type { Switchboard } from './switchboard';
import type { UnseenEnds } from './unseen-ends';
import type { WatchedSwitch } from './watched-switch';

export interface SightingOptions {
  switchboard: Switchboard;
  openCalls: Pick<OpenCalls, 'seen'>;
  ends: UnseenEnds;
  log: Logger;
}

/**
 * The last moment at which a switch was seen with all its calls: a call whose end is never learnt is charged to that moment. null while
 * there is no such moment.
 *
 * It must be true of every call. A call that waits for its records was last seen earlier. A call whose end is not committed may have to be
 * settled again, by a process that does not know the end: never beyond the reported end, nor by a newer sighting if no end was reported.
 */
function seenUntil(watched: WatchedSwitch, switchboard: Switchboard, ends: UnseenEnds): number | null {
  const ending = switchboard.endingOn(watched.node);
  const areUnheard = ends.areOn(watched.node) || ending.some(({ evidence }) => evidence !== 'event');
  if (watched.gone.size > 0 || areUnheard) return null;
  return Math.min(watched.heardAt, ...ending.map(({ endAt }) => endAt));
}

/** Writes down the last moment at which a switch was seen: in the database, then in the switch itself. */
export async function writeSighting(
  watched: WatchedSwitch,
  { switchboard, openCalls, ends, log }: SightingOptions,
): Promise<void> {
  const seenAt = seenUntil(watched, switchboard, ends);
  if (seenAt === null) return;
  try {
    await openCalls.seen(watched.node, seenAt, watched.startedAt);
    // After the database: a mark that is later than these books know would be the mark of a newer state of them.
    await watched.port.leaveMark(seenAt);
  } catch (error) {
    log.warn({ event: 'sighting_not_written', node: watched.node, error: String(error) });
  }
}
