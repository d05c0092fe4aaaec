/** The words for what the API refuses, and for the steps of a price. */
import type { PriceStep, Problem } from '../../console/src/api/operations';
import { saidOf } from '../../console/src/texts/refusals';
import { refusalsDe } from '../../console/src/texts/refusals-de';
import { type FactName, refusalsEn } from '../../console/src/texts/refusals-en';
import { STEPS, stepsIn } from '../../console/src/texts/steps';
import { OF_THE_DOOR } from '../../src/http/problem';
import { FIELD_RULES, LINE_RULES, OPERATOR_REFUSALS } from '../../src/operator/operator-refusal';
import { STEP_KINDS } from '../../src/rating/explain';

const NAMES = [...Object.keys(OPERATOR_REFUSALS), ...Object.keys(OF_THE_DOOR)].sort();
const TEXTS = { en: refusalsEn, de: refusalsDe };

/** Facts that no sentence invents. */
const ALL = new Proxy({} as Record<FactName, string>, { get: (_, name) => `<${String(name)}>` });

describe.each(['en', 'de'] as const)('in %s', language => {
  const { refusals, rules, lines } = TEXTS[language];

  test('each refusal and each rule of a field and of a line has a sentence, with its facts and without any', () => {
    expect(Object.keys(refusals).sort()).toEqual(NAMES);
    expect(Object.keys(rules).sort()).toEqual([...FIELD_RULES].sort());
    for (const say of Object.values(refusals)) {
      for (const text of [say({}, 'the API'), say(ALL, 'the API')]) {
        expect(text).not.toMatch(/undefined|null|\[object|^ | {2}/);
        expect(text === 'the API' ? 'x.' : text).toMatch(/\w.*[.:]|the API$/);
      }
    }
    const ofLines = { ...rules, ...lines };
    expect(LINE_RULES.filter(rule => !Object.hasOwn(ofLines, rule))).toEqual([]);
    for (const say of Object.values(ofLines)) expect(say(ALL)).toMatch(/^[^ ].*\.$/);
  });

  test('each kind of step has a subject and a text', () => {
    expect(Object.keys(STEPS[language]).sort()).toEqual([...STEP_KINDS].sort());
    for (const say of Object.values(STEPS[language])) {
      const told = say(new Proxy({}, { get: (_, name) => `<${String(name)}>` }));
      for (const text of told) expect(text).toMatch(/^[^ ]/);
      expect(say({}).join()).not.toMatch(/null|\[object/);
    }
  });
});

test('no sentence is the same in both languages, but where the API speaks', () => {
  const same = NAMES.filter(name => {
    const key = name as keyof typeof refusalsEn.refusals;
    return refusalsEn.refusals[key](ALL, 'api') === refusalsDe.refusals[key](ALL, 'api');
  });
  expect(same).toEqual([]);
  const rules = FIELD_RULES.filter(rule => refusalsEn.rules[rule](ALL) === refusalsDe.rules[rule](ALL));
  expect(rules).toEqual([]);
  const lines = LINE_RULES.filter(rule => {
    const [ofOne, ofOther] = [refusalsEn.lines[rule]?.(ALL), refusalsDe.lines[rule]?.(ALL)];
    return ofOne !== undefined && ofOne === ofOther;
  });
  expect(lines).toEqual([]);
  const steps = STEP_KINDS.filter(kind => STEPS.en[kind](ALL).join() === STEPS.de[kind](ALL).join());
  expect(steps).toEqual([]);
});

const problem = (more: Partial<Problem>): Problem => ({
  type: 'urn:ringfence:problem:x',
  title: 'x',
  status: 409,
  request_id: '0b1c6f9e-3f0f-4f3c-9f59-0d8f5b3f2f11',
  ...more,
});

test('amounts and counts are written as the reader writes them; names as they are, and not without end', () => {
  const more = problem({ detail: 'too much', facts: { amount: '-5.00', available: '1234.5', currency: 'EUR' } });
  expect(saidOf('more_than_available', more, refusalsDe, 'de').detail).toBe('Verfügbar ist nur 1.234,50 EUR.');
  const gone = problem({ facts: { deck: '1000', before: 12_345, gone: 9_000, lapsed: 0, blocked: 0 } });
  expect(saidOf('prefixes_gone', gone, refusalsDe, 'de').detail).toContain(
    'Von den 12.345 Vorwahlen der Preisliste „1000“ fielen 9.000 weg',
  );
  const long = problem({ facts: { accountcode: 'a'.repeat(5_000) } });
  expect(saidOf('account_not_found', long, refusalsDe, 'de').detail.length).toBeLessThan(130);
});

test('a field is said at its field, and with its name away from it; what has no name stays as the API says it', () => {
  const fields = [
    { field: 'amount', rule: 'below_zero' as const, value: '-1', facts: {}, detail: 'amount "-1" is below' },
  ];
  const said = saidOf(
    'field_invalid',
    problem({ detail: 'amount "-1" is below', problems: ['amount "-1" is below', 'url is odd'], fields }),
    refusalsDe,
    'de',
  );
  expect(said.problems).toEqual(['amount: „-1“ ist kleiner als null. Schreiben Sie 0 oder mehr.', 'url is odd']);
  expect(said.detail).toBe(said.problems[0]);
  expect(said.fields).toEqual([
    { field: 'amount', line: said.problems[0], says: '„-1“ ist kleiner als null. Schreiben Sie 0 oder mehr.' },
  ]);
});

test('a line of a file is said with its column, and with where the other line of a prefix is in the file of the reader', () => {
  const errors: NonNullable<Problem['errors']> = [
    { line: 3, rule: 'below_zero', facts: { column: 'connect_fee', value: '-1' }, detail: 'connect_fee "-1"' },
    { line: 4, rule: 'prefix_twice', facts: { prefix: '49', earlier: 2 }, detail: 'prefix "49" is in line 2' },
    {
      line: 5,
      rule: 'not_seconds',
      facts: { column: 'increment', value: '', least: 1, most: 86_400 },
      detail: 'x',
    },
    { line: 6, rule: 'waning' as never, facts: {}, detail: 'the moon is waning' },
  ];
  const said = saidOf('file_invalid', problem({ detail: 'x', facts: { problems: 1_234 }, errors }), refusalsDe, 'de');
  expect(said.detail).toMatch(/^Die Datei hat 1\.234 Fehler\. Nichts davon wurde übernommen/);
  const sentences = (placeOf: (line: number) => number) => said.lines.map(({ says }) => says(placeOf));
  expect(sentences(place => place * 10)).toEqual([
    'connect_fee: „-1“ ist kleiner als null. Schreiben Sie 0 oder mehr.',
    'Die Vorwahl „49“ hat in Zeile 20 einen Preis für dieselben Tage. Behalten Sie einen davon.',
    'increment: Das ist keine ganze Zahl von Sekunden von 1 bis 86.400.',
    'the moon is waning',
  ]);
  // One line of a carrier's sheet made both.
  expect(sentences(() => 7)[1]).toBe('Die Vorwahl „49“ hat zwei Preise für dieselben Tage. Behalten Sie einen davon.');
});

test('a name, a rule and a kind of step that only a newer service knows are told in its own words', () => {
  const newer = problem({ detail: 'the moon is full', facts: { moon: 'full' } });
  expect(saidOf('moon_full', newer, refusalsDe, 'de').detail).toBe('the moon is full');
  expect(saidOf('toString', newer, refusalsDe, 'de').detail).toBe('the moon is full');
  const fields = [{ field: 'moon', rule: 'waning' as never, value: '', facts: {}, detail: 'moon is waning' }];
  expect(saidOf('field_invalid', problem({ detail: 'moon is waning', fields }), refusalsDe, 'de')).toMatchObject({
    detail: 'Eine Angabe ist falsch. Die API sagt: moon is waning',
    fields: [],
  });
  const step = { step: 'moon', kind: 'moon', text: 'full', facts: {} } as unknown as PriceStep;
  expect(stepsIn([step], 'de')).toEqual([{ subject: 'moon', text: 'full' }]);
});

test('a step is told in the reader’s language, with the decimal mark of the reader', () => {
  const steps: PriceStep[] = [
    {
      step: 'talk price',
      kind: 'talk_price',
      text: '…',
      facts: { price: '0.025', seconds: 1, amount: '0.000000016…' },
    },
    { step: 'prefix', kind: 'prefix', text: '…', facts: { prefix: '', destination: 'Anywhere', until: '2026-12-31' } },
    { step: 'increments', kind: 'increments', text: '…', facts: { initial: 60, increment: 1, more: 0 } },
  ];
  expect(stepsIn(steps, 'de')).toEqual([
    { subject: 'Gesprächspreis', text: '0,025 je Minute × 1 / 60 = 0,000000016…' },
    { subject: 'Vorwahl', text: 'jede Nummer, Anywhere, die längste, die passt, gültig bis 2026-12-31' },
    { subject: 'Takt', text: '60/1: die ersten 60 s ganz' },
  ]);
});
