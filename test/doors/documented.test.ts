/** What docs/doors.md shows: both sides of each door, as far as it can be checked without running them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedBlocks } from '../../lab/documented';
import { projectRoot } from '../../src/config/project-root';
import type { AnyDoorSettings } from '../../src/doors/door-kind';
import { DOORS, doorProblems } from '../../src/doors/doors';
import { callerOf } from '../../src/doors/sems/sems-request';
import type { Peers } from '../../src/listeners/peers';
import { readSettings, type Settings } from '../../src/settings';

const DOCUMENT = readFileSync(join(projectRoot, 'docs/doors.md'), 'utf8');

const SECTIONS = DOCUMENT.split(/^## /m).slice(1);

/** The headings with a block of settings. Each block opens a door. */
const HEADINGS = SECTIONS.filter(text => /^export /m.test(text)).map(text => text.split('\n')[0] as string);

const block = (heading: string, begins: string): string => documentedBlocks(heading, begins)[0] as string;

/** The variables that `bin/ringfence serve` of a block finds in its environment, by a shell. */
function environmentOf(block: string): Record<string, string> {
  expect(block.trimEnd().split('\n').at(-1)).toBe('bin/ringfence serve');
  const script = block.replace('bin/ringfence serve', 'env -0');
  const shown = execFileSync('sh', ['-euc', script], { env: { PATH: process.env.PATH }, encoding: 'utf8' });
  const pairs = shown.split('\0').map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return Object.fromEntries(pairs.filter(([name]) => name?.startsWith('RINGFENCE_')));
}

const DATABASE = { RINGFENCE_DATABASE_URL: 'mysql://user:password@127.0.0.1/ringfence' };

function settingsBelow(heading: string): Settings {
  return readSettings({ ...DATABASE, ...environmentOf(block(heading, 'export ')) });
}

/** The value of a name in a line. */
const valueIn = (text: string, name: string): string | undefined =>
  new RegExp(`^${name}\\s*=\\s*(.*)$`, 'm').exec(text)?.[1];

/** The value of a parameter in a proxy's configuration. */
const modparam = (text: string, module: string, name: string): string | undefined =>
  new RegExp(`^modparam\\("${module}", "${name}", "?(.*?)"?\\)$`, 'm').exec(text)?.[1];

/** The doors that the block of a heading opens. */
function openedBy(heading: string): { name: string; settings: AnyDoorSettings & { peers?: Peers } }[] {
  const { doors } = settingsBelow(heading);
  return (Object.keys(DOORS) as (keyof typeof DOORS)[])
    .map(name => ({ name, settings: doors[name] }))
    .filter(({ settings }) => settings.listen !== null);
}

test('every door has a block of settings that opens it, and a line in the table of doors', () => {
  const opened = HEADINGS.flatMap(openedBy).map(({ name }) => name);
  expect([...new Set(opened)].sort()).toEqual(Object.keys(DOORS).sort());
  // A dialplan that dials by itself needs no door of its own.
  expect(SECTIONS).toHaveLength(HEADINGS.length + 1);
  const pages = Object.values(DOORS).map(({ page }) => `| [doors/${page}.md](doors/${page}.md) |`);
  expect(pages.filter(line => !DOCUMENT.includes(line))).toEqual([]);
});

test('every door with calls of its own has a node of its own, and its setting names it', () => {
  const kinds = Object.values(DOORS).filter(kind => kind.node !== null);
  expect(new Set(kinds.map(({ node }) => node)).size).toBe(kinds.length);
  for (const { node, settings } of kinds) expect(settings.name.meaning).toContain(`of its calls, after ${node}:;`);
});

test.each(HEADINGS)('%s: the service takes the settings, and opens one door, to this machine alone', heading => {
  expect(doorProblems(settingsBelow(heading).doors)).toEqual([]);
  const opened = openedBy(heading);
  expect(opened).toHaveLength(1);
  for (const { settings } of opened) {
    if (settings.peers) expect(settings.peers.has('127.0.0.1')).toBe(true);
    expect(settings.listen).toEqual(
      settings.peers ? { host: '127.0.0.1', port: expect.any(Number) } : { path: expect.any(String), mode: 0o660 },
    );
  }
});

/** The door that the block of each heading opens, and where, as the other side of the heading has it. */
const OPENED = {
  SEMS: ['sems', { host: '127.0.0.1', port: 8000 }],
  'Kamailio, `call_control`': ['callControl', { path: '/run/ringfence/callcontrol', mode: 0o660 }],
  'OpenSIPS, `call_control`': ['callControl', { path: '/run/ringfence/callcontrol', mode: 0o660 }],
  "Kamailio, cnxcc's commands": ['cnxcc', { host: '127.0.0.1', port: 8020 }],
  REST: ['rest', { host: '127.0.0.1', port: 8010 }],
  'Call Control': ['ratingEngine', { host: '127.0.0.1', port: 9024 }],
  FastAGI: ['agi', { host: '127.0.0.1', port: 4573 }],
} as const;

test.each(Object.entries(OPENED))('%s: opens %j and no other', (heading, [door, listen]) => {
  expect(HEADINGS).toContain(heading);
  expect(openedBy(heading).map(({ name, settings }) => [name, settings.listen])).toEqual([[door, listen]]);
});

test.each(HEADINGS)('%s: a name that is misspelt is seen here', heading => {
  const shown = block(heading, 'export ');
  for (const [name] of shown.matchAll(/(?<=^export )\w+/gm)) {
    const environment = environmentOf(shown.replace(name, `${name}S`));
    expect(() => readSettings({ ...DATABASE, ...environment })).toThrow(`${name}S is not a setting`);
  }
});

