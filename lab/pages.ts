/**
 * `npm run docs`: writes the parts of docs/settings.md and docs/schema.md that come from the code and from the database, and what follows
 * from the API's document. A test compares all of it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { OPERATIONS } from '../src/admin/operations';
import type { Setting } from '../src/config/setting';
import { version } from '../src/config/version';
import { OPTIONAL_COLUMNS, REQUIRED_COLUMNS } from '../src/decks/rate-line';
import { DOORS } from '../src/doors/doors';
import { methodOf, operationId, PATHS } from '../src/http/api-paths';
import { STREAMS } from '../src/http/live-streams';
import { apiDocument } from '../src/http/openapi';
import { OF_THE_DOOR } from '../src/http/problem';
import { type Operation, ROLES } from '../src/operator/operation';
import { FIELD_RULES, LINE_RULES, OPERATOR_REFUSALS } from '../src/operator/operator-refusal';
import { withoutNone } from '../src/operator/schema';
import { SETTINGS } from '../src/settings';
import { PROXY_SETTINGS } from '../src/switches/proxy/proxy-settings';
import { projectFolder } from './parts';

/** The settings of each door, the title of their section, and the door's page: docs/doors/<page>.md. */
export const DOOR_TABLES: { title: string; page: string; settings: object }[] = [
  ...Object.values(DOORS).map(({ page, settings }) => ({ title: titleOf(`docs/doors/${page}.md`), page, settings })),
  // Two doors speak for the proxy. Its settings are on the page of the first.
  { title: 'The SIP proxy of call_control and cnxcc', page: DOORS.callControl.page, settings: PROXY_SETTINGS },
];

/** Above this line a page is written by hand, below it by `npm run docs`. */
const BEGIN = /^<!-- Below: written by `npm run docs` from .* -->\n/m;

/** The pages with a generated part, and that part; and the programs that are generated as a whole. */
export const GENERATED: Record<string, () => string> = {
  'console/src/api/fields.ts': fieldsText,
  'console/src/api/operations.ts': apiClientText,
  'console/src/api/rate-columns.ts': rateColumnsText,
  'console/src/api/refusals.ts': refusalsText,
  'console/src/api/roles.ts': rolesText,
  'console/src/api/settings.ts': settingNamesText,
  'docs/settings.md': settingsPart,
  'docs/security.md': walkPart,
  'docs/schema.md': () => schemaPart(readFileSync(join(projectFolder, 'sql/schema.sql'), 'utf8')),
};

/** The page as it must be. @throws Error if it has no line that says where the generated part begins. */
export function pageAnew(page: string): string {
  const part = GENERATED[page];
  if (part && page.endsWith('.ts')) return part();
  const text = readFileSync(join(projectFolder, page), 'utf8');
  const begin = BEGIN.exec(text);
  if (!begin || !part) throw new Error(`${page} has no line "Below: written by \`npm run docs\`"`);
  return `${text.slice(0, begin.index)}${begin[0]}\n${part()}`;
}

/** A table of settings as Markdown, a line each. */
export const settingsRows = (table: object): string =>
  (Object.values(table) as Setting<unknown>[])
    .map(({ variable, meaning, fallback }) => {
      const shown = fallback === null ? 'must be set' : fallback === '' ? 'none' : `\`${fallback}\``;
      return `| \`${variable}\` | ${meaning} | ${shown} |`;
    })
    .join('\n');

const settingsTable = (table: object): string =>
  `| variable | meaning | if not set |\n|---|---|---|\n${settingsRows(table)}`;

function settingsPart(): string {
  const doors = DOOR_TABLES.map(
    ({ title, page, settings }) =>
      `## ${title}\n\nThe door's page: [doors/${page}.md](doors/${page}.md).\n\n${settingsTable(settings)}\n`,
  );
  return `## The service\n\n${settingsTable(SETTINGS)}\n\n${doors.join('\n')}`;
}

