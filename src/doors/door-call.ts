/** What the calls of every door have in common: who pays, how they end. */
import { CAUSE } from '../calls/causes';
import type { CallEnd, HangupSource } from '../credit/rules/charge';
import { accountcodeField } from '../operator/fields';

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
