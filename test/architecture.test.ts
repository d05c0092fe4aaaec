import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { projectRoot } from '../src/config/project-root';

/** The rooms of src/, and which others each may look into. Arrows point one way: docs/architecture.md draws them. */
const MAY_IMPORT: Record<string, string[]> = {
  money: [],
  config: ['listeners'],
  process: [],
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
  jobs: ['config', 'evidence', 'ownership', 'process', 'credit', 'operator', 'database'],
  alarms: ['metrics', 'database'],
  log: ['alarms', 'metrics'],
  switches: ['alarms', 'calls', 'config', 'credit', 'database', 'metrics'],
  ownership: ['calls', 'credit', 'database'],
  webhooks: ['process', 'operator', 'credit', 'database'],
  mail: ['operator'],
  access: ['alarms', 'listeners', 'mail', 'operator', 'database'],
  http: ['access', 'admin', 'config', 'listeners', 'live', 'mail', 'metrics', 'operator', 'webhooks', 'database'],
  live: ['process', 'webhooks', 'operator', 'credit', 'rating', 'money', 'database'],
  admin: [
    'access',
    'live',
    'mail',
    'config',
    'alarms',
    'jobs',
    'evidence',
    'ownership',
    'accounts',
    'cards',
    'decks',
    'operator',
    'routes',
    'webhooks',
    'credit',
    'rating',
    'money',
    'database',
  ],
  listeners: [],
  metrics: ['config', 'listeners', 'database'],
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
    'admin',
    'alarms',
    'config',
    'doors',
    'ownership',
    'evidence',
    'jobs',
    'mail',
    'accounts',
    'decks',
    'operator',
    'credit',
    'rating',
    'money',
    'database',
  ],
};

/**
 * What may see a clock, the database, a socket, a file, chance or the process, and why. Everything else is pure: it sees none of them, and
 * calls only what is pure. Names of whole rooms end with a slash.
 */
