/** What the calls of all doors share: which account pays, and how a call ends. */
import { CAUSE } from '../calls/causes';
import type { CallEnd, HangupSource } from '../credit/rules/charge';
import { accountcodeField } from '../operator/fields';

/**
 * The account that a template names. `{user}@{domain}` gets the other system's words in place of its own. null if no account can have
 * that name.
 */
export function accountIn(template: string, words: Readonly<Record<string, string>>): string | null {
  const accountcode = template.replaceAll(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole);
  try {
    return accountcodeField(accountcode);
  } catch {
    return null;
  }
}

/** The end of a call whose switch reports only its talk time, after the call. It does not say who hung up. */
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

/** The end of a call that was not answered. */
export const endUnanswered = (endAt: number, hangupSource: HangupSource): CallEnd => ({
  answerAt: null,
  endAt,
  disposition: 'NO ANSWER',
  hangupCause: CAUSE.normalClearing,
  hangupSource,
  evidence: 'event',
});

/** The result of `work`, or `late` if that takes longer than `ms`. The work goes on in any case. */
export function within<Result>(ms: number, work: Promise<Result>): Promise<Result | 'late'> {
  let timer: NodeJS.Timeout;
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