/** Each operation with its path, and which role may do it: what the tests of the operator's API walk through. */
function walkPart(): string {
  const rows = OPERATIONS.map(declared => {
    const path = PATHS[declared.name];
    const where = path === undefined ? 'command line alone' : `\`${methodOf(declared)} ${path}\``;
    const may = ROLES.map(role => (declared.roles.includes(role) ? 'yes' : '–'));
    return `| ${declared.name} | ${where} | ${may.join(' | ')} |`;
  });
  return `| operation | over HTTP | ${ROLES.join(' | ')} |\n|---|---|${ROLES.map(() => '---|').join('')}\n${rows.join('\n')}\n`;
}

function titleOf(page: string): string {
  const [, title] = /^# (.*)$/m.exec(readFileSync(join(projectFolder, page), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`${page} has no title`);
  return title;
}

/** The tables of a rendered schema, each with its columns and keys, as Markdown. */
export function schemaPart(schema: string): string {
  const tables = [...schema.matchAll(/^CREATE TABLE `(\w+)` \(\n([\s\S]*?)\n\) .*COMMENT='((?:''|[^'])*)';$/gm)].map(
    ([, name = '', body = '', comment = '']) => ({ name, lines: body.split('\n'), comment: proseOf(comment) }),
  );
  const overview = tables.map(({ name, comment }) => `| [\`${name}\`](#${name}) | ${comment} |`);
  const details = tables.map(({ name, lines, comment }) => {
    const keys = lines.flatMap(keyOf).join('; ');
    const rows = lines.flatMap(columnRow).join('\n');
    return `## ${name}\n\n${comment}. Keys: ${keys}.\n\n| column | type | holds |\n|---|---|---|\n${rows}\n`;
  });
  return `| table | holds |\n|---|---|\n${overview.join('\n')}\n\n${details.join('\n')}`;
}

function columnRow(line: string): string[] {
  const [, name, type, rest = '', comment = ''] =
    /^ {2}`(\w+)` (\w+(?:\([\d,]+\))?(?: unsigned)?)(.*?) COMMENT '((?:''|[^'])*)',?$/.exec(line) ?? [];
  if (name === undefined) return [];
  return [`| \`${name}\` | ${type}${rest.includes('NOT NULL') ? '' : ' or NULL'} | ${proseOf(comment)} |`];
}

function keyOf(line: string): string[] {
  const [, kind, columns = ''] = /^ {2}(PRIMARY KEY|UNIQUE KEY|KEY)(?: `\w+`)? \((.*)\),?$/.exec(line) ?? [];
  if (kind === undefined) return [];
  const word = { 'PRIMARY KEY': 'primary ', 'UNIQUE KEY': 'unique ', KEY: '' }[kind];
  return [`${word}${columns.replaceAll(',', ', ')}`];
}

const proseOf = (comment: string): string =>
  comment.replaceAll("''", "'").replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** Where the OpenAPI document of the operator's API is kept, and its text. */
export const API_DOCUMENT = 'docs/api.openapi.json';
export const apiDocumentText = (): string => `${JSON.stringify(apiDocument(OPERATIONS, STREAMS, version), null, 2)}\n`;

/**
 * A client in TypeScript of the API, as oazapfts makes it of the document alone. Tests use it: where the document says something that the
 * API does not do, they do not compile, or fail.
 *
 * Not by openapi-typescript: it needs the compiler of TypeScript 5 as ours, which is 7. oazapfts brings its own.
 */
