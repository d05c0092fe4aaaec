/** Requests to the API, by fast-check: valid ones, some with a fault in them, and how each is written as HTTP. Pure. */
import fc from 'fast-check';
import { isChange, type Operation } from './api-document';
import { brokenValue, Existing, type Field, fieldsOf, Raw, type Value, validFields } from './values';

/** What is wrong with a request. `place`: which of its fields, counted around. */
export type Fault =
  | { kind: 'value'; place: number; seed: number }
  | { kind: 'missing'; place: number }
  | { kind: 'twice'; place: number }
  | { kind: 'extra'; name: string }
  | { kind: 'deep'; levels: number }
  | { kind: 'body'; bytes: Buffer }
  | { kind: 'type'; type: string | null }
  | { kind: 'key'; key: string | null }
  | { kind: 'header'; name: string; value: string }
  | { kind: 'credential'; value: string | null }
  | { kind: 'method'; method: string }
  | { kind: 'path'; tail: string };

/** Whose key asks. */
export type By = 'first' | 'second' | 'support' | 'cashier' | 'read' | 'customer';

/** A request before it is known what exists. */
export interface Recipe {
  operation: Operation;
  by: By;
  fields: Record<string, Value>;
  /** For an operation that takes one. */
  file: string;
  faults: Fault[];
  /** Sends the request at that place, counted back from the newest, once more: with its key as it was, or another request under its key. */
  repeats: { back: number; isSame: boolean } | null;
  ifMatch: string | null;
}

/** A request as it is sent, without what proves who asks. */
export interface Request {
  operation: Operation;
  by: By;
  method: string;
  /** With the query, below the server's. */
  path: string;
  headers: [name: string, value: string][];
  body: Buffer | null;
  faults: readonly Fault[];
  /** The fields as a server reads them; null if the body is no JSON object. */
  asked: Record<string, unknown> | null;
  /** Nothing may be done, whatever else it says. */
  isWrong: boolean;
}

const BY: fc.Arbitrary<By> = fc.oneof(
  { weight: 14, arbitrary: fc.constant<By>('first') },
  { weight: 4, arbitrary: fc.constant<By>('second') },
  { weight: 1, arbitrary: fc.constantFrom<By>('support', 'cashier', 'read', 'customer') },
);

/** Of what customers do. */
const BY_CUSTOMERS: fc.Arbitrary<By> = fc.oneof(
  { weight: 14, arbitrary: fc.constant<By>('customer') },
  { weight: 1, arbitrary: fc.constant<By>('first') },
);

const isOfCustomers = ({ id }: Operation): boolean => id.startsWith('own');

/** Bodies that are not what any operation takes. */
const BODIES: readonly Buffer[] = [
  ...[
    '',
    '[]',
    '"text"',
    'null',
    '1',
    '{',
    '{"a":',
    '{"a":1,}',
    "{'a':1}",
    '{"a":1}{"b":2}',
    '\ufeff{}',
    'NaN',
    'amount=1&reference=r',
  ].map(text => Buffer.from(text)),
  // Bytes that are no UTF-8, and a character without its last byte.
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xe2, 0x82, 0x22, 0x7d]),
  Buffer.from('{"__proto__":{"amount":"1"}}'),
  Buffer.from('{"constructor":{"prototype":{}}}'),
  // More than is taken.
  Buffer.from(`{"reason":"${'x'.repeat(70_000)}"}`),
  Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
];

const HEADERS: readonly (readonly [string, string])[] = [
  ['accept', 'text/csv'],
  ['accept', '*/*;q=0, nonsense'],
  ['accept-encoding', 'br, gzip, identity;q=0'],
  ['content-encoding', 'gzip'],
  ['content-type', 'application/json'],
  ['authorization', 'Basic YWRtaW46YWRtaW4='],
  ['cookie', '__Host-ringfence=x; ringfence=y; ringfence=z'],
  ['cookie', '%%%;=;;'],
  ['x-csrf-token', 'x'],
  ['x-forwarded-for', '203.0.113.9'],
  ['forwarded', 'for=203.0.113.9;proto=https'],
  ['x-http-method-override', 'DELETE'],
  ['origin', 'https://evil.example'],
  ['range', 'bytes=0-1'],
  ['if-none-match', '*'],
  ['if-modified-since', 'yesterday'],
  ['last-event-id', 'x'],
  ['upgrade', 'websocket'],
  ['te', 'trailers'],
  ['x-long', 'x'.repeat(4_000)],
  ['x-bytes', '\u00e9\u00ff'],
];

