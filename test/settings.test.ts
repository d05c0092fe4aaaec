import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOOR_TABLES, settingsRows } from '../lab/pages';
import { projectRoot } from '../src/config/project-root';
import { asWritten, type Setting } from '../src/config/setting';
import { DOORS, doorProblems, settingsTables } from '../src/doors/doors';
import { readSettings, SETTINGS, type SettingsError } from '../src/settings';

const GOOD = {
  RINGFENCE_DATABASE_URL: 'mysql://user:hunter2@127.0.0.1:3306/ringfence',
  RINGFENCE_ARI_URL: 'http://ari:hunter2@127.0.0.1:8088,http://ari:other%2Fword@127.0.0.2:8088',
};

const problems = (environment: Record<string, string>): string[] => {
  try {
    readSettings({ ...GOOD, ...environment });
    return [];
  } catch (error) {
    return (error as SettingsError).problems;
  }
};

test('what is not set has its default', () => {
  expect(readSettings({ ...GOOD, PATH: '/bin', RINGFENCE_LAB_PARTS: 'x' })).toMatchObject({
    maxCallSeconds: 3600,
    startDeadlineMs: 2_000,
    application: 'ringfence',
    ariListen: null,
    emergencyNumbers: ['112', '911'],
    switches: [
      { origin: 'http://127.0.0.1:8088', authorization: `Basic ${Buffer.from('ari:hunter2').toString('base64')}` },
      { origin: 'http://127.0.0.2:8088', authorization: `Basic ${Buffer.from('ari:other/word').toString('base64')}` },
    ],
  });
});

