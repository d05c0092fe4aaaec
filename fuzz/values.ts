/** Values of fields, by fast-check from what the document says of each: valid ones, that name what exists, and broken ones. Pure. */
import fc from 'fast-check';
import type { Operation, Schema } from './api-document';

export type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain };

/** A value that is known only when the request is sent: a part of a thing that exists then. */
export class Existing {
  constructor(
    readonly kind: string,
    readonly part: string,
    readonly place: number,
    /** If there is no such thing. */
    readonly otherwise: Plain,
  ) {}
}

/** A value in JSON that JavaScript cannot write by itself, such as 1e400. */
export class Raw {
  constructor(readonly json: string) {}
}

export type Value = Plain | Existing | Raw;

/** How many different things a request can choose from. */
const PLACES = fc.nat(1_000_000);

/** Which existing thing a field names: by its operation and name, else by what the document calls its unit. */
const KNOWN_BY_FIELD: Readonly<Record<string, string>> = {
  'accountClose accountcode': 'empty',
  'accountAddTime accountcode': 'busy',
  'ownCall uniqueid': 'charged-call',
  'webhookRemove webhook': 'spare-webhook',
  'trunkRemove trunk': 'spare-trunk',
  'report name': 'report',
  'keyRotate name': 'key',
  'keyRevoke name': 'key',
  'operatorShow name': 'operator',
  'operatorSet name': 'operator',
  'operatorBlock name': 'operator',
  'operatorUnblock name': 'operator',
  'operatorReset name': 'operator',
  'sessionList name': 'operator',
  'callerRemove number': 'caller',
  'approvalApprove approval': 'approval',
  'approvalRefuse approval': 'approval',
  'approvalShow approval': 'approval',
  'approvalWithdraw approval': 'approval',
  'jobShow job': 'job',
  'jobStop job': 'job',
  'sessionRevoke session_number': 'session',
  'sessionOfMineEnd session_number': 'my-session',
  'voucherRedeem code': 'voucher-code',
  'voucherShow serial': 'voucher',
  'invitationAccept token': 'token',
  'sessionBegin name': 'my-name',
  'sessionBegin password': 'my-password',
  'sessionBegin code': 'my-code',
  'passwordChange password': 'my-password',
  'secondFactorEnrol password': 'my-password',
  'secondFactorConfirm code': 'my-code',
  'secondFactorRemove password': 'my-password',
  'secondFactorRemove code': 'my-code',
  'recoveryCodesRenew password': 'my-password',
  'recoveryCodesRenew code': 'my-code',
};
const KNOWN_BY_UNIT: Readonly<Record<string, string>> = {
  accountcode: 'account',
  deck: 'deck',
  customer: 'pool',
  trunk: 'trunk',
  webhook: 'webhook',
  uniqueid: 'call',
  serial: 'card',
};

/** Fields that name one thing together. */
const TOGETHER: Readonly<Record<string, { kind: string; fields: readonly string[] }>> = {
  routeSet: { kind: 'route', fields: ['prefix', 'trunk'] },
  routeRemove: { kind: 'route', fields: ['prefix', 'trunk'] },
  deckDeleteVersion: { kind: 'version', fields: ['deck', 'version'] },
  deckPreview: { kind: 'waiting-version', fields: ['deck', 'version'] },
  deckPublish: { kind: 'waiting-version', fields: ['deck', 'version'] },
};

/** The name of something new, by the field that gives it. */
const NEW_NAMES: Readonly<Record<string, (number: number) => string>> = {
  'accountCreate accountcode': number => `new ${number.toString(36)}`,
  'cardGenerate batch': number => `b${number.toString(36)}`,
  'voucherGenerate batch': number => `b${number.toString(36)}`,
  'callerAdd number': number => `+49${number}`,
  'trunkAdd trunk': number => `t${number.toString(36)}`,
  'routeAdd prefix': number => String(number % 100_000),
  'webhookAdd webhook': number => `w${number.toString(36)}`,
  'keyCreate name': number => `k${number.toString(36)}`,
  'operatorInvite name': number => `p${number.toString(36)}`,
};

