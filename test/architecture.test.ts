import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { projectRoot } from '../src/config/project-root';

/** The rooms of src/, and which others each may look into. Arrows point one way: docs/architecture.md draws them. */
const MAY_IMPORT: Record<string, string[]> = {
  money: [],
  config: ['listeners'],
  database: ['money', 'config'],
  rating: ['money', 'database'],
  credit: ['rating', 'money', 'database'],
  operator: ['rating', 'money', 'database'],
  routes: ['operator', 'database'],
  decks: ['operator', 'rating', 'money', 'database'],
  accounts: ['operator', 'credit', 'decks', 'routes', 'rating', 'money', 'database'],
  cards: ['accounts', 'operator', 'credit', 'rating', 'money', 'database'],
  calls: ['metrics', 'credit', 'routes', 'rating', 'money', 'database'],
  evidence: ['alarms', 'calls', 'operator', 'credit', 'rating', 'money', 'database'],
  alarms: ['metrics', 'database'],
  log: ['alarms', 'metrics'],
  switches: ['alarms', 'calls', 'config', 'credit', 'database'],
  ownership: ['calls', 'credit', 'database'],
  webhooks: ['operator', 'credit', 'database'],
  listeners: [],
  metrics: ['listeners'],
  doors: [
    'config',
    'switches',
    'cards',
    'accounts',
    'calls',
    'listeners',
    'metrics',
    'operator',
    'credit',
    'routes',
    'rating',
    'money',
    'database',
  ],
  cli: [
    'alarms',
    'config',
    'doors',
    'switches',
    'cards',
    'ownership',
    'webhooks',
    'evidence',
    'accounts',
    'decks',
    'routes',
    'operator',
    'credit',
    'rating',
    'money',
    'database',
  ],
};

/** Rules that see no clock, no SQL and no socket. */
const PURE = [
  'money/micros.ts',
  'rating/price.ts',
  'rating/rate.ts',
  'rating/dialled-number.ts',
  'rating/explain.ts',
  'credit/rules/account.ts',
  'credit/rules/call.ts',
  'credit/rules/charge.ts',
  'credit/rules/grant.ts',
  'credit/rules/low-balance.ts',
  'credit/rules/pool.ts',
  'credit/rules/regrant.ts',
  'credit/rules/repeat.ts',
  'credit/rules/sharing.ts',
  'credit/rules/start.ts',
  'credit/refusal.ts',
  'credit/open-books.ts',
  'calls/announcements.ts',
  'calls/call.ts',
  'calls/call-state.ts',
  'calls/call-deadlines.ts',
  'calls/causes.ts',
  'calls/stasis-arguments.ts',
  'routes/route.ts',
  'metrics/exposition.ts',
  'alarms/alarm.ts',
  'evidence/written-call.ts',
  'calls/broken-talk.ts',
  'calls/call-grants.ts',
  'calls/call-registry.ts',
  'calls/channel-list.ts',
  'calls/dialogs.ts',
  'calls/evidence.ts',
  'calls/heard.ts',
  'calls/leg-names.ts',
  'calls/call-steps.ts',
  'calls/dial-limit.ts',
  'calls/dial-variables.ts',
  'calls/switch-dials.ts',
  'doors/call-control/control-request.ts',
  'switches/asterisk/channel-limit.ts',
  'switches/proxy/proxy-url.ts',
  'doors/cnxcc/cnxcc-commands.ts',
  'doors/cnxcc/cnxcc-replies.ts',
  'doors/cnxcc/cnxcc-rows.ts',
  'doors/cnxcc/json-rpc.ts',
  'doors/rest/openapi.ts',
  'doors/rest/rest-answers.ts',
  'doors/rest/rest-fields.ts',
  'doors/rest/rest-messages.ts',
  'doors/rest/rest-operations.ts',
  'doors/rest/rest-problems.ts',
  'doors/rest/rest-settlement.ts',
  'doors/rating-engine/common-end.ts',
  'doors/rating-engine/rating-reply.ts',
  'doors/rating-engine/rating-request.ts',
  'doors/agi/agi-protocol.ts',
  'doors/agi/card-dialogue.ts',
  'doors/agi/card-prompts.ts',
  'doors/agi/channel-variables.ts',
  'doors/agi/told-end.ts',
  'doors/sems/sems-request.ts',
  'doors/sems/xml-rpc.ts',
];

const src = join(projectRoot, 'src');
const files = (folder: string): string[] =>
  readdirSync(folder).flatMap(name => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
const sources = files(src).map(path => ({ path: relative(src, path), text: readFileSync(path, 'utf8') }));
const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] as string);
const room = (path: string): string => (path.includes('/') ? (path.split('/')[0] as string) : '');

test('every room is known', () => {
  expect([...new Set(sources.map(({ path }) => room(path)))].filter(name => name !== '').sort()).toEqual(
    Object.keys(MAY_IMPORT).sort(),
  );
});

test.each(Object.entries(MAY_IMPORT))('%s imports only from %j', (name, allowed) => {
  const strays = sources
    .filter(({ path }) => room(path) === name)
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter(target => target.startsWith('.'))
        .map(target => room(join(dirname(path), target)))
        .filter(target => target in MAY_IMPORT && target !== name && !allowed.includes(target))
        .map(target => `${path} imports ${target}`),
    );
  expect(strays).toEqual([]);
});

test.each(PURE)('%s sees no clock, no database and no socket', path => {
  const source = sources.find(file => file.path === path);
  expect(source).toBeDefined();
  const { text } = source as { text: string };
  const worldly = importsOf(text).filter(target => /^node:|mysql2|knex|undici|pino|^ws$|database|-store$/.test(target));
  expect(worldly).toEqual([]);
  expect(text).not.toMatch(
    /Date\.now|performance\.|setTimeout|process\.|Math\.random|DateTime\.(now|local|utc\(\)\.to)/,
  );
});

/** What puts the rooms together. Only the command line starts it. */
const ROOT = ['serve.ts', 'settings.ts'];

test('the root holds what puts the rooms together, and only the command line looks into it', () => {
  expect(sources.map(({ path }) => path).filter(path => room(path) === '')).toEqual(ROOT);
  const roots = ROOT.map(name => name.replace(/\.ts$/, ''));
  const strays = sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter(target => target.startsWith('.') && roots.includes(join(dirname(path), target)))
      .filter(() => !['', 'cli'].includes(room(path)))
      .map(target => `${path} imports ${target}`),
  );
  expect(strays).toEqual([]);
  const back = sources
    .filter(({ path }) => room(path) === '')
    .filter(({ path, text }) => importsOf(text).some(target => room(join(dirname(path), target)) === 'cli'));
  expect(back.map(({ path }) => path)).toEqual([]);
});

test("only switches/asterisk/ knows Asterisk's wire", () => {
  const strays = sources.filter(
    ({ path, text }) =>
      !path.startsWith('switches/asterisk/') && importsOf(text).some(target => /^(ws|ari-client)$/.test(target)),
  );
  expect(strays.map(({ path }) => path)).toEqual([]);
});
