/** Asterisk 22.10.1's results for a carrier's refusals: measured by test/calls/refusals.sip.test.ts, which holds each row. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { causeForCaller } from '../../src/calls/causes';
import { projectRoot } from '../../src/config/project-root';
import { DEFAULT_RULE, isCarriersOwn, triesNextRoute } from '../../src/routes/refusal-rule';

export interface MeasuredRefusal {
  status: number;
  /** A 180 came before it. */
  rang: boolean;
  cause: number;
}

export const REFUSED: readonly MeasuredRefusal[] = (
  [
    [401, false, 21],
    [402, false, 127],
    [403, false, 21],
    [404, false, 1],
    [407, false, 21],
    [408, false, 18],
    [408, true, 18],
    [409, false, 41],
    [410, false, 22],
    [420, false, 3],
    [480, false, 19],
    [483, false, 19],
    [484, false, 28],
    [486, false, 17],
    [488, false, 58],
    [500, false, 38],
    [503, false, 34],
    [504, false, 102],
    [600, false, 17],
    [603, false, 21],
  ] as const
).map(([status, rang, cause]) => ({ status, rang, cause }));

/** The SIP status of a cause for the caller, by docs/asterisk.md. */
export const sipOfCause = new Map(
  readFileSync(join(projectRoot, 'docs/asterisk.md'), 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, sip, causes] = /^\| (\d{3}) \| ([\d, ]+) \|$/.exec(line) ?? [];
      return (causes ?? '')
        .split(', ')
        .filter(Boolean)
        .map(cause => [Number(cause), Number(sip)] as const);
    }),
);

/** The rule's result for a refusal, and the caller's status if there is no other route. */
export function judged({ status, rang, cause }: MeasuredRefusal, rule = DEFAULT_RULE) {
  const refusal = { cause, sipStatus: status, rang };
  const isOwn = isCarriersOwn(rule, refusal);
  return { isOwn, triesNext: triesNextRoute(rule, refusal), sip: sipOfCause.get(causeForCaller(cause, isOwn)) };
}

/** The table of docs/refusals.md. */
export function refusalTable(): string {
  const rows = REFUSED.map(refusal => {
    const { isOwn, triesNext, sip } = judged(refusal);
    const said = `${refusal.status}${refusal.rang ? ' after ringing' : ''}`;
    return `| ${said} | ${refusal.cause} | ${isOwn ? 'the carrier' : 'the callee'} | ${triesNext ? 'yes' : 'no'} | ${sip} |`;
  });
  return [
    '| the carrier says | cause | whose word | next route | the caller gets without one |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    `The callee's own words by default: SIP ${DEFAULT_RULE.calleeCodes.join(', ')}; where Asterisk tells no SIP status (before 22.7, and to`,
    `\`Dial()\`), the causes ${DEFAULT_RULE.calleeCauses.join(', ')}.`,
  ].join('\n');
}
