/** The parts of the compose stack that can be tested without an engine; `npm run check:compose` runs the whole. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root';

const textOf = (...path: string[]): string => readFileSync(join(projectRoot, ...path), 'utf8');

const replaced = [...textOf('docker/asterisk/start').matchAll(/set_line (\S+) (['"])(.*?)\2 /g)].flatMap(
  ([, file = '', , expression = '']) =>
    ['pjsip-customers.conf', 'pjsip-carriers.conf'].map(name => [file, expression.replace('$name', name)] as const),
);

test.each(replaced)('dialplan/%s has one line like %s, which the container replaces', (file, expression) => {
  expect(textOf('dialplan', file).match(new RegExp(expression, 'gm'))).toHaveLength(1);
});

test('the container replaces lines of each file that holds a name, a password or a path of its own', () => {
  expect([...new Set(replaced.map(([file]) => file))].sort()).toEqual([
    'ari.conf',
    'asterisk.conf',
    'logger.conf',
    'pjsip.conf',
    'res_odbc.conf',
  ]);
});

const PASSWORDS = {
  DATABASE_MIGRATE_PASSWORD: 'a1',
  DATABASE_PASSWORD: 'b2',
  DATABASE_ASTERISK_PASSWORD: 'c3',
  ARI_PASSWORD: 'd4',
};

test.each([
  ['DATABASE_PASSWORD', 'p@ss#1'],
  ['DATABASE_MIGRATE_PASSWORD', "it's"],
  ['DATABASE_ASTERISK_PASSWORD', 'two words'],
  ['ARI_PASSWORD', ''],
])('%s "%s" is refused by its name before the database is asked, and not shown', (name, password) => {
  const env = { PATH: process.env.PATH, ...PASSWORDS, [name]: password };
  const { status, stdout, stderr } = spawnSync(join(projectRoot, 'docker/database/grant'), ['Users'], {
    env,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^${name} in \\.env is empty or holds .* openssl rand -hex 16\n$`));
  if (password !== '') expect(stderr).not.toContain(password);
});

test.each(['.env', 'ringfence.env', 'docker/customers/pjsip-customers.conf', 'docker/decks/rates.csv'])(
  '%s, which an operator makes, is neither in git nor in an image',
  path => {
    expect(spawnSync('git', ['check-ignore', '--quiet', path], { cwd: projectRoot }).status).toBe(0);
    const ignored = textOf('.dockerignore').split('\n');
    expect(ignored.some(line => line !== '' && (path === line || path.startsWith(`${line}/`)))).toBe(true);
  },
);

test('what docker-compose.yml asks of .env is in docker/example.env', () => {
  const asked = [...textOf('docker-compose.yml').matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name as string);
  const given = [...textOf('docker/example.env').matchAll(/^(\w+)=/gm)].map(([, name]) => name as string);
  expect([...new Set(asked)].sort()).toEqual(given.sort());
});
