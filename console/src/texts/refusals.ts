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

/** A line of a file that is wrong. */
export interface RefusedLine {
  line: number;
  /** What is wrong with it, which may name another line. `placeOf`: where a line of the file that was sent is for the reader. */
  says: (placeOf: (line: number) => number) => string;
}

export interface Said {
  detail: string;
  problems: readonly string[];
  fields: readonly RefusedField[];
  lines: readonly RefusedLine[];
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
  'from',
  'gone',
  'lapsed',
  'least',
  'length',
  'most',
  'problems',
  'rates',
  'waiting',
  'wanted',
] satisfies FactName[];

/** More of a name that a stranger chose hides the sentence. Characters. */
const MOST_SHOWN = 80;

/** The facts as they are shown. What is not known here is of a newer service, and no sentence asks for it. */
function shownFacts(facts: Readonly<Record<string, string | number>> = {}, language: string): Facts {
  const shown = Object.entries(facts).map(([name, fact]) => {
    if (COUNTS.includes(name) && typeof fact === 'number') return [name, fact.toLocaleString(language)];
    if (AMOUNTS.includes(name)) return [name, readable(String(fact), language)];
    const text = String(fact);
    // What may be written is of the service, and nothing of it is left out.
    return [name, name !== 'words' && text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text];
  });
  return Object.fromEntries(shown);
}

/** `refusal`: its name. The API's own words, in English, for what has none here: it may be newer than the page. */
export function saidOf(refusal: string, problem: Problem, texts: RefusalTexts, language: string): Said {
  const { title, detail = title, problems = [], errors = [], facts, fields: wrong = [] } = problem;
  const fields = wrong.flatMap(({ field, rule, value, facts: its, detail: line }) => {
    if (!Object.hasOwn(texts.rules, rule)) return [];
    const says = texts.rules[rule](shownFacts({ ...its, value }, language));
    return [{ field, says, line: texts.ofField(field, says), api: line }];
  });
  const lineOf = (line: string) => fields.find(({ api }) => api === line)?.line ?? line;
  const said = {
    problems: problems.map(lineOf),
    fields: fields.map(({ api: _, ...field }) => field),
    lines: errors.map(error => lineSaid(error, texts, language)),
  };
  if (fields.some(({ api }) => api === detail)) return { ...said, detail: lineOf(detail) };
  if (!Object.hasOwn(texts.refusals, refusal)) return { ...said, detail };
  const say = texts.refusals[refusal as keyof RefusalTexts['refusals']];
  return { ...said, detail: say(shownFacts(facts, language), detail) };
}

function lineSaid(
  { line, rule, facts, detail }: NonNullable<Problem['errors']>[number],
  { lines, rules, ofField }: RefusalTexts,
  language: string,
): RefusedLine {
  const words: Partial<Record<string, (facts: Facts) => string>> = { ...rules, ...lines };
  const say = Object.hasOwn(words, rule) ? words[rule] : undefined;
  if (say === undefined) return { line, says: () => detail };
  const shown = shownFacts(facts, language);
  const { column } = shown;
  return {
    line,
    says: placeOf => {
      const { earlier } = facts;
      const place = typeof earlier === 'number' ? placeOf(earlier) : null;
      // A line of a carrier's sheet may have made both.
      const isOther = place !== null && place !== placeOf(line);
      const { earlier: _, ...rest } = shown;
      const sentence = say(isOther ? { ...rest, earlier: String(place) } : rest);
      return column === undefined ? sentence : ofField(column, sentence);
    },
  };
}