/** Values that the schema alone does not tell: what else their fields require stands in their description. */
const BY_FIELD: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  // A code takes 8 ms of hashing, and no more than 1,000 are made at once.
  'cardGenerate count': fc.constantFrom(1, 1, 2, 3, 1_001),
  'voucherGenerate count': fc.constantFrom(1, 1, 2, 3, 1_001),
  // Each webhook is posted what it wants, and these happen seldom.
  'webhookAdd kinds': fc.constant(['low_balance']),
  'webhookAdd url': PLACES.map(place => new Existing('receiver', 'value', place, 'https://crm.example/')),
  // Each has one route at first, to this trunk.
  'routeOrder trunks': fc.constant(['carrier']),
  'routeOrder prefix': fc.constantFrom('', '49', '43', '33', '39', '44'),
  'routeShow prefix': fc.constantFrom('', '49', '43', '33', '39', '44'),
  'routeAdd trunk': PLACES.map(place => new Existing('trunk', 'value', place, 'carrier')),
  'deckPublish confirm': fc.constant(true),
  'scheduleSet hours': fc.constantFrom('Mo-Fr 08:00-20:00', 'Sa,Su,PH 00:00-24:00'),
  'holidaySet day': fc.constantFrom('2026-12-24', '2026-12-31'),
  'holidayRemove day': fc.constantFrom('2026-12-24', '2026-12-31'),
  'holidayFill until_year': fc.constantFrom(2026, 2027),
  'holidayFill from_year': fc.constantFrom(2026, 2027),
  'sheetKeep names': fc.constant(['Code', 'Rate']),
  'sheetKeep meanings': fc.constantFrom(['code', 'price'], ['code', 'out']),
  'sheetKeep increments': fc.constant('60/1'),
  'accountRefund call': PLACES.map(place => new Existing('charged-call', 'value', place, 'none')),
  'webhookRetry event_id': PLACES.map(place => [String(place % 5_000)]),
  'passwordChange new_password': fc.nat().map(number => `staple of another kind ${number}`),
  'invitationAccept password': fc.nat().map(number => `horse of another kind ${number}`),
};

const BY_UNIT: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  reference: fc.oneof(
    { weight: 8, arbitrary: fc.nat().map(number => `paid-${number.toString(36)}`) },
    // The same again.
    { weight: 1, arbitrary: fc.constantFrom('invoice-1', 'invoice-2', 'opening', 'voucher-1') },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }) },
  ),
  roles: fc.subarray(['read', 'support', 'cashier', 'prices', 'admin'], { minLength: 1 }),
  warn_seconds: fc.uniqueArray(fc.integer({ min: 5, max: 3_600 }), { minLength: 1, maxLength: 10 }),
  text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
};

const cents = (number: number): string => `${Math.floor(number / 100)}.${String(number % 100).padStart(2, '0')}`;

/** Some wait for a second person. */
const amounts = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 20_000 }).map(cents) },
  { weight: 2, arbitrary: fc.integer({ min: 100_001, max: 500_000 }).map(cents) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 999_999 }).map(number => `0.${String(number).padStart(6, '0')}`) },
  { weight: 1, arbitrary: fc.constantFrom('1', '0', '7.5', '99999999999999.999999') },
);
const instants = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.integer({ min: -40, max: 400 }).map(days => new Date(BEGAN + days * 86_400_000).toISOString()),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('1000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-06-01T12:00:00+05:30'),
  },
);
/** Only the distance from today matters. */
const BEGAN = Date.UTC(2026, 10, 30);