export function apiClientText(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-client-'));
  try {
    const [document, client] = [join(folder, 'api.openapi.json'), join(folder, 'api-client.ts')];
    writeFileSync(document, apiDocumentText());
    const generator = join(projectFolder, 'node_modules/oazapfts/dist/cli.js');
    execFileSync(process.execPath, [generator, document, client, '--argumentStyle=object', '--useUnknown']);
    return readFileSync(client, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The roles of each operation and stream of the API, by the name by which the client calls it: pages leave out what the API would refuse. */
export function rolesText(): string {
  const named = [
    ...OPERATIONS.filter(({ name }) => PATHS[name] !== undefined).map(each => [operationId(each), each.roles] as const),
    ...STREAMS.map(({ operationId: name, lists }) => [name, lists.roles] as const),
  ];
  const rows = named.map(([name, roles]) => `  ${name}: [${roles.map(role => `'${role}'`).join(', ')}],`);
  return `/** Written by \`npm run docs\`: the roles of each operation of the API. */\nexport const ROLES_OF = {\n${rows.join('\n')}\n} as const;\n`;
}

/** As a type of TypeScript, in the order of their letters. */
const unionOf = (names: readonly string[]): string =>
  names
    .toSorted()
    .map(name => `\n  | '${name}'`)
    .join('');

/** The names by which the API refuses, and the rules by which it refuses a field and a line of a file: the console has words for each. */
export function refusalsText(): string {
  const refusals = [...Object.keys(OPERATOR_REFUSALS), ...Object.keys(OF_THE_DOOR)];
  return `/** Written by \`npm run docs\`: the names by which the API refuses. */\nexport type RefusalName =${unionOf(refusals)};\n\n/** The rules by which it refuses a field. */\nexport type FieldRule =${unionOf(FIELD_RULES)};\n\n/** What is wrong with a line of a file. */\nexport type LineRule =${unionOf(LINE_RULES)};\n`;
}

/** The columns of a price list, in their order. */
export function rateColumnsText(): string {
  const parts = { REQUIRED_COLUMNS, OPTIONAL_COLUMNS };
  const texts = Object.entries(parts).map(
    ([name, columns]) => `export const ${name} = ${JSON.stringify(columns, null, 2)} as const;\n`,
  );
  return `/** Written by \`npm run docs\`: the columns of a price list. */\n${texts.join('\n')}`;
}

/** Every setting of the service and its doors, by name: a language of the console has words for each. */
export function settingNamesText(): string {
  const tables = [SETTINGS, ...DOOR_TABLES.map(({ settings }) => settings)];
  const names = tables.flatMap(table => (Object.values(table) as Setting<unknown>[]).map(({ variable }) => variable));
  return `/** Written by \`npm run docs\`: the settings of the service. */\nexport type SettingName =${unionOf(names)};\n`;
}

/** The fields of each change of the API, as forms show them: what they mean and which values they take. An export each: a page loads its own. */
export function fieldsText(): string {
  const changes = OPERATIONS.filter(({ name, changes: how }) => how !== undefined && PATHS[name] !== undefined);
  const parts = changes.map(
    each => `export const ${operationId(each)}Fields = ${JSON.stringify(formOf(each), null, 2)} as const;\n`,
  );
  return `/** Written by \`npm run docs\`: the fields of each change of the API, as forms show them. */\n${parts.join('\n')}`;
}

function formOf({ fields: { properties, required } }: Operation): object {
  const needed: readonly string[] = required ?? [];
  const rows = (Object.entries(properties) as [string, TSchema][]).map(([name, field]) => {
    const { inner, canBeNone } = withoutNone(field);
    const { description: help, examples, 'x-unit': unit, ...shape } = inner as Shape;
    const example = examples?.[0];
    const row = {
      kind: unit === 'amount' ? 'amount' : formKind(shape),
      help,
      unit,
      ...(example !== undefined && { example: Array.isArray(example) ? example.join(',') : String(example) }),
      ...(shape.enum && { words: shape.enum }),
      ...(shape.items?.enum && { eachOf: shape.items.enum }),
      ...(needed.includes(name) && { isRequired: true }),
      ...(canBeNone && { canBeNone: true }),
    };
    return [name, row];
  });
  return Object.fromEntries(rows);
}

/** What the schema of a field says. */
interface Shape {
  type?: string;
  description?: string;
  examples?: unknown[];
  enum?: string[];
  format?: string;
  items?: { type?: string; enum?: string[] };
  'x-unit'?: string;
}

function formKind({ type, enum: words, format, items }: Shape): string {
  if (words) return 'word';
  if (format === 'date-time') return 'instant';
  if (type === 'array') return items?.type === 'integer' ? 'wholes' : 'texts';
  if (type === 'integer') return 'whole';
  return type === 'boolean' ? 'flag' : 'text';
}

if (require.main === module) {
  writeFileSync(join(projectFolder, API_DOCUMENT), apiDocumentText());
  for (const page of Object.keys(GENERATED)) writeFileSync(join(projectFolder, page), pageAnew(page));
}
