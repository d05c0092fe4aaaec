import type { JournalEvent, LegRecord } from '../../src/evidence/written-call';

export const CALL = 'switch1-1795261408.0';
export const LEG = `rf-${CALL}-1`;
export const SECOND = `rf-${CALL}-2`;
/** Legs that the dialplan dialled. */
export const CALLEE = 'switch1-1795261408.1';
export const OTHER = 'switch1-1795261408.2';

const NAMES: Record<string, string> = {
  [CALL]: 'PJSIP/alice-00000000',
  [LEG]: 'PJSIP/carrier-00000001',
  [SECOND]: 'PJSIP/other-00000002',
  [CALLEE]: 'PJSIP/carrier-00000003',
  [OTHER]: 'PJSIP/other-00000004',
};

/** A row of the journal as Asterisk 22.10.1 writes it; `at` in ms. */
export const row = (at: number, event: string, uniqueid: string, extra: object | '' = ''): JournalEvent => ({
  event,
  at,
  uniqueid,
  linkedid: CALL,
  accountcode: 'alice',
  channel: NAMES[uniqueid] ?? '',
  extra: extra === '' ? '' : JSON.stringify(extra),
});

export const hangup = (at: number, uniqueid: string, cause: number, by: string | null): JournalEvent =>
  row(at, 'HANGUP', uniqueid, { hangupcause: cause, hangupsource: by === null ? '' : NAMES[by], dialstatus: '' });

export const record = (startAt: number, answerAt: number | null, endAt: number): LegRecord => ({
  uniqueid: CALL,
  linkedid: CALL,
  startAt,
  answerAt,
  endAt,
});

/** One leg's end: out of the bridge, hung up, gone. */
export const leaves = (at: number, uniqueid: string, cause: number, by: string | null): JournalEvent[] => [
  row(at, 'BRIDGE_EXIT', uniqueid, { bridge_id: `rf-${CALL}` }),
  hangup(at + 2, uniqueid, cause, by),
  row(at + 2, 'CHAN_END', uniqueid),
];

/** A call as a real Asterisk wrote it: arrived at 0, answered at 1,000, ended by the caller at 3,200. */
export const answered: JournalEvent[] = [
  row(60, 'BRIDGE_ENTER', CALL, { bridge_id: `rf-${CALL}` }),
  row(61, 'BRIDGE_ENTER', LEG, { bridge_id: `rf-${CALL}` }),
  row(1_000, 'ANSWER', LEG),
  row(1_000, 'ANSWER', CALL),
  ...leaves(3_200, CALL, 16, CALL),
  ...leaves(3_203, LEG, 16, CALL),
  row(3_205, 'LINKEDID_END', LEG),
];