test.each([
  ['RINGFENCE_MAX_CALL_SECOND', '60', 'RINGFENCE_MAX_CALL_SECOND is not a setting'],
  ['RINGFENCE_PROXY_ANSWER_WITHIN_MS', '99', '"99" is not a whole number from 100 to 5000'],
  ['RINGFENCE_MAX_CALL_SECONDS', '59', '"59" is not a whole number from 60 to 86400'],
  ['RINGFENCE_BARRED_PREFIXES', '00900', '"00900" is not digits separated by commas, without + or 00'],
  ['RINGFENCE_EMERGENCY_NUMBERS', '1-1-2', '"1-1-2" is not digits'],
  ['RINGFENCE_MAX_CALL_SECONDS', '1e9', '"1e9" is not a whole number'],
  ['RINGFENCE_DATABASE_URL', 'postgres://x/y', 'it begins with postgres:// instead of mysql://'],
  ['RINGFENCE_DATABASE_URL', 'mysql://user:hunter2@host', 'it names no schema'],
  ['RINGFENCE_DATABASE_URL', 'hunter2', 'it is not a URL'],
  ['RINGFENCE_ARI_URL', 'http://hunter2@127.0.0.1:8088', 'lacks user:password@'],
  ['RINGFENCE_ARI_URL', 'http://a:b@one:8088,http://c:d@one:8088', 'one:8088 is there twice'],
  ['RINGFENCE_ARI_LISTEN', 'hunter2', 'it is not a URL like ws://user:password@127.0.0.1:8099'],
  ['RINGFENCE_ARI_LISTEN', 'http://a:hunter2@127.0.0.1:8099', 'it begins with http://, not with ws://'],
  ['RINGFENCE_ARI_LISTEN', 'wss://a:hunter2@127.0.0.1:8099', 'TLS is not spoken here'],
  ['RINGFENCE_ARI_LISTEN', 'ws://127.0.0.1:8099', 'it lacks user:password@'],
  ['RINGFENCE_ARI_LISTEN', 'ws://a:hunter2@127.0.0.1', 'it names no port'],
  ['RINGFENCE_ARI_LISTEN', 'ws://a:hunter2@127.0.0.1:8099/events', 'it does not end after host:port'],
  ['RINGFENCE_PROMPTS', 'no_money=sound:x', '"no_money" is not a refusal'],
  ['RINGFENCE_PROMPTS', 'no_rate=http://evil/', '"http://evil/" is not a sound'],
  ['RINGFENCE_WARN_SOUND', 'beep', '"beep" is not a sound: write sound:beep, or say'],
  ['RINGFENCE_BARRED_PREFIXES', '900,+44', '"+44" is not digits'],
  ['RINGFENCE_EVIDENCE_FILES', 'switch1=logs', '"switch1=logs" is no switch with its log folder: write switch1=/var'],
  ['RINGFENCE_EVIDENCE_FILES', 'a=/var/log/a,a=/b', 'a is there twice'],
  ['RINGFENCE_SEMS_LISTEN', 'sems:8000', '"sems:8000" is not where to listen: write 8000, 10.0.0.5:8000 or [::1]:8000'],
  ['RINGFENCE_SEMS_PEERS', '10.0.0.0/33', '"10.0.0.0/33" is no address or network: write 10.0.0.7'],
  ['RINGFENCE_SEMS_MANAGERS', 'crm', '"crm" is no address or network'],
  ['RINGFENCE_SEMS_NAME', 'a b', '"a b" is not letters, digits, _ and -'],
  ['RINGFENCE_SEMS_ACCOUNT', 'sems', '"sems" lacks {uuid}: write sems-{uuid}'],
  ['RINGFENCE_SEMS_CAP_SECONDS', '0', '"0" is not a whole number from 60 to 86400'],
  ['RINGFENCE_SEMS_SECONDS_NUMBER', 'any', '"any" is not a number: write digits'],
  ['RINGFENCE_REST_LISTEN', 'fs:8010', '"fs:8010" is not where to listen: write 8000, 10.0.0.5:8000 or [::1]:8000'],
  ['RINGFENCE_REST_KEYS', 'hunter2', 'entry 1 is not a name with the SHA-256 of its key, 64 hex digits'],
  ['RINGFENCE_REST_KEYS', `fs1=${'0'.repeat(64)},fs2=hunter2`, 'entry 2 is not a name with the SHA-256'],
  ['RINGFENCE_REST_ACCOUNT', '{key}', '"{key}" lacks {account}: write {key}.{account}'],
  ['RINGFENCE_REST_CAP_SECONDS', '59', '"59" is not a whole number from 60 to 86400'],
  ['RINGFENCE_RATING_LISTEN', '0', '"0" is not where to listen: write 8000, 10.0.0.5:8000 or [::1]:8000'],
  ['RINGFENCE_RATING_PEERS', 'cc', '"cc" is no address or network'],
  ['RINGFENCE_RATING_MANAGERS', '10.0.0.1/', '"10.0.0.1/" is no address or network'],
  ['RINGFENCE_RATING_NAME', 'a:b', '"a:b" is not letters, digits, _ and -'],
  ['RINGFENCE_RATING_ACCOUNT', 'all', '"all" lacks {user} and {domain}: write {user}@{domain}'],
  ['RINGFENCE_RATING_CAP_SECONDS', '59', '"59" is not a whole number from 60 to 86400'],
  ['RINGFENCE_CNXCC_LISTEN', 'kam', '"kam" is not where to listen: write 8000, 10.0.0.5:8000 or [::1]:8000'],
  ['RINGFENCE_CNXCC_PEERS', 'kam', '"kam" is no address or network'],
  ['RINGFENCE_CNXCC_CUSTOMER', 'all', '"all" makes no customer of a pool: write {customer} once'],
  ['RINGFENCE_CNXCC_CUSTOMER', '{customer}{customer}', 'makes no customer of a pool'],
  ['RINGFENCE_CNXCC_CUSTOMER', 'a,{customer}', 'makes no customer of a pool'],
  ['RINGFENCE_LOG_LEVEL', 'loud', '"loud" is none of debug, info, warn, error'],
])('%s=%s is told: %s', (variable, value, told) => {
  expect(problems({ [variable]: value })).toEqual([expect.stringContaining(told)]);
});

test('an address to listen on is taken apart, with its credentials as Asterisk shows them', () => {
  const listen = (text: string) => readSettings({ ...GOOD, RINGFENCE_ARI_LISTEN: text }).ariListen;
  const authorization = `Basic ${Buffer.from('ast:hunter/2').toString('base64')}`;
  expect(listen('ws://ast:hunter%2F2@127.0.0.1:8099')).toEqual({ host: '127.0.0.1', port: 8099, authorization });
  expect(listen('ws://ast:hunter%2F2@[::1]:8099/')).toEqual({ host: '::1', port: 8099, authorization });
});

