/** What the calls of every door have in common: what they are called, who pays, how they end. */
import { createHash } from 'node:crypto';
import { CAUSE } from '../calls/causes';
import type { CallEnd, HangupSource } from '../credit/rules';
import { accountcodeField } from '../operator/fields';

/** The column of astcdr holds 150. */
const LONGEST_UNIQUEID = 150;

/** A Call-ID, as SIP has it: printable ASCII without blanks, `most` characters at most. */
export const callIdPattern = (most: number): RegExp => new RegExp(`^[!-~]{1,${most}}$`);

/** The uniqueid of a call that another system calls `callId`, or a print of that where it is too long for the column. */
export function doorUniqueid(node: string, callId: string): string {
  const uniqueid = `${node}:call:${callId}`;
  if (uniqueid.length <= LONGEST_UNIQUEID) return uniqueid;
  return `${node}:call-sha256:${createHash('sha256').update(callId).digest('hex')}`;
}

/**
 * The account that a template means, `{user}@{domain}`, with what the other system says in place of its words; null where the
 * account could not have that name.
 */
export function accountIn(template: string, words: Readonly<Record<string, string>>): string | null {
  const accountcode = template.replaceAll(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole);
  try {
    return accountcodeField(accountcode);
  } catch {
    return null;
  }
}

/** The end of a call of which is told, when it is over, how long both talked; who hung up is not. */
export function endAfterTalk(talkMs: number, endAt = Date.now()): CallEnd {
  return {
    answerAt: endAt - talkMs,
    endAt,
    disposition: 'ANSWERED',
    hangupCause: CAUSE.normalClearing,
    hangupSource: 'service',
    evidence: 'event',
  };
}

/** The end of a call of which is told that nobody answered it. */
export const endUnanswered = (endAt: number, hangupSource: HangupSource): CallEnd => ({
  answerAt: null,
  endAt,
  disposition: 'NO ANSWER',
  hangupCause: CAUSE.normalClearing,
  hangupSource,
  evidence: 'event',
});

/** What comes of work that may take no longer than `ms`; it goes on all the same. */
export function within<Result>(ms: number, work: Promise<Result>): Promise<Result | 'late'> {
  let timer: NodeJS.Timeout;
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