/** A value that the operation may accept. */
export function validValue(operation: Operation, name: string, schema: Schema): fc.Arbitrary<Value> {
  const field = `${operation.id} ${name}`;
  const unit = schema['x-unit'] ?? '';
  const example = (schema.examples?.[0] ?? 'none') as Plain;
  const newName = NEW_NAMES[field];
  if (newName) {
    return fc.oneof(
      { weight: 9, arbitrary: fc.nat().map(number => newName(number)) },
      { weight: 1, arbitrary: fc.constant(example) },
    );
  }
  const given = BY_FIELD[field];
  if (given) return given;
  const kind = KNOWN_BY_FIELD[field] ?? (unit === 'batch' ? batchKind(operation) : KNOWN_BY_UNIT[unit]);
  if (kind !== undefined) return PLACES.map(place => new Existing(kind, 'value', place, example));
  if (unit === 'cursor') return PLACES.map(place => new Existing(`cursor ${operation.id}`, 'value', place, 'none'));
  if (schema.anyOf)
    return fc.oneof(
      { weight: 3, arbitrary: ofMember(operation, name, schema) },
      { weight: 1, arbitrary: fc.constant(null) },
    );
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (unit === 'amount') {
    return operation.id === 'accountAdjust'
      ? fc.tuple(fc.boolean(), amounts).map(([isTaken, amount]) => (isTaken ? `-${amount}` : amount))
      : amounts;
  }
  if (schema.format === 'date-time') return instants;
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer') return wholes(schema);
  const byUnit = BY_UNIT[name] ?? BY_UNIT[unit];
  const examples = (schema.examples ?? []) as Plain[];
  if (!byUnit) return examples.length > 0 ? fc.constantFrom(...examples) : fc.string({ maxLength: 20 });
  return examples.length > 0
    ? fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...examples) }, { weight: 3, arbitrary: byUnit })
    : byUnit;
}

const batchKind = ({ id }: Operation): string => (id.startsWith('card') ? 'card-batch' : 'voucher-batch');

/** The member that is not null, with the examples of the whole. */
function ofMember(operation: Operation, name: string, { anyOf = [], examples }: Schema): fc.Arbitrary<Value> {
  const member = anyOf.find(({ type }) => type !== 'null') ?? {};
  return validValue(operation, name, { ...member, examples: member.examples ?? examples ?? [] });
}

function wholes({ minimum = 0, maximum = 1_000 }: Schema): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, minimum + 30) }) },
    { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) },
    { weight: 1, arbitrary: fc.integer({ min: minimum, max: maximum }) },
  );
}

/** How a list is written as CSV: the other fields go only with that. */
const CSV = ['format', 'time_zone', 'date_format', 'separator', 'decimal_mark'];

export interface Field {
  name: string;
  in: 'path' | 'query' | 'body';
  schema: Schema;
  isRequired: boolean;
}

/** What an operation takes, besides headers. */
export function fieldsOf({ parameters, body }: Operation): Field[] {
  const told = parameters.flatMap(({ in: where, name, schema, required }): Field[] =>
    where === 'header' ? [] : [{ name, in: where, schema, isRequired: required }],
  );
  const inBody = Object.entries(body?.properties ?? {}).map(
    ([name, schema]): Field => ({ name, in: 'body', schema, isRequired: body?.required?.includes(name) ?? false }),
  );
  return [...told, ...inBody];
}

/** A field, and its value if it is given. */
type Told = [name: string, value: Value | undefined];

/** Values of all fields of a request that the operation may accept; those that it need not have come now and then. */
export function validFields(operation: Operation): fc.Arbitrary<Record<string, Value>> {
  const fields = fieldsOf(operation);
  const together = TOGETHER[operation.id];
  const plain = fields.filter(({ name }) => !together?.fields.includes(name) && !CSV.includes(name));
  const perField = plain.map(({ name, schema, isRequired }) => {
    const value = validValue(operation, name, schema);
    // Each webhook would be posted all that happens.
    const isGiven = isRequired || (operation.id === 'webhookAdd' && name === 'kinds');
    return (isGiven ? value : sometimes(value, outOfTen(operation, name))).map((told): Told => [name, told]);
  });
  const ofThing = together
    ? PLACES.map(place =>
        together.fields.map(
          (name): Told => [name, new Existing(together.kind, name, place, name === 'version' ? 1 : 'none')],
        ),
      )
    : fc.constant<Told[]>([]);
  const csv = fields.filter(({ name }) => CSV.includes(name));
  const written = csv.length === 0 ? fc.constant<Told[]>([]) : csvFields(operation, csv);
  return fc
    .tuple(fc.tuple(...perField), ofThing, written)
    .map(([one, two, three]) =>
      Object.fromEntries([...one, ...two, ...three].filter(([, value]) => value !== undefined)),
    ) as fc.Arbitrary<Record<string, Value>>;
}