test('all problems are told at once, and none shows a secret', () => {
  const told = problems({
    RINGFENCE_DATABASE_URL: 'hunter2',
    RINGFENCE_RING_SECONDS: 'x',
    RINGFENCE_REST_KEYS: 'fs1=hunter2',
    RINGFENCE_NONSENSE: 'hunter2',
  });
  expect(told).toHaveLength(4);
  expect(told.join()).not.toContain('hunter2');
});

test('a door for a proxy needs to know where that is asked', () => {
  const doors = { RINGFENCE_CNXCC_LISTEN: '8020', RINGFENCE_CALL_CONTROL_SOCKET: '/run/ringfence/callcontrol' };
  const of = (environment: Record<string, string>) => doorProblems(readSettings({ ...GOOD, ...environment }).doors);
  expect(of(doors)).toEqual([
    'RINGFENCE_CALL_CONTROL_SOCKET needs RINGFENCE_PROXY_RPC too, to end calls there',
    'RINGFENCE_CNXCC_LISTEN needs RINGFENCE_PROXY_RPC too, to end calls there',
  ]);
  expect(of({ ...doors, RINGFENCE_PROXY_RPC: 'kamailio+udp://127.0.0.1:5063' })).toEqual([]);
  expect(of({})).toEqual([]);
});

test('the settings for mail belong together', () => {
  const mail = {
    RINGFENCE_SMTP_URL: 'smtps://u:hunter2@mail.test',
    RINGFENCE_MAIL_FROM: 'Billing <billing@example.com>',
    RINGFENCE_CONSOLE_URL: 'https://billing.test',
  };
  expect(problems({})).toEqual([]);
  expect(problems(mail)).toEqual([]);
  for (const [left] of Object.entries(mail)) {
    const some = Object.fromEntries(Object.entries(mail).filter(([variable]) => variable !== left));
    const [first] = Object.keys(some);
    expect(problems(some)).toEqual([`${left} is missing: ${first} needs it, to send mail`]);
  }
  expect(problems({ RINGFENCE_CONSOLE_URL: 'https://billing.test' })).toHaveLength(2);
  expect(problems({ ...mail, RINGFENCE_SMTP_URL: 'smtp://u:hunter2@mail.test?tls=none' })).toEqual([
    'RINGFENCE_SMTP_URL is wrong: tls=none would send a password in clear text: leave user:password@ out, or tls=none',
  ]);
  expect(problems({ ...mail, RINGFENCE_MAIL_FROM: 'x' })).toEqual([expect.stringContaining('"x" is no sender')]);
});

test('a missing database is told with an example', () => {
  expect(() => readSettings({})).toThrow(
    'RINGFENCE_DATABASE_URL is missing: set it to the database: mysql://user:password@host:3306/schema',
  );
});

test.each(DOOR_TABLES)('docs/doors/$page.md shows its settings as they are', ({ page, settings }) => {
  expect(readFileSync(join(projectRoot, 'docs/doors', `${page}.md`), 'utf8')).toContain(settingsRows(settings));
});