const seeds = fc.integer();
const places = fc.nat(1_000);

const valueFault = fc.record({ kind: fc.constant('value' as const), place: places, seed: seeds });

/** One fault of those that a request can have. */
const FAULT: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 30, arbitrary: valueFault },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('missing' as const), place: places }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('twice' as const), place: places }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('extra' as const),
      name: fc.constantFrom('colour', '__proto__', 'constructor', 'toString', '', 'a.b', 'a[b]', '😀', 'x'.repeat(300)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('deep' as const), levels: fc.constantFrom(7, 8, 9, 500, 5_000) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('body' as const), bytes: fc.constantFrom(...BODIES) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('type' as const),
      type: fc.constantFrom(
        null,
        '',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json; charset=utf-16',
        'application/merge-patch+json',
        'application/jsonx',
        '*/*',
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('key' as const),
      key: fc.constantFrom(null, '', ' ', 'two words', 'x'.repeat(100), 'x'.repeat(101), '\u00e9', "';--", '"quoted"'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom(...HEADERS).map(([name, value]) => ({ kind: 'header' as const, name, value })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('credential' as const),
      value: fc.constantFrom(
        null,
        '',
        'Bearer',
        'Bearer rf_',
        `Bearer rf_${'A'.repeat(43)}`,
        'Bearer a b',
        `Bearer ${'x'.repeat(2_000)}`,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('method' as const),
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('path' as const),
      tail: fc.constantFrom(
        '/',
        '//',
        '%',
        '%00',
        '%2F',
        '%E0%A4%A',
        '/../x',
        ';a=b',
        '?',
        '?a',
        '?a=%',
        '?a=1&a=2',
        '?a[b]=1',
        '&&&',
        `/${'x'.repeat(3_000)}`,
      ),
    }),
  },
);

/** Rates for every number and some more, so that a deck does not shrink; sometimes with a line that is none. */
const rateFiles: fc.Arbitrary<string> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 9_999 }), { maxLength: 8 }),
    fc.oneof(
      { weight: 5, arbitrary: fc.constant('') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('49,twice,1,0,60,60\n', '"torn', 'x,y,z\n', '7,free,-1,0,60,60\n', '\u0000\n'),
      },
    ),
  )
  .map(([prefixes, last]) => {
    const rows = ['', '49', ...prefixes.filter(prefix => prefix !== 49)].map(
      prefix => `${prefix},Somewhere,1.5,0,60,60\n`,
    );
    return `prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n${rows.join('')}${last}`;
  });

/** Days of a calendar; sometimes with a line that is none. */
const holidayFiles: fc.Arbitrary<string> = fc.constantFrom(
  'day,name\n2026-12-24,Heiligabend\n',
  'calendar,day,name\n,2026-12-24,Heiligabend\n,2026-12-31,Silvester\n',
  'day,name\n2026-12-24,Heiligabend\n2026-12-24,twice\n',
  'day,name\n2026-02-30,"torn\n',
);

const filesFor = ({ id }: Operation): fc.Arbitrary<string> => (id === 'holidayImport' ? holidayFiles : rateFiles);

const IF_MATCH = fc.constantFrom('*', '"x"', 'x', 'W/"x"', '"a", "b"', ',', '""', '"'.repeat(50));

/** A request to that operation. */
export const recipeOf = (operation: Operation): fc.Arbitrary<Recipe> =>
  fc.record({
    operation: fc.constant(operation),
    by: isOfCustomers(operation) ? BY_CUSTOMERS : BY,
    fields: validFields(operation),
    file: operation.takesFile ? filesFor(operation) : fc.constant(''),
    faults: fc.oneof(
      { weight: 60, arbitrary: fc.constant([]) },
      { weight: 25, arbitrary: fc.array(valueFault, { minLength: 1, maxLength: 2 }) },
      { weight: 15, arbitrary: fc.array(FAULT, { minLength: 1, maxLength: 2 }) },
    ),
    repeats: fc.oneof(
      { weight: 19, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.record({ back: fc.nat(60), isSame: fc.boolean() }) },
    ),
    ifMatch: fc.oneof({ weight: 30, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: IF_MATCH }),
  }) as fc.Arbitrary<Recipe>;