/** That value so many times out of ten; otherwise none. */
const sometimes = (value: fc.Arbitrary<Value>, times: number): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: times, arbitrary: value }, { weight: 10 - times, arbitrary: fc.constant(undefined) });

/** How often a field is given that may be left out. A refund has one cause of two; few of the other fields go together all at once. */
const outOfTen = ({ id }: Operation, name: string): number => {
  if (id === 'accountRefund' && (name === 'call' || name === 'reference')) return 5;
  // Needed with a second factor.
  if (name === 'code') return id === 'sessionBegin' ? 5 : 9;
  return name === 'page' || name === 'cursor' || name === 'count' ? 1 : 2;
};

function csvFields(operation: Operation, fields: readonly Field[]): fc.Arbitrary<Told[]> {
  const styles = fields
    .filter(({ name }) => name !== 'format')
    .map(({ name, schema }) => sometimes(validValue(operation, name, schema), 5).map((value): Told => [name, value]));
  const asCsv = fc.tuple(...styles).map((given): Told[] => [['format', 'csv'], ...given]);
  return fc.oneof({ weight: 12, arbitrary: fc.constant<Told[]>([]) }, { weight: 1, arbitrary: asCsv });
}

/** Texts that programs have stumbled over. */
const HOSTILE: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\r\nX-Header: 1',
  '\u2028',
  '\u202e',
  '\ud800',
  '\udc00\ud800',
  '😀',
  'é'.normalize('NFD'),
  "' OR 1=1 -- ",
  '"; DROP TABLE astaccount; --',
  '%00',
  '%',
  '../../etc/passwd',
  '..',
  '.',
  '/',
  '?',
  '#',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the hostile text
  '${jndi:ldap://x/}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '=cmd|calc!A1',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  'true',
  'NaN',
  'Infinity',
  '-1',
  '1e5',
  '0x10',
  '1,5',
  '+1',
  '0.0000001',
  '-0',
  '00',
  '999999999999999999999999999.99',
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '0999-12-31T23:59:59Z',
  '+275760-09-13T00:00:00Z',
  'pool:john',
  'x'.repeat(101),
  'x'.repeat(256),
  'x'.repeat(600),
  'x'.repeat(5_000),
  '9'.repeat(400),
];

/** Numbers at the edges of what programs can hold. */
const NUMBERS: readonly (number | Raw)[] = [
  0,
  -1,
  1.5,
  1e21,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_VALUE,
  2_147_483_648,
  4_294_967_296,
  ...['-0', '1e400', '-1e400', '9007199254740993', '18446744073709551616', `1${'0'.repeat(400)}`, '1E-400', '1.0'].map(
    json => new Raw(json),
  ),
];

/** A value that the schema does not allow, or that is as strange as it allows. */
export function brokenValue({ minimum, maximum }: Schema): fc.Arbitrary<Value> {
  const outside = [minimum === undefined ? [] : [minimum - 1], maximum === undefined ? [] : [maximum + 1]].flat();
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: 2, arbitrary: fc.constantFrom<Value[]>(...NUMBERS, ...outside) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Plain[]>(null, true, false, [], {}, [[]], [null], [''], { a: 1 }, ['x', 1]),
    },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 120 }) },
    { weight: 1, arbitrary: fc.array(fc.string({ unit: 'binary', maxLength: 5 }), { maxLength: 12 }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Plain> },
  );
}