describe('what an administrator may see of settings', () => {
  const DECLARED = [SETTINGS, ...Object.values(settingsTables(DOORS))].flatMap(
    table => Object.values(table) as Setting<unknown>[],
  );
  const HASH = 'c0ffee'.padEnd(64, '0');
  /** Each setting that may hold a secret, with one in it, and what may be seen. */
  const SECRETS: Record<string, [given: string, shown: string]> = {
    RINGFENCE_DATABASE_URL: [
      'mysql://bill%40ing:hunter%2F2@db1,[::1]:3307/books?ssl-mode=REQUIRED',
      'mysql://bill%40ing@db1:3306,[::1]:3307/books?ssl-mode=REQUIRED',
    ],
    RINGFENCE_ARI_URL: ['http://a:hunter2@one:8088,https://b:hunter%2F2@two', 'http://one:8088,https://two'],
    RINGFENCE_ARI_LISTEN: ['ws://a:hunter2@[::1]:8099/', 'ws://[::1]:8099'],
    RINGFENCE_SMTP_URL: ['smtp://hunter2:hunter%2F2@mail.test:25', 'smtp://mail.test:25?tls=required'],
    // No login is taken in it.
    RINGFENCE_CONSOLE_URL: ['https://billing.test/', 'https://billing.test'],
    RINGFENCE_PIN_KEY: ['hunter2'.repeat(5), 'set'],
    RINGFENCE_REST_KEYS: [`fs1=${HASH}`, 'set'],
    RINGFENCE_PROXY_RPC: ['kamailio+http://:hunter2@127.0.0.1:5062/RPC', 'kamailio+http://127.0.0.1:5062/RPC'],
  };
  const given = {
    RINGFENCE_MAIL_FROM: 'billing@example.com',
    ...Object.fromEntries(Object.entries(SECRETS).map(([variable, [text]]) => [variable, text])),
  };

  test('every setting is there, once, in the order of the documents, with its default and its meaning', () => {
    const { shownSettings } = readSettings(GOOD);
    expect(shownSettings.map(({ variable, meaning, fallback }) => [variable, meaning, fallback ?? ''])).toEqual(
      DECLARED.map(({ variable, meaning, fallback }) => [variable, meaning, fallback ?? '']),
    );
  });

  test('what is not shown as it is written is tried below with a secret in it', () => {
    const careful = DECLARED.filter(({ shows }) => shows !== asWritten).map(({ variable }) => variable);
    expect(careful.sort()).toEqual(Object.keys(SECRETS).sort());
    // Where it must listen is no secret.
    const plain = DECLARED.filter(({ shows }) => shows === asWritten).map(({ variable }) => variable);
    expect(plain.filter(variable => /KEY|URL|PASS|SECRET|TOKEN|LOGIN|USER/.test(variable))).toEqual([]);
  });

  test.each(Object.entries(SECRETS))('%s shows no secret', (variable, [, shown]) => {
    const found = readSettings(given).shownSettings.find(each => each.variable === variable);
    expect(found).toMatchObject({ value: shown, isGiven: true, isSecret: shown === 'set' });
  });

  test('no secret is anywhere in what is shown', () => {
    const text = JSON.stringify(readSettings(given).shownSettings);
    for (const secret of ['hunter', '%2F2', HASH, Buffer.from('a:hunter2').toString('base64')]) {
      expect(text).not.toContain(secret);
    }
  });

  test('a setting whose declaration says nothing is a secret', () => {
    const silent = { variable: 'RINGFENCE_TOY_LISTEN', meaning: 'a toy', fallback: 'hunter2', parse: () => null };
    const doors = { toy: { ...DOORS.rest, settings: { ...DOORS.rest.settings, listen: silent } } };
    const shown = (environment: Record<string, string>) =>
      readSettings({ ...GOOD, ...environment }, doors).shownSettings.find(({ meaning }) => meaning === 'a toy');
    const secret = { isSecret: true, fallback: null };
    expect(shown({ RINGFENCE_TOY_LISTEN: 'hunter2' })).toMatchObject({ ...secret, value: 'set', isGiven: true });
    expect(shown({ RINGFENCE_TOY_LISTEN: '' })).toMatchObject({ ...secret, value: 'not set', isGiven: true });
    expect(shown({})).toMatchObject({ ...secret, value: 'set', isGiven: false });
  });

  test('a value is shown as it is used, and whether it was given', () => {
    const of = (variable: string, environment: Record<string, string> = {}) =>
      readSettings({ ...GOOD, ...environment }).shownSettings.find(each => each.variable === variable);
    const barred = 'RINGFENCE_BARRED_PREFIXES';
    expect(of(barred)).toMatchObject({ value: null, fallback: null, isGiven: false, isSecret: false });
    expect(of(barred, { [barred]: ' 900,44 ' })).toMatchObject({ value: '900,44', isGiven: true });
    const ring = { variable: 'RINGFENCE_RING_SECONDS', fallback: '60' };
    expect(of(ring.variable)).toMatchObject({ ...ring, value: '60', isGiven: false });
    expect(of(ring.variable, { [ring.variable]: '30' })).toMatchObject({ ...ring, value: '30', isGiven: true });
  });
});