const WORLDLY: Record<string, string[]> = {
  'puts the rooms together': ['serve.ts', 'settings.ts'],
  'the command line: arguments, files, a terminal': ['cli/'],
  'settings come from the environment and name files': ['config/'],
  'sockets of our own': ['listeners/'],
  "the operator's API: a socket, keys, people": [
    'http/api-server.ts',
    'http/api-parts.ts',
    'http/asking.ts',
    'http/bounded-queue.ts',
    'http/bad-requests.ts',
    'http/calls-first.ts',
    'http/client-gone.ts',
    'http/connection-turns.ts',
    'http/connections.ts',
    'http/console-files.ts',
    'http/console-routes.ts',
    'http/health.ts',
    'http/changes.ts',
    'http/kept-answer-store.ts',
    'http/failure.ts',
    'http/forgotten-passwords.ts',
    'http/listener.ts',
    'http/listeners.ts',
    'http/live-routes.ts',
    'http/live-streams.ts',
    'http/operation-routes.ts',
    'http/questions.ts',
    'http/session-cookie.ts',
    'http/session-routes.ts',
    'http/request-limits.ts',
    'http/request-turns.ts',
    'http/upload-body.ts',
    'http/uploads.ts',
  ],
  'writes lines of log': ['log/'],
  'measures this process, and answers Prometheus': [
    'metrics/event-loop.ts',
    'metrics/metrics-listener.ts',
    'metrics/process-figures.ts',
    'metrics/readiness.ts',
  ],
  'compares addresses as sockets have them': ['access/api-key.ts', 'access/place.ts'],
  'checks passwords: waits by the clock, turns, salts by chance': ['access/logins.ts'],
  'looks now and then whether second factors can be opened': ['access/factor-watch.ts'],
  'speaks to the database server': [
    'database/books-id.ts',
    'database/connection.ts',
    'database/database-url.ts',
    'database/deadline.ts',
    'database/distance.ts',
    'database/fresh-copy.ts',
    'database/knex-mysql2.d.ts',
    'database/migrate.ts',
    'database/packet.ts',
    'database/privileges.ts',
    'database/row-stream.ts',
    'database/rows.ts',
    'database/snapshot.ts',
  ],
  'asks one question at a time, and rests after a costly one': [
    'database/shared-question.ts',
    'evidence/one-at-a-time.ts',
  ],
  'operations of an operator: lock, decide and write in sight': ['accounts/', 'cards/'],
  'declares those operations, and calls them': ['admin/'],
  'says whose process this is': ['operator/acting.ts'],
  'reads a file into a deck': ['decks/import-deck.ts', 'decks/write-version.ts'],
  'queues for the database, by deadlines': ['credit/lane.ts', 'credit/ledger.ts', 'credit/sql-books.ts'],
  'moves money in a transaction': ['credit/entries.ts'],
  'proves the books in a snapshot of the database': [
    'credit/verify-calls.ts',
    'credit/verify-cards.ts',
    'credit/verify-changes.ts',
    'credit/verify-entries.ts',
    'credit/verify-rules.ts',
    'credit/verify-spend.ts',
    'credit/verify.ts',
  ],
  'acts for calls: timers, deadlines, the log': [
    'calls/watched-switch.ts',
    'calls/account-watch.ts',
    'calls/call-credit.ts',
    'calls/call-log.ts',
    'calls/call-start.ts',
    'calls/call-timers.ts',
    'calls/expiry.ts',
    'calls/gone-calls.ts',
    'calls/leftovers.ts',
    'calls/legs.ts',
    'calls/missed-news.ts',
    'calls/overdue-calls.ts',
    'calls/reconciler.ts',
    'calls/settlement.ts',
    'calls/shared-credit.ts',
    'calls/sighting.ts',
    'calls/slice.ts',
    'calls/switch-comparison.ts',
    'calls/switchboard.ts',
    'calls/take-over.ts',
    'calls/touched-accounts.ts',
    'calls/turns.ts',
    'calls/unseen-ends.ts',
  ],
  'renews leases in time, and knows its own process': ['ownership/node-keeper.ts', 'ownership/process-identity.ts'],
  'raises and clears alarms, now and then': ['alarms/alarm-board.ts', 'alarms/alarm-watch.ts'],
  "reads what Asterisk wrote, in its files and in the database's tables": [
    'evidence/correction.ts',
    'evidence/gathered-records.ts',
    'evidence/journal-tail.ts',
    'evidence/reconcile.ts',
    'evidence/record-file.ts',
    'evidence/switch-records.ts',
    'evidence/switch-view.ts',
    'evidence/switches-that-wrote.ts',
    'evidence/table-watch.ts',
    'evidence/unknown-calls.ts',
  ],
  'does work again and again, and lets a process give way to calls': ['process/'],
  'runs jobs in processes of their own': ['jobs/job-process.ts', 'jobs/job-runner.ts', 'jobs/job-work.ts'],
  'posts to webhooks, and waits': [
    'webhooks/deliverer.ts',
    'webhooks/event-service.ts',
    'webhooks/name-lookup.ts',
    'webhooks/pruner.ts',
    'webhooks/receiver.ts',
    'webhooks/target.ts',
    'webhooks/webhook-trial.ts',
  ],
  'looks for all who listen': [
    'live/call-board.ts',
    'live/event-feed.ts',
    'live/in-portions.ts',
    'live/shared-poll.ts',
  ],
  'keeps a copy of the routes fresh': ['routes/route-table.ts'],
  'reads a certificate, and speaks to the mail server': ['mail/smtp-url.ts', 'mail/mailer.ts'],
  'speaks to Asterisk': [
    'switches/asterisk/ari-api.ts',
    'switches/asterisk/ari-events.ts',
    'switches/asterisk/ari-listener.ts',
    'switches/asterisk/ari-transport.ts',
    'switches/asterisk/asterisk-clock.ts',
    'switches/asterisk/asterisk-switch.ts',
    'switches/asterisk/awaited-events.ts',
    'switches/asterisk/channel-texts.ts',
    'switches/asterisk/endpoint-watch.ts',
    'switches/asterisk/event-stream.ts',
    'switches/asterisk/hang-up.ts',
    'switches/asterisk/limit-proof.ts',
    'switches/asterisk/outbound-events.ts',
    'switches/asterisk/playbacks.ts',
    'switches/asterisk/retries.ts',
    'switches/asterisk/switch-events.ts',
    'switches/asterisk/whole-response.ts',
  ],
  'speaks to a SIP proxy': [
    'switches/proxy/dialogs.ts',
    'switches/proxy/hang-up.ts',
    'switches/proxy/kamailio-dialogs.ts',
    'switches/proxy/opensips-dialogs.ts',
    'switches/proxy/proxy-gate.ts',
    'switches/proxy/proxy-rpc.ts',
    'switches/proxy/proxy-settings.ts',
    'switches/proxy/proxy-switch.ts',
  ],
  'opens a door, and answers those who come in': [
    'doors/agi/agi-calls.ts',
    'doors/agi/agi-door.ts',
    'doors/agi/agi-session.ts',
    'doors/agi/agi-settlement.ts',
    'doors/agi/card-line.ts',
    'doors/agi/channel-words.ts',
    'doors/agi/told-end.ts',
    'doors/call-control/control-door.ts',
    'doors/cnxcc/cnxcc-customers.ts',
    'doors/cnxcc/cnxcc-door.ts',
    'doors/door-call.ts',
    'doors/door-money.ts',
    'doors/door-kind.ts',
    'doors/listening-door.ts',
    'doors/doors.ts',
    'doors/hang-up.ts',
    'doors/rating-engine/call-control-socket.ts',
    'doors/rating-engine/rating-accounts.ts',
    'doors/rating-engine/rating-calls.ts',
    'doors/rating-engine/rating-commands.ts',
    'doors/rating-engine/rating-door.ts',
    'doors/rating-engine/wanted-ends.ts',
    'doors/rest/idempotency-keys.ts',
    'doors/rest/rest-calls.ts',
    'doors/rest/rest-door.ts',
    'doors/sems/sems-calls.ts',
    'doors/sems/sems-credit.ts',
    'doors/sems/sems-door.ts',
  ],
  'settings of doors, which name addresses': [
    'doors/agi/agi-settings.ts',
    'doors/call-control/control-settings.ts',
    'doors/cnxcc/cnxcc-settings.ts',
    'doors/rating-engine/rating-settings.ts',
    'doors/rest/rest-settings.ts',
    'doors/sems/sems-settings.ts',
  ],
};

