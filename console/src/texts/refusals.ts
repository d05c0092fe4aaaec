/** What the API refused, in the reader's language. Pure. */
import type { Problem } from '../api/operations';
import { readable } from '../parts/amounts';
import type { FactName, Facts, RefusalTexts } from './refusals-en';

/** A field that was refused, as it is said. */
export interface RefusedField {
  field: string;
  /** The line that says it away from its field. */
  line: string;
  /** The same where it stands at its field. */
  says: string;
}

export interface Said {
  detail: string;
  problems: readonly string[];
  fields: readonly RefusedField[];
}

const AMOUNTS: readonly string[] = [
  'amount',
  'available',
  'balance',
  'charged',
  'left',
  'limit',
  'moved',
  'refunded',
] satisfies FactName[];
const COUNTS: readonly string[] = [
  'before',
  'blocked',
  'gone',
  'lapsed',
  'least',
  'length',
  'most',
  'waiting',
] satisfies FactName[];

/** More of a name that a stranger chose hides the sentence. Characters. */
const MOST_SHOWN = 80;

/** The facts as they are shown. What is not known here is of a newer service, and no sentence asks for it. */
function shownFacts(facts: Readonly<Record<string, string | number>> = {}, language: string): Facts {
  const shown = Object.entries(facts).map(([name, fact]) => {
    if (COUNTS.includes(name) && typeof fact === 'number') return [name, fact.toLocaleString(language)];
    if (AMOUNTS.includes(name)) return [name, readable(String(fact), language)];
    const text = String(fact);
    return [name, text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text];
  });
  return Object.fromEntries(shown);
}

/** `refusal`: its name. The API's own words, in English, for what has none here: it may be newer than the page. */
export function saidOf(refusal: string, problem: Problem, texts: RefusalTexts, language: string): Said {
  const { title, detail = title, problems = [], facts, fields: wrong = [] } = problem;
  const fields = wrong.flatMap(({ field, rule, value, facts: its, detail: line }) => {
    if (!Object.hasOwn(texts.rules, rule)) return [];
    const says = texts.rules[rule](shownFacts({ ...its, value }, language));
    return [{ field, says, line: texts.ofField(field, says), api: line }];
  });
  const lineOf = (line: string) => fields.find(({ api }) => api === line)?.line ?? line;
  const told = { problems: problems.map(lineOf), fields: fields.map(({ api: _, ...field }) => field) };
  if (fields.some(({ api }) => api === detail)) return { ...told, detail: lineOf(detail) };
  if (!Object.hasOwn(texts.refusals, refusal)) return { ...told, detail };
  const say = texts.refusals[refusal as keyof RefusalTexts['refusals']];
  return { ...told, detail: say(shownFacts(facts, language), detail) };
}
