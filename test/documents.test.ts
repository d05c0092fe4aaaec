import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { API_DOCUMENT, apiDocumentText, GENERATED, pageAnew, schemaPart } from '../lab/pages';
import { projectRoot } from '../src/config/project-root';
import { migrations } from '../src/database/migrate';

const read = (page: string) => readFileSync(join(projectRoot, page), 'utf8');
const inFolder = (folder: string) =>
  readdirSync(join(projectRoot, folder))
    .filter(file => file.endsWith('.md'))
    .map(file => `${folder}/${file}`);
const PAGES = ['README.md', 'dialplan/README.md', ...inFolder('docs'), ...inFolder('docs/doors')];

/** What GitHub makes of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const linksOf = (page: string) =>
  [
    ...read(page)
      .replace(/```[\s\S]*?```|`[^`]*`/g, '')
      .matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g),
  ].map(([, target = '']) => target);

test.each(PAGES)('every link of %s leads somewhere', page => {
  const broken = linksOf(page).filter(link => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(projectRoot, target))) return true;
    if (anchor === undefined || !target.endsWith('.md')) return false;
    const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
    return !headings.includes(anchor);
  });
  expect(broken).toEqual([]);
});

const FILES = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' }).split('\n');

test.each(PAGES)('every source file and folder that %s names is there', page => {
  const named = [...read(page).matchAll(/`([\w./-]+\.(?:ts|sql|js)|(?:src|test|lab)\/[\w./-]*\/)`/g)];
  const isThere = (name: string) =>
    FILES.some(file => (name.endsWith('/') ? file.startsWith(name) : `/${file}`.endsWith(`/${name}`)));
  expect(named.map(([, name = '']) => name).filter(name => !isThere(name))).toEqual([]);
});

test('README is read in five minutes', () => {
  expect(read('README.md').split(/\s+/).length).toBeLessThanOrEqual(800);
});

test('docs/README.md names every page, but for the plan of what is being done', () => {
  const named = new Set(linksOf('docs/README.md').map(link => join('docs', link)));
  const pages = PAGES.filter(page => page.startsWith('docs/') && page !== 'docs/README.md' && page !== 'docs/plan.md');
  expect(pages.filter(page => !named.has(page))).toEqual([]);
});

test.each(Object.keys(GENERATED))('%s is what `npm run docs` writes', page => {
  expect(read(page)).toBe(pageAnew(page));
});

test('docs/api.openapi.json is what `npm run docs` writes', () => {
  expect(read(API_DOCUMENT)).toBe(apiDocumentText());
});

test('the migrations have numbers without a gap', () => {
  expect(migrations().at(-1)?.number).toBe(migrations().length);
});

test('docs/schema.md shows every column of sql/schema.sql', () => {
  const schema = read('sql/schema.sql');
  const rows = schemaPart(schema).match(/^\| `\w+` \|/gm);
  expect(rows).toHaveLength((schema.match(/^ {2}`\w+` /gm) ?? []).length);
});