/** Where SQL may stand besides files with names like `…-store.ts`, and why. */
const SQL_ELSEWHERE: Record<string, string[]> = {
  'what SQL itself needs: connections, migrations, rights': ['database/'],
  'an operation of an operator: lock, decide and write in sight': ['accounts/', 'cards/'],
  'a proof of the books is SQL': [
    'credit/verify-calls.ts',
    'credit/verify-cards.ts',
    'credit/verify-changes.ts',
    'credit/verify-entries.ts',
    'credit/verify-rules.ts',
    'credit/verify-spend.ts',
    'credit/verify.ts',
  ],
  'a movement of money: lock, decide and write in sight': ['credit/entries.ts'],
  'asks twice a second which accounts an operator touched': ['calls/touched-accounts.ts'],
};

const src = join(projectRoot, 'src');
const files = (folder: string): string[] =>
  readdirSync(folder).flatMap(name => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
const sources = files(src).map(path => ({ path: relative(src, path), text: readFileSync(path, 'utf8') }));
/** Comments may speak of whatever they like. */
const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/[^\n]*/g, '');
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

const isIn = (list: Record<string, string[]>, path: string): boolean =>
  Object.values(list)
    .flat()
    .some(entry => (entry.endsWith('/') ? path.startsWith(entry) : path === entry));
const isStore = (path: string): boolean => path.endsWith('-store.ts');