test('SEMS asks where we listen, and its prepaid_uuid is an account, a number and a Call-ID', () => {
  const client = block('SEMS', 'server_address');
  const { host, port } = settingsBelow('SEMS').doors.sems.listen ?? {};
  expect([valueIn(client, 'server_address'), valueIn(client, 'server_port')]).toEqual([host, String(port)]);
  const uuid = valueIn(block('SEMS', 'call_control='), 'prepaid_uuid') ?? '';
  const replaced = { '$H(P-Caller-Uuid)': 'joe', $rU: '0049301234', $ci: 'c1@h' };
  const sent = Object.entries(replaced).reduce((text, [pattern, value]) => text.replace(pattern, value), uuid);
  expect(callerOf(sent)).toEqual({ uuid: 'joe', call: { dialled: '0049301234', callId: 'c1@h' } });
});

// Both modules use this name, whatever the documentation of OpenSIPS says: with another name it does not start.
test.each(['Kamailio, `call_control`', 'OpenSIPS, `call_control`'])(
  '%s asks on our socket, and is asked where it listens',
  heading => {
    const { doors, maxCallSeconds } = settingsBelow(heading);
    const configuration = block(heading, 'loadmodule');
    const { kind, transport, host, port } = doors.proxy.rpc ?? {};
    expect(heading.toLowerCase().startsWith(kind ?? '-')).toBe(true);
    expect(modparam(configuration, 'call_control', 'socket_name')).toBe(doors.callControl.listen?.path);
    const datagrams = [
      modparam(configuration, 'jsonrpcs', 'dgram_socket'),
      modparam(configuration, 'mi_datagram', 'socket_name'),
    ];
    expect(datagrams.filter(address => address !== undefined)).toEqual([`${transport}:${host}:${port}`]);
    const tables = [
      modparam(configuration, 'htable', 'htable')?.split('=>')[0],
      modparam(configuration, 'cachedb_local', 'cache_collections'),
    ];
    expect(tables.filter(table => table !== undefined)).toEqual([doors.proxy.limitTable]);
    expect(Number(modparam(configuration, 'dialog', 'default_timeout'))).toBeGreaterThanOrEqual(maxCallSeconds);
    // The module's own default, if the configuration does not set it.
    const waitsMs = Number(modparam(configuration, 'call_control', 'socket_timeout') ?? 500);
    expect(waitsMs).toBeGreaterThan(doors.proxy.answerWithinMs);
  },
);

test("cnxcc's commands go where we listen, and Kamailio is asked where it listens", () => {
  const heading = "Kamailio, cnxcc's commands";
  const { doors } = settingsBelow(heading);
  const configuration = block(heading, 'loadmodule');
  const { transport, host, port } = doors.proxy.rpc ?? {};
  expect(modparam(configuration, 'http_client', 'httpcon')).toBe(
    `ringfence=>http://127.0.0.1:${doors.cnxcc.listen?.port}/`,
  );
  expect(Number(modparam(configuration, 'http_client', 'connection_timeout'))).toBeGreaterThan(
    doors.proxy.answerWithinMs,
  );
  expect(modparam(configuration, 'jsonrpcs', 'dgram_socket')).toBe(`${transport}:${host}:${port}`);
  expect(modparam(configuration, 'htable', 'htable')?.split('=>')[0]).toBe(doors.proxy.limitTable);
});

test.each(['Kamailio, `call_control`', 'OpenSIPS, `call_control`', "Kamailio, cnxcc's commands"])(
  '%s: every module that is told something is loaded',
  heading => {
    const configuration = block(heading, 'loadmodule');
    const all = (pattern: RegExp) => new Set([...configuration.matchAll(pattern)].map(([, name]) => name));
    const loaded = all(/^loadmodule "(\w+)\.so"$/gm);
    expect([...all(/^modparam\("(\w+)"/gm)].filter(module => !loaded.has(module))).toEqual([]);
  },
);

test('REST: the address that is shown, here and on its own page, is where we listen; keys are written so', () => {
  const { host, port } = settingsBelow('REST').doors.rest.listen ?? {};
  const pages = [DOCUMENT, readFileSync(join(projectRoot, 'docs/doors/rest.md'), 'utf8')];
  const addresses = pages.map(page => [...page.matchAll(/http:\/\/(127\.0\.0\.1:\d+)\/(?:v1|`)/g)].map(([, at]) => at));
  for (const shown of addresses) expect(new Set(shown)).toEqual(new Set([`${host}:${port}`]));
  const [, keys = ''] = /`export RINGFENCE_REST_KEYS=(.*?)`/.exec(DOCUMENT) ?? [];
  const written = keys.replace('<SHA-256 of the key>', '0123456789abcdef'.repeat(4));
  expect(readSettings({ ...DATABASE, RINGFENCE_REST_KEYS: written })).toBeDefined();
});

test('Call Control asks where we listen', () => {
  const { host, port } = settingsBelow('Call Control').doors.ratingEngine.listen ?? {};
  expect(valueIn(block('Call Control', '[CDRTool]'), 'address')).toBe(`${host}:${port}`);
});

test('FastAGI: the port is the one of agi:// without one, and the switch has its journal read', () => {
  const { doors, evidenceFiles } = settingsBelow('FastAGI');
  const [dialplan = '', cards = ''] = documentedBlocks('FastAGI', '[from-a2billing-like]', '[calling-cards]');
  const asked = [...`${dialplan}${cards}`.matchAll(/AGI\(agi:\/\/([\d.]+)\/(\w+)\)/g)].map(([, at, script]) => [
    at,
    script,
  ]);
  const { host, port } = doors.agi.listen ?? {};
  expect(asked).toEqual(['authorize', 'settle', 'card'].map(script => [host, script]));
  expect(port).toBe(4573);
  expect([...evidenceFiles.keys()]).toEqual(['switch1']);
});
