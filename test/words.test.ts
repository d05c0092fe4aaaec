import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../src/config/project-root';

/** Words that readers stumbled over, and what to write instead. */
const STUMBLES: [RegExp, string][] = [
  [/\bmend(s|ed|ing)?\b/i, 'correct, fix or restore'],
  [/\bfor ever\b/i, 'forever'],
];

/** Applied migrations stay as they are; the schema and its page are rendered from them. */
const IS_PROSE = /^(?!sql\/|docs\/schema\.md$|test\/words\.test\.ts$).*\.(ts|md|conf|cfg|yml|lua|py)$/;

/** Words of a sentence that is upside down. Begin with what acts: a program, a call, an account. */
const UPSIDE_DOWN: [RegExp, string][] = [
  [/\bnobody's\b/i, 'unknown account, or a call of no known account'],
  [/\bof (which|whom)\b(?! ===)/i, 'two sentences'],
  [/\b(is|are) to be\b/i, 'must'],
  [/\b(whoever|whom)\b/i, 'the service, the caller, the operator'],
];

/** Pages and configurations. The plan is of the day, and the schema's page is rendered. */
const IS_REWRITTEN =
  /^(README\.md|docs\/(?!plan|schema).+\.md|(pages|dialplan|docker)\/.*|docker-compose\.yml|sql\/(grants\.sql|reports\/.*))$/;

/** Words that name no one. Name the program, the party or the part. The user `nobody` stands in quotes. */
const NO_ONE: [RegExp, string][] = [
  [/(?<!['`])\b(nobody|somebody|anybody)\b(?!['`])/i, 'no caller, another program, any stranger, or what it is'],
  [/\bunder way\b/i, 'in progress'],
  [/\b(himself|his|him)\b/i, "the caller's, the operator's"],
];

/** The product and what runs it: comments, errors, help, settings. */
const IS_PROGRAM = /^(src|lab|bench|fuzz)\/.*\.(ts|js|cfg)$/;
/** Their tests and invariants have sentences for names, which stay: only comments are looked at. */
const IS_TEST = /^(simulation|test)\/(?!words).*\.ts$/;
const IS_COMMENT = /^\s*(\/\/|\/?\*)/;

function found(stumbles: [RegExp, string][], isLookedAt: RegExp, least: number): string[] {
  const files = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' }).split('\n');
  const prose = files.filter(file => isLookedAt.test(file));
  expect(prose.length).toBeGreaterThan(least);
  return prose.flatMap(file =>
    readFileSync(join(projectRoot, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        stumbles
          .filter(([word]) => word.test(line))
          .map(([, better]) => `${file}:${index + 1}: write ${better}: ${line}`),
      ),
  );
}

test('words that readers stumbled over do not come back', () => {
  expect(found(STUMBLES, IS_PROSE, 500)).toEqual([]);
});

test('the pages have no sentences upside down', () => {
  expect(found(UPSIDE_DOWN, IS_REWRITTEN, 70)).toEqual([]);
});

test('no text and no comment of the program is a sentence upside down', () => {
  expect(found([...UPSIDE_DOWN, ...NO_ONE], IS_PROGRAM, 350)).toEqual([]);
});

test('no comment of the tests and the simulation is a sentence upside down', () => {
  const lines = found([...UPSIDE_DOWN, ...NO_ONE], IS_TEST, 200).filter(text =>
    IS_COMMENT.test(text.split(': ').slice(2).join(': ')),
  );
  expect(lines).toEqual([]);
});
