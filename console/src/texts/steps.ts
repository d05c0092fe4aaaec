/** The steps of a price in the reader's language. Pure. */
import type { PriceStep } from '../api/operations';
import { stepsDe } from './steps-de';
import { type StepFact, type StepFacts, type StepTexts, stepsEn } from './steps-en';

/** In each language of the console. */
export const STEPS = { en: stepsEn, de: stepsDe };

/** An amount may have nine decimals and a sign that there are more: it is shown as it is, with the reader's decimal mark. */
const AMOUNTS: readonly string[] = ['amount', 'available', 'fee', 'minimum', 'price'] satisfies StepFact[];

const markOf = (language: string): string => (1.5).toLocaleString(language).slice(1, 2);

/** Each step with its subject and what comes of it: in the API's own words if it is of a kind that this page does not know. */
export function stepsIn(
  steps: readonly PriceStep[],
  language: keyof typeof STEPS,
): { subject: string; text: string }[] {
  const texts: Partial<StepTexts> = STEPS[language];
  return steps.map(({ step, kind, text, facts }) => {
    const say = texts[kind];
    if (!say) return { subject: step, text };
    const shown = Object.entries(facts).map(([name, fact]) => {
      const written = String(fact);
      return [name, AMOUNTS.includes(name) ? written.replace('.', markOf(language)) : written];
    });
    const [subject, says] = say(Object.fromEntries(shown) as StepFacts);
    return { subject, text: says };
  });
}
