/** The requests of this door as an OpenAPI 3.1 document. Pure. */
import type { Fields, Schema } from './rest-fields';
import { ANSWERS, OPERATIONS, type RestOperation } from './rest-operations';
import { PROBLEMS, type Problem, STATUS_OF_PROBLEM } from './rest-problems';

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Schema): Schema => ({ 'application/json': { schema } });
const capital = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** The document that `/openapi.json` shows. */
export function openApi(version: string): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const operation of Object.values(OPERATIONS) as RestOperation[]) {
    const { path, method } = operation;
    paths[path] = { ...paths[path], [method.toLowerCase()]: described(operation) };
  }
  const bodies = (Object.values(OPERATIONS) as RestOperation[]).flatMap(({ name, fields }) =>
    fields ? [[capital(name), bodyOf(fields)]] : [],
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ringfence for any switch',
      version,
      description:
        'Prepaid credit in real time: authorize a call before it is made, settle it when it is over. Everything is done once by its call_id. Amounts are decimal texts, exact; instants are in UTC.',
    },
    servers: [{ url: '/', description: 'Where this document was found' }],
    // A service without keys listens on loopback only, and asks for none.
    security: [{ key: [] }, {}],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'One of RINGFENCE_REST_KEYS' } },
      schemas: { ...Object.fromEntries(bodies), ...ANSWERS, Error: ERROR },
    },
  };
}

const bodyOf = (fields: Fields): Schema => ({
  type: 'object',
  required: Object.keys(fields).filter(name => !fields[name]?.isOptional),
  properties: Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema])),
  additionalProperties: false,
});

function described(operation: RestOperation): Schema {
  const { name, path, summary, description, fields, answers } = operation;
  const [, word] = /\{(\w+)\}/.exec(path) ?? [];
  const inPath = { name: word, in: 'path', required: true, schema: { type: 'string' }, description: 'percent-encoded' };
  return {
    operationId: name,
    summary,
    description,
    parameters: [...(word ? [inPath] : []), ...(fields ? [IDEMPOTENCY_KEY] : [])],
    ...(fields && { requestBody: { required: true, content: json(ref(capital(name))) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, { body, when }]) => [
          status,
          { description: when, content: json(ref(body)) },
        ]),
      ),
      ...problemsOf(operation.problems),
    },
  };
}

/** Each status, with the error words that it can come with. */
function problemsOf(problems: readonly Problem[]): Record<string, Schema> {
  const statuses = [...new Set(problems.map(problem => STATUS_OF_PROBLEM[problem]))].sort();
  return Object.fromEntries(
    statuses.map(status => {
      const words = problems.filter(problem => STATUS_OF_PROBLEM[problem] === status);
      const schema = { allOf: [ref('Error'), { properties: { error: { enum: words } } }] };
      const headers = status === 503 ? { headers: { 'Retry-After': { schema: { type: 'integer' } } } } : {};
      return [status, { description: words.join(', '), ...headers, content: json(schema) }];
    }),
  );
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description:
    'Not needed: what is done is done once by its call_id. Where it is sent, it stands for one content of this operation; with another it is refused, as far as this process remembers (10 minutes).',
};

const ERROR: Schema = {
  type: 'object',
  required: ['error', 'message', 'cause'],
  properties: {
    error: { type: 'string', enum: [...PROBLEMS], description: 'a word for programs' },
    message: { type: 'string', description: 'one line for people: what is wrong, and what to do' },
    cause: { type: 'integer', description: "the Q.850 cause that the caller's leg may be ended with" },
    field: { type: ['string', 'null'], description: 'the field that is wrong; null where it is the whole body' },
    call: { ...ref('Call'), description: 'the call as it stands, where it cannot be changed any more' },
  },
};