/** How often each operation is asked. Those that hash a password take a tenth of a second of the service, and jobs a process. */
export function weightOf({ id, credential, method }: Operation): number {
  if (id.endsWith('Follow')) return 1;
  if (id === 'jobVerify' || id === 'jobReconcile') return 1;
  if (id === 'webhookAdd' || id === 'webhookTest') return 2;
  if (credential !== 'key') return method === 'GET' ? 4 : 1;
  return 10;
}

/** Makes `count` requests to any of the operations; the same for the same seed. */
export function recipesTo(operations: readonly Operation[]): (seed: number, count: number) => Recipe[] {
  const any = fc.oneof(
    ...operations.map(operation => ({ weight: weightOf(operation), arbitrary: recipeOf(operation) })),
  );
  // Unbiased: names of new things would be the same ones again and again.
  return (seed, count) => fc.sample(fc.noBias(any), { seed, numRuns: count });
}

/** What a request needs besides its recipe. */
export interface Circumstances {
  /** The value of a field that names an existing thing. */
  known(existing: Existing): unknown;
  /** A new Idempotency-Key. */
  key: string;
}

interface Given extends Field {
  value: unknown;
}

/** The request of a recipe, as it is now. */
export function requestOf(recipe: Recipe, { known, key }: Circumstances): Request {
  const { operation, by, faults, ifMatch } = recipe;
  const resolved = (value: Value): unknown => (value instanceof Existing ? known(value) : value);
  const given = fieldsOf(operation)
    .filter(({ name }) => Object.hasOwn(recipe.fields, name))
    .map((field): Given => ({ ...field, value: resolved(recipe.fields[field.name] as Value) }));
  const left = faults.reduce(withoutOne, faults.reduce(withBrokenValue, given));
  const takesKey = isChange(operation);
  const built: Request = {
    operation,
    by,
    method: operation.method,
    path: pathOf(operation, left),
    headers: [
      ...(takesKey ? [['idempotency-key', key] as [string, string]] : []),
      ...(ifMatch !== null && takesKey ? [['if-match', ifMatch] as [string, string]] : []),
      ...typeOf(operation),
    ],
    body: bodyOf(recipe, left),
    faults,
    asked: null,
    isWrong: false,
  };
  const request = faults.reduce(withFault, built);
  return { ...request, asked: askedOf(request, left), isWrong: isWrongIn(request, left) };
}

/** A field that the recipe did not have gets a broken value too. */
function withBrokenValue(given: Given[], fault: Fault): Given[] {
  if (fault.kind !== 'value' || given.length === 0) return given;
  const at = fault.place % given.length;
  return given.map((field, index) => {
    if (index !== at) return field;
    const [value] = fc.sample(fc.noBias(brokenValue(field.schema)), { seed: fault.seed, numRuns: 1 });
    return { ...field, value };
  });
}

function withoutOne(given: Given[], fault: Fault): Given[] {
  const required = given.filter(field => field.isRequired && field.in !== 'path');
  if (fault.kind !== 'missing' || required.length === 0) return given;
  const gone = required[fault.place % required.length];
  return given.filter(field => field !== gone);
}

/** UTF-8 knows no half of a pair. */
const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '\ufffd');

/** As a text of a path or a query; lists by commas. */
function textOf(value: unknown): string {
  if (value instanceof Raw) return value.json;
  if (Array.isArray(value)) return value.map(item => textOf(item)).join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

const encoded = (value: unknown): string => encodeURIComponent(wellFormed(textOf(value)));

function pathOf({ path }: Operation, given: readonly Given[]): string {
  const inPath = new Map(given.filter(field => field.in === 'path').map(({ name, value }) => [name, encoded(value)]));
  const whole = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inPath.get(name) ?? 'none');
  const query = given.filter(field => field.in === 'query').map(({ name, value }) => `${name}=${encoded(value)}`);
  return query.length > 0 ? `${whole}?${query.join('&')}` : whole;
}

