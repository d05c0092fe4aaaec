/** How a call ended, in a few words. Pure but for the reader's texts. */
import type { Call } from '../../api/operations';
import type { Mood } from '../../parts/shown';
import type { Texts } from '../../texts/en';
import type { CallPageTexts } from './reading';

type Ended = Pick<
  Call,
  'end_at' | 'answer_at' | 'granted_seconds' | 'refusal' | 'disposition' | 'hangup_source' | 'hangup_cause'
>;

/** The state of a call for its row: in progress how far it is, ended why. */
export function outcomeOf(call: Ended, { calls }: CallPageTexts): { mood: Mood; text: string } {
  const { end_at, answer_at, granted_seconds, refusal, disposition, hangup_source } = call;
  if (end_at === null) {
    const state = answer_at !== null ? 'talking' : granted_seconds > 0 ? 'ringing' : 'waiting';
    return { mood: 'ours', text: calls.states[state] };
  }
  if (refusal !== null) return { mood: 'attention', text: calls.refusals[refusal] };
  if (disposition === 'ANSWERED') {
    const isCut = hangup_source === 'limit' || hangup_source === 'operator';
    return { mood: isCut ? 'attention' : 'quiet', text: hangup_source ? calls.endedBy[hangup_source] : '' };
  }
  const isFault = disposition === 'FAILED' || disposition === 'CONGESTION';
  return { mood: isFault ? 'wrong' : 'quiet', text: disposition ? calls.dispositions[disposition] : '' };
}

/** `17, user busy`; the number alone where it has no name of ours. */
export function causeText(cause: number | null, { calls, common }: Texts): string {
  if (cause === null) return common.none;
  const name = calls.causes[cause];
  return name ? `${cause}, ${name}` : String(cause);
}
