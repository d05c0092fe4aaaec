/** What the API's document says of each operation, and whether an answer is one that it describes. Pure. */
import Ajv, { type ValidateFunction } from 'ajv/dist/2020';

/** The parts of JSON Schema that the document has. */
export interface Schema {
  type?: string;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  items?: Schema;
  anyOf?: readonly Schema[];
  format?: string;
  examples?: readonly unknown[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  'x-unit'?: string;
  'x-secret'?: boolean;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: Schema;
}

type Content = Readonly<Record<string, { schema: Schema }>>;

interface Described {
  operationId: string;
  parameters?: readonly Parameter[];
  requestBody?: { content: Content };
  responses: Readonly<Record<string, { content?: Content }>>;
  security?: readonly object[];
}

export interface ApiDocument {
  servers: readonly { url: string }[];
  paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  components: { schemas: Readonly<Record<string, Schema>> };
}

/** What proves who asks: any key, a session alone, or nothing. */
export type Credential = 'key' | 'session' | 'none';

export interface Operation {
  id: string;
  method: string;
  /** With its fields in braces, below the server's. */
  path: string;
  parameters: readonly Parameter[];
  /** Of JSON; null if it takes none. */
  body: Schema | null;
  /** Whether it takes a file, text/csv, as its body. */
  takesFile: boolean;
  responses: Described['responses'];
  credential: Credential;
}

/** The operations in the order of the document. */
export const operationsOf = ({ paths }: ApiDocument): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      parameters: described.parameters ?? [],
      body: described.requestBody?.content['application/json']?.schema ?? null,
      takesFile: described.requestBody?.content['text/csv'] !== undefined,
      responses: described.responses,
      credential: credentialOf(described),
    })),
  );

/** Whether it changes something, once for each Idempotency-Key. */
export const isChange = ({ parameters }: Pick<Operation, 'parameters'>): boolean =>
  parameters.some(({ name }) => name === 'Idempotency-Key');

function credentialOf({ security }: Described): Credential {
  if (security === undefined) return 'key';
  return security.length === 0 ? 'none' : 'session';
}

/** The operation that a path and a method name, whichever was meant; null for none. One without fields goes before one with. */
export function matching(
  operations: readonly Operation[],
  { method, path }: Pick<Operation, 'method' | 'path'>,
): Operation | null {
  const asked = path.split('?')[0] as string;
  const found = operations.filter(each => each.method === method && patternOf(each.path).test(asked));
  const fields = (each: Operation) => each.path.split('{').length;
  return found.sort((one, other) => fields(one) - fields(other))[0] ?? null;
}

const PATTERNS = new Map<string, RegExp>();

function patternOf(path: string): RegExp {
  const known = PATTERNS.get(path);
  if (known) return known;
  const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]*')}$`);
  PATTERNS.set(path, pattern);
  return pattern;
}

/** An answer as it came. */
export interface Answer {
  status: number;
  /** Empty if it has none. */
  contentType: string;
  text: string;
  /** The rest was not read. */
  isCut: boolean;
}

const JSON_LINES = 'application/x-ndjson';
const PROBLEM = 'application/problem+json';

/** Compares answers and bodies with the document. */
export class Judge {
  private readonly answers = new Ajv({ strict: false, allErrors: true });
  private readonly bodies = new Ajv({ strict: false });
  private readonly compiled = new Map<Schema, ValidateFunction>();

  constructor({ components }: Pick<ApiDocument, 'components'>) {
    this.answers.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    this.answers.addFormat('date', /^\d{4}-\d\d-\d\d$/);
    this.answers.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    // What a client may send has other forms too.
    this.bodies.addFormat('date-time', true);
    for (const ajv of [this.answers, this.bodies]) ajv.addSchema({ $id: 'api', components });
  }

  /** What is wrong with an answer to that operation, by the document; empty for nothing. */
  verdict({ responses }: Pick<Operation, 'responses'>, { status, contentType, text, isCut }: Answer): string {
    const described = responses[status];
    if (!described) return `the status ${status} is not described`;
    const content = described.content ?? {};
    if (Object.keys(content).length === 0) return text === '' ? '' : `${status} has no body, by the document`;
    const type = contentType.split(';')[0]?.trim() ?? '';
    const schema = content[type]?.schema;
    if (!schema) return `${status} is ${type || 'without a type'}, not ${Object.keys(content).join(' or ')}`;
    if (isCut) return '';
    if (type === JSON_LINES)
      return text.split('\n').every(line => line === '' || isJson(line)) ? '' : 'a line is no JSON';
    if (!type.endsWith('json')) return '';
    if (!isJson(text)) return 'the body is no JSON';
    const validate = this.validatorOf(this.answers, schema);
    if (!validate(JSON.parse(text))) return `the body is not as described: ${this.answers.errorsText(validate.errors)}`;
    if (type !== PROBLEM || JSON.parse(text).status === status) return '';
    return `the problem has another status than the answer, ${status}`;
  }

  /** Whether a body, as JSON, is what the operation takes; also where it takes none, or a file. */
  accepts({ body }: Pick<Operation, 'body'>, value: unknown): boolean {
    return body === null || this.validatorOf(this.bodies, body)(value);
  }

  private validatorOf(ajv: Ajv, schema: Schema): ValidateFunction {
    const known = this.compiled.get(schema);
    if (known) return known;
    // References of the document are into its components.
    const whole = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/'));
    const validate = ajv.compile(whole);
    this.compiled.set(schema, validate);
    return validate;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
