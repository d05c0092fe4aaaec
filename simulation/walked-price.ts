/** What a talk costs by the time of day, one second after the other in exact sixtieths: it shares no code with what it checks. */
import { type Micros, micros } from '../src/money/micros';
import type { Tariff } from '../src/rating/price';

/** What a talk costs without grace that was answered in this second, and how many seconds of it are billed. Whole millionths, rounded up. */
export function walkedAt(
  lineAt: (second: number) => Tariff,
  answer: number,
  talk: number,
): { cost: Micros; billed: number } {
  const atAnswer = lineAt(answer);
  const { freeSeconds, connectFee, minimumCharge } = atAnswer;
  let [sixtieths, billed, blockEnds] = [connectFee * 60n, 0, 0];
  let before: { price: bigint; increment: number } | null = null;
  for (let second = freeSeconds; second < talk || second < blockEnds || (second === 0 && talk === 0); second++) {
    const line = lineAt(answer + second);
    let [price, increment, initial, isStep] = [
      line.pricePerMinute as bigint,
      line.incrementSeconds,
      line.initialIncrementSeconds,
      false,
    ];
    for (const step of line.steps) {
      if (step.fromSecond > second) continue;
      [price, increment, initial] = [step.pricePerMinute, step.incrementSeconds, step.incrementSeconds];
      isStep = step.fromSecond === second;
    }
    const isOtherLine = second > freeSeconds && line !== lineAt(answer + second - 1);
    const isOtherPrice = before !== null && (price !== before.price || increment !== before.increment);
    const begins = isOtherLine ? isOtherPrice : isStep && second > freeSeconds;
    // A block that the next price cuts ends there, and with it the talk that has ended before.
    if (begins && second >= talk) break;
    if (second === freeSeconds) blockEnds = second + initial;
    else if (begins || second >= blockEnds) blockEnds = second + increment;
    sixtieths += price;
    billed++;
    before = { price, increment };
  }
  let whole = sixtieths / 60n;
  if (whole * 60n < sixtieths) whole++;
  return { cost: micros(whole > minimumCharge ? whole : minimumCharge), billed };
}
