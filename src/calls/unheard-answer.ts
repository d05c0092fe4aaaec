/** Whether a leg that seems unanswered is answered: the news may have been lost with the event stream, and both parties may talk. */
import type { CallEvent, TimerName } from './call-state';
import type { CarriedCall } from './carried-call';

/** Timers that mean that a leg was not answered for so long. */
const UNANSWERED_TIMERS = new Set<TimerName>(['silence', 'ring', 'refresh', 'relay']);

/** How soon to ask a switch again that could not be asked. Ms. */
const ASK_AGAIN_MS = 1_000;

/** Whether to ask the switch for an answer before this timer counts. */
export const isOfSilence = ({ state }: CarriedCall, timer: TimerName): boolean =>
  state.phase === 'dialling' && UNANSWERED_TIMERS.has(timer);

/**
 * What has happened when a timer of silence fires: the answers that the switch knows, or that the time is over. Nothing if the call has
 * moved on meanwhile. Nothing either if the switch could not be asked, and then the timer is started again.
 *
 * A call that is being ended is hung up again, whatever the switch knows of its legs, unless the switch did not say: then the hang-ups before
 * are still repeated (legs.ts).
 */
export async function afterSilence(call: CarriedCall, timer: TimerName): Promise<CallEvent[]> {
  const { port, legs, state } = call;
  const leg = timer === 'relay' ? state.uniqueid : state.bLeg;
  const answers = leg ? await legs.answers(leg) : [];
  if (call.state.phase !== 'dialling' || call.state.bLeg !== state.bLeg) return [];
  const isBeingEnded = call.state.endCause !== null;
  if (answers === 'unknown' || (answers === 'gone' && !isBeingEnded)) {
    call.timers.start(timer, ASK_AGAIN_MS);
    return [];
  }
  const known = answers === 'gone' ? [] : answers;
  const isOver: CallEvent = { type: 'timer', timer, at: port.now() };
  return known.length === 0 || isBeingEnded ? [...known, isOver] : known;
}
