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

test('words that readers stumbled over do not come back', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' }).split('\n');
  const prose = files.filter(file => IS_PROSE.test(file));
  expect(prose.length).toBeGreaterThan(500);
  const found = prose.flatMap(file =>
    readFileSync(join(projectRoot, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        STUMBLES.filter(([word]) => word.test(line)).map(
          ([, better]) => `${file}:${index + 1}: write ${better}: ${line}`,
        ),
      ),
  );
  expect(found).toEqual([]);
});
