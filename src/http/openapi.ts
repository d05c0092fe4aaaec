/** The OpenAPI document of the operator's API, from the declared operations. Pure. */
import type { TSchema } from 'typebox';
import { EVENT_STREAM_TYPE } from '../live/sse';
import type { Operation } from '../operator/operation';
import { answerSchema, LINES_TYPE, MOST_ITEMS } from './api-answer';
import { BASE, operationId, PATHS, pathFields } from './api-paths';
import type { Stream } from './live-streams';
import { PROBLEM_SCHEMA, PROBLEM_TYPE, statusesOf } from './problem';

/** OpenAPI 3.1 of those operations that are served. `version`: of Ringfence. */
export function apiDocument(operations: readonly Operation[], streams: readonly Stream[], version: string): object {
  const served = operations.filter(({ name }) => name in PATHS);
  return {
    openapi: '3.1.0',
    info: {
      title: "Ringfence, the operator's API",
      version,
      description:
        'Amounts are decimal texts, times ISO 8601 in UTC. `ringfence key create` makes a key. What changes something is on the command line alone so far.',
    },
    servers: [{ url: BASE }],
    security: [{ key: [] }],
    tags: [...new Set(served.map(tagOf))].map(name => ({ name })),
    paths: {
      ...Object.fromEntries(served.map(declared => [PATHS[declared.name], { get: described(declared) }])),
      ...Object.fromEntries(streams.map(stream => [stream.path, { get: describedStream(stream) }])),
    },
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'a key, rf_…' } },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  };
}

const tagOf = ({ name }: Operation): string => name.split(' ')[0] as string;

function described(declared: Operation): object {
  const inPath = pathFields(PATHS[declared.name] as string);
  const required: readonly string[] = declared.fields.required ?? [];
  const type = declared.answer.kind === 'stream' ? LINES_TYPE : 'application/json';
  const refused = { $ref: '#/components/schemas/Problem' };
  return {
    operationId: operationId(declared),
    tags: [tagOf(declared)],
    summary: declared.help,
    description: `For the roles ${declared.roles.join(', ')}.`,
    parameters: Object.entries(declared.fields.properties).map(([name, field]) => {
      const { description, ...schema } = plainSchema(field as TSchema);
      const isInPath = inPath.includes(name);
      return {
        name,
        in: isInPath ? 'path' : 'query',
        required: isInPath || required.includes(name),
        description,
        // Several values are separated by commas.
        ...(schema.type === 'array' && { style: 'form', explode: false }),
        schema: name === 'limit' ? { ...schema, maximum: MOST_ITEMS } : schema,
      };
    }),
    responses: {
      200: { description: declared.help, content: { [type]: { schema: answerSchema(declared) } } },
      ...Object.fromEntries(
        statusesOf(declared.refusals).map(status => [
          status,
          { description: 'refused', content: { [PROBLEM_TYPE]: { schema: refused } } },
        ]),
      ),
    },
  };
}

/** A client reads on and on: generated ones have to read it as a stream. */
function describedStream({ lists, operationId: name, help, fields, messages }: Stream): object {
  const { parameters, responses, ...shared } = described({ ...lists, fields, help }) as {
    parameters: object[];
    responses: object;
  };
  return {
    ...shared,
    operationId: name,
    parameters,
    responses: {
      ...responses,
      200: { description: messages, content: { [EVENT_STREAM_TYPE]: { schema: { type: 'string' } } } },
    },
  };
}

/** The schema without what only our own check reads, such as functions. */
const plainSchema = (field: TSchema): { description?: string; type?: string } =>
  JSON.parse(JSON.stringify(field, (name, value) => (name.startsWith('~') ? undefined : value)));
