/** A call as plain text, for a mail to the customer: what the customer may know, and nothing of trunks and what they cost. Pure. */
import type { CallShown } from '../../api/operations';
import { readable, turned } from '../../parts/amounts';
import { clockTime } from '../../parts/times';
import { priceSum } from './price-sum';
import type { CallPageTexts } from './reading';
import { sumRows } from './sum-rows';

export function callAsText(
  call: CallShown,
  verdict: string,
  texts: CallPageTexts,
  language: string,
  zone: string,
): string {
  const { calls, common } = texts;
  const { asText, sum } = calls;
  const time = (at: string | null) => (at === null ? asText.neverAnswered : clockTime(at, language, zone));
  const facts = [
    [asText.from, call.src || common.none],
    [asText.to, [call.dst || calls.noNumber, call.rate_destination].filter(text => text !== '').join(', ')],
    [asText.started, time(call.start_at)],
    [asText.answeredAt, time(call.answer_at)],
    ...(call.end_at === null ? [] : [[asText.endedAt, time(call.end_at)]]),
    [asText.result, verdict],
  ] as const;
  const width = Math.max(...facts.map(([name = '']) => name.length)) + 2;
  const lines = [
    asText.title(call.uniqueid),
    common.timesIn(zone),
    '',
    ...facts.map(([name = '', text = '']) => `${`${name}:`.padEnd(width)}${text}`),
  ];
  if (call.answer_at !== null && call.end_at !== null) {
    const { rows, shown } = sumRows(priceSum(call).lines, [call.cost], texts, language);
    const all = [...rows, { label: `${sum.cost}, ${call.currency}`, value: shown[0] ?? '' }];
    const widest = Math.max(...all.map(({ label }) => label.length)) + 2;
    const right = Math.max(...all.map(({ value }) => value.length));
    lines.push('', `${asText.calculation}:`);
    for (const { label, value } of all) lines.push(`  ${label.padEnd(widest)}${value.padStart(right)}`);
  }
  const given = [
    [sum.corrected, call.corrected],
    [sum.refunded, call.refunded],
  ].filter(([, amount]) => /[1-9]/.test(amount ?? ''));
  for (const [name, amount = ''] of given)
    lines.push(`  ${name}: ${readable(turned(amount), language)} ${call.currency}`);
  if (given.length > 0) lines.push(`  ${sum.remains}: ${readable(call.revenue, language)} ${call.currency}`);
  return `${lines.join('\n')}\n`;
}
