/**
 * A proxy's note of a call in a table of its own, for the case that no service receives the events. docs/doors.md has the script that
 * writes it. Pure.
 */
import { CAUSE, causeOfStatus } from '../../calls/causes';
import type { WrittenCall } from '../../calls/evidence';

/** Instants by the proxy's clock, ms since 1970. */
export interface CallNote {
  /** The proxy's own name of the dialog. */
  dialog: string;
  /** null while it is not answered, and if it never was. */
  answeredAt: number | null;
  /** null while it is not over. */
  endedAt: number | null;
  /** What ended it; `proxy`: the proxy itself, by a command or a limit. null if that is not known. */
  by: 'caller' | 'callee' | 'proxy' | null;
  /** Final status of a call that was not answered; null if the proxy does not know it. */
  status: number | null;
}

/** The words of Kamailio's script, and of OpenSIPS' $DLG_end_reason. */
const ENDED_BY: Record<string, CallNote['by']> = {
  caller: 'caller',
  'Downstream BYE': 'caller',
  Cancelled: 'caller',
  callee: 'callee',
  'Upstream BYE': 'callee',
  proxy: 'proxy',
  'MI Termination': 'proxy',
  'Lifetime Timeout': 'proxy',
};

/** `dialog/answer/end/by`, as far as it has come: `280:4202/1795937859.760386/1795937860.322074/caller`. null for a text that is no note. */
export function noteIn(text: string): CallNote | null {
  const [dialog = '', answer = '', end = '', by = ''] = text.split('/');
  const [answeredAt, endedAt] = [instantIn(answer), instantIn(end)];
  if (dialog === '' || answeredAt === undefined || endedAt === undefined) return null;
  const isStatus = answeredAt === null && (by === NO_REPLY || /^[3-6]\d\d$/.test(by));
  const status = isStatus ? (by === NO_REPLY ? UNAVAILABLE : Number(by)) : null;
  return { dialog, answeredAt, endedAt, by: ENDED_BY[by] ?? (status === CANCELLED ? 'caller' : null), status };
}

const CANCELLED = 487;

/** Kamailio itself gave the final reply: in place of a 503, which it does not pass on, or because no reply came. */
const NO_REPLY = 'none';
const UNAVAILABLE = 503;

/** Kamailio's $TV(Sn), 1795937860.022074, or $Ts:$Tsm of OpenSIPS, 1795937860:22074, whose microseconds have no zeros before them. */
function instantIn(text: string): number | null | undefined {
  if (text === '') return null;
  const [, seconds, decimals, micros] = /^(\d{1,12})(?:\.(\d{6})|:(\d{1,6}))$/.exec(text) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000 + Math.round(Number(decimals ?? micros) / 1000);
}

/**
 * The call as its proxy's note has it. `answerAt`: by our clock, when its answer was reported. Only the proxy's clock says how long it
 * talked, and it need not agree with ours. Nothing was answered before the call began.
 */
export function writtenIn(
  note: CallNote,
  uniqueid: string,
  heard: { answerAt: number | null; startAt: number },
): WrittenCall {
  const answerAt = heard.answerAt ?? (note.answeredAt === null ? null : Math.max(note.answeredAt, heard.startAt));
  const talkMs = note.answeredAt === null || note.endedAt === null ? null : Math.max(0, note.endedAt - note.answeredAt);
  return {
    source: 'proxy',
    answeredLeg: answerAt === null ? null : uniqueid,
    answerAt,
    endAt: answerAt !== null && talkMs !== null ? answerAt + talkMs : note.endedAt,
    hangupCause: causeIn(note),
    hangupSource: note.by === 'proxy' ? null : (note.by ?? (note.status === null ? null : 'callee')),
  };
}

/** Q.850 of the end. */
export const causeIn = ({ status }: CallNote): number =>
  status === null ? CAUSE.normalClearing : causeOfStatus(status);