const jsonOf = (value: unknown): string => (value instanceof Raw ? value.json : JSON.stringify(value));

/** The kind of its body; none without one. */
function typeOf({ body, takesFile }: Operation): Request['headers'] {
  if (takesFile) return [['content-type', 'text/csv']];
  return body === null ? [] : [['content-type', 'application/json']];
}

function bodyOf({ operation, faults, file }: Recipe, given: readonly Given[]): Buffer | null {
  if (operation.takesFile) return Buffer.from(file);
  if (operation.body === null) return null;
  const inBody = given.filter(field => field.in === 'body');
  const members = inBody.map(({ name, value }) => `${JSON.stringify(name)}:${jsonOf(value)}`);
  for (const fault of faults) {
    if (fault.kind === 'twice' && members.length > 0) members.push(members[fault.place % members.length] as string);
    if (fault.kind === 'extra') members.push(`${JSON.stringify(fault.name)}:1`);
    if (fault.kind === 'deep') members.push(`"deep":${'['.repeat(fault.levels)}${']'.repeat(fault.levels)}`);
  }
  return Buffer.from(`{${members.join(',')}}`);
}

const without = (headers: Request['headers'], name: string): Request['headers'] =>
  headers.filter(([known]) => known !== name);

function withFault(request: Request, fault: Fault): Request {
  const { headers, path, operation } = request;
  switch (fault.kind) {
    case 'body':
      return { ...request, body: fault.bytes };
    case 'type': {
      const rest = without(headers, 'content-type');
      return { ...request, headers: fault.type === null ? rest : [...rest, ['content-type', fault.type]] };
    }
    case 'key': {
      const rest = without(headers, 'idempotency-key');
      return { ...request, headers: fault.key === null ? rest : [...rest, ['idempotency-key', fault.key]] };
    }
    case 'header':
      return { ...request, headers: [...headers, [fault.name, fault.value]] };
    case 'method':
      return { ...request, method: fault.method };
    case 'path':
      return { ...request, path: path + fault.tail };
    case 'extra':
      if (operation.body !== null) return request;
      return { ...request, path: `${path}${path.includes('?') ? '&' : '?'}${encodeURIComponent(fault.name)}=1` };
    default:
      return request;
  }
}

/** What a server reads of it: the body as JSON, and the fields of the path. */
function askedOf({ body, operation }: Request, given: readonly Given[]): Record<string, unknown> | null {
  const inPath = given.filter(field => field.in !== 'body').map(({ name, value }) => [name, wellFormed(textOf(value))]);
  let inBody: unknown = {};
  try {
    if (body !== null && body.length > 0 && !operation.takesFile) inBody = JSON.parse(body.toString());
  } catch {
    return null;
  }
  if (typeof inBody !== 'object' || inBody === null || Array.isArray(inBody)) return null;
  return { ...inBody, ...Object.fromEntries(inPath) };
}

/** What the server takes for a key of a change. */
const KEY = /^[!-~]{1,100}$/;

/** Whether a fault is of such a kind that nothing may be done, whatever the operation and its other fields are. */
function isWrongIn({ operation, method, body, headers, faults }: Request, given: readonly Given[]): boolean {
  const isReplaced = faults.some(({ kind }) => kind === 'body');
  const isKept = operation.body !== null && !isReplaced;
  const sentAs = (header: string) => headers.find(([name]) => name === header)?.[1].trim() ?? '';
  return faults.some(fault => {
    switch (fault.kind) {
      case 'extra':
        return fault.name !== '' && (operation.body === null || isKept);
      case 'twice':
        return isKept && given.some(field => field.in === 'body');
      case 'deep':
        return isKept;
      case 'type':
        return (
          body !== null &&
          body.length > 0 &&
          !operation.takesFile &&
          !/^application\/json\b(?!x)/.test(sentAs('content-type'))
        );
      case 'key':
        return isChange(operation) && method === operation.method && !KEY.test(sentAs('idempotency-key'));
      case 'credential':
        return operation.credential === 'key';
      default:
        return false;
    }
  });
}