const WORLD_MODULES =
  /^(node:(net|tls|https?|http2|dgram|dns|fs|child_process|os|timers|readline|perf_hooks|process|worker_threads)(\/promises)?|mysql2(\/promise)?|knex(\/.*)?|undici|nodemailer|ws|pino|ari-client|fastify|@fastify\/.*)$/;
const WORLD_WORDS =
  /Date\.now|new Date\(\)|performance\.|setTimeout|setInterval|setImmediate|\bprocess\.|Math\.random|random(UUID|Bytes|Int)\b|AbortSignal\.timeout|DateTime\.(now|local|utc\(\)\.to)/g;

/** What a file itself sees of the world: modules, and words. Their types count too, because code that gets a connection can use it. */
const worldIn = (text: string): string[] => [
  ...importsOf(text).filter(target => WORLD_MODULES.test(target)),
  ...new Set([...codeOf(text).matchAll(WORLD_WORDS)].map(([word]) => word)),
];

/** The files of src/ that a file calls: its imports without types. */
function calledBy(path: string, text: string): string[] {
  const imports = [...codeOf(text).matchAll(/(?:import|export)\s+(type\s+)?([^;']*?)\s*from\s+'(\.[^']*)'/g)];
  const isOfTypes = (typed: string | undefined, names: string) =>
    typed !== undefined || /^\{(\s*type\s[^,}]*,?)+\s*\}$/.test(names.trim());
  return imports
    .filter(([, typed, names]) => !isOfTypes(typed, names as string))
    .map(([, , , target]) => `${join(dirname(path), target as string)}.ts`);
}

test('everything sees no clock, no database and no socket, and calls only what sees none, but for what is listed with a reason', () => {
  const isWorldly = (path: string) => isStore(path) || isIn(WORLDLY, path);
  const strays = sources
    .filter(({ path }) => !isWorldly(path))
    .flatMap(({ path, text }) => [
      ...worldIn(text).map(word => `${path} sees ${word}`),
      ...calledBy(path, text)
        .filter(isWorldly)
        .map(called => `${path} calls ${called}, which is not pure`),
    ]);
  expect(strays).toEqual([]);
});

test('what is listed as seeing the world is there, and is not pure', () => {
  const isWorldly = (path: string) => isStore(path) || isIn(WORLDLY, path);
  const named = Object.values(WORLDLY)
    .flat()
    .filter(entry => !entry.endsWith('/'));
  const pure = named.filter(path => {
    const source = sources.find(each => each.path === path);
    return !source || (worldIn(source.text).length === 0 && !calledBy(path, source.text).some(isWorldly));
  });
  expect(pure).toEqual([]);
});

const SQL =
  /\b(SELECT\s|INSERT (IGNORE )?INTO|UPDATE (ast|\$)|DELETE FROM|FOR UPDATE|LOCK IN SHARE)|\(['`"]ast[a-z]+( as \w+)?['`"]\)/;

test('SQL stands in files that are called a store, but for what is listed with a reason', () => {
  const withSql = sources.filter(({ text }) => SQL.test(codeOf(text))).map(({ path }) => path);
  expect(withSql.filter(path => !isStore(path) && !isIn(SQL_ELSEWHERE, path))).toEqual([]);
  const named = Object.values(SQL_ELSEWHERE)
    .flat()
    .filter(entry => !entry.endsWith('/'));
  expect(named.filter(path => !withSql.includes(path))).toEqual([]);
});

/** The files that put the rooms together. Only the command line starts them. */
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

test('the console is a client of the API like any other: of the service it takes exact amounts alone', () => {
  const folder = join(projectRoot, 'console/src');
  const strays = files(folder).flatMap(path =>
    importsOf(readFileSync(path, 'utf8'))
      .filter(target => target.startsWith('.'))
      .map(target => relative(projectRoot, join(dirname(path), target)))
      .filter(target => !target.startsWith('console/src/') && target !== 'src/money/micros')
      .map(target => `${relative(folder, path)} imports ${target}`),
  );
  expect(strays).toEqual([]);
});
