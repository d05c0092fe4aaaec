/** The OpenAPI document of the operator's API, from the declared operations. Pure. */
import type { TSchema } from 'typebox';
import { EVENT_STREAM_TYPE } from '../live/sse';
import { hasVersions, type Operation } from '../operator/operation';
import { answerSchema, LINES_TYPE, MOST_ITEMS } from './api-answer';
import { BASE, doneStatus, methodOf, operationId, PATHS, pathFields } from './api-paths';
import { askedFields } from './csv-answer';
import type { Stream } from './live-streams';
import { withNamedSchemas } from './named-schemas';
import { personalPaths } from './personal-document';
import { plainSchema } from './plain-schema';
import { PROBLEM_SCHEMA, PROBLEM_TYPE, STATUS_OF_LONG_PATH, STATUSES_OF_BODY, statusesOf } from './problem';

/** OpenAPI 3.1 of those operations that are served. `version`: of Ringfence. */
export function apiDocument(operations: readonly Operation[], streams: readonly Stream[], version: string): object {
  const served = operations.filter(({ name }) => name in PATHS);
  return withNamedSchemas({
    openapi: '3.1.0',
    info: {
      title: "Ringfence, the operator's API",
      version,
      description:
        'Amounts are decimal texts, times ISO 8601 in UTC. `ringfence key create` makes a key for a program, `ringfence operator invite` lets a person log in. What changes something takes a header Idempotency-Key: the same request again gets the same answer.',
    },
    servers: [{ url: BASE }],
    security: [{ key: [] }, { session: [] }],
    tags: [...new Set([...served.map(tagOf), 'session'])].map(name => ({ name })),
    paths: {
      ...pathsOf(served),
      ...Object.fromEntries(streams.map(stream => [stream.path, { get: describedStream(stream) }])),
      ...personalPaths(),
    },
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'a key, rf_…' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-ringfence',
          description: 'of a person who has logged in (sessionBegin); its name is ringfence on plain loopback',
        },
      },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
  });
}

const tagOf = ({ name }: Operation): string => name.split(' ')[0] as string;

/** The operations of each path, by method. */
function pathsOf(served: readonly Operation[]): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const declared of served) {
    const path = PATHS[declared.name] as string;
    paths[path] = { ...paths[path], [methodOf(declared).toLowerCase()]: described(declared) };
  }
  return paths;
}

function described(declared: Operation, isStreamed = false): object {
  const inPath = pathFields(PATHS[declared.name] as string);
  const required: readonly string[] = declared.fields.required ?? [];
  const hasBody = ['POST', 'PATCH'].includes(methodOf(declared)) && !declared.takesFile;
  const isCsv = declared.answer.kind !== 'record' && !isStreamed;
  const asked = isCsv ? askedFields(declared) : declared.fields;
  const fields = Object.entries(asked.properties) as [string, TSchema][];
  const inBody = fields.filter(([name]) => hasBody && !inPath.includes(name));
  const { changes, edits, shownBy } = declared;
  const headers = {
    ...(edits && { ETag: { description: 'the version', schema: { type: 'string' } } }),
    ...(shownBy !== undefined && { Location: { description: 'how far it is', schema: { type: 'string' } } }),
  };
  const type = declared.answer.kind === 'stream' ? LINES_TYPE : 'application/json';
  const content = {
    [type]: { schema: answerSchema(declared) },
    ...(isCsv && { 'text/csv': { schema: { type: 'string' } } }),
  };
  return {
    operationId: operationId(declared),
    tags: [tagOf(declared)],
    summary: declared.help,
    description: `For the roles ${declared.roles.join(', ')}.`,
    parameters: [
      ...fields
        .filter(field => !inBody.includes(field))
        .map(([name, field]) => parameterOf(name, field, inPath.includes(name), required.includes(name))),
      ...(changes ? [IDEMPOTENCY_KEY] : []),
      ...(hasVersions(declared) ? [IF_MATCH] : []),
    ],
    ...(inBody.length > 0 && { requestBody: bodyOf(inBody, required) }),
    ...(declared.takesFile && { requestBody: FILE_BODY }),
    responses: {
      [doneStatus(declared)]: {
        description: shownBy === undefined ? declared.help : `it has been asked for: ${declared.help}`,
        ...(Object.keys(headers).length > 0 && { headers }),
        content,
      },
      ...(declared.waits && { 202: { description: 'written down: it waits for a second person', content } }),
      ...Object.fromEntries(
        [
          ...statusesOf(declared.refusals),
          ...(inPath.length > 0 ? [STATUS_OF_LONG_PATH] : []),
          ...(changes ? statusesOfChange(declared) : []),
        ].map(status => [
          status,
          { description: 'refused', content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } } },
        ]),
      ),
    },
  };
}

/** A client reads on and on: generated ones have to read it as a stream. */
function describedStream({ lists, operationId: name, help, fields, messages }: Stream): object {
  const { parameters, responses, ...shared } = described({ ...lists, fields, help }, true) as {
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

/** Besides those of a body: a file that came too slowly, a key that was used for something else, one in progress, a secret that is not kept. */
const statusesOfChange = ({ showsSecret, takesFile, changes }: Operation): number[] => [
  ...(takesFile ? [408] : []),
  ...STATUSES_OF_BODY,
  422,
  ...(showsSecret || (changes === 'in steps' && !takesFile) ? [409] : []),
];

function parameterOf(name: string, field: TSchema, isInPath: boolean, isRequired: boolean): object {
  const { description, ...schema } = plainSchema(field);
  return {
    name,
    in: isInPath ? 'path' : 'query',
    required: isInPath || isRequired,
    description,
    // Several values are separated by commas.
    ...(schema.type === 'array' && { style: 'form', explode: false }),
    schema: name === 'limit' ? { ...schema, maximum: MOST_ITEMS } : schema,
  };
}

function bodyOf(inBody: readonly [string, TSchema][], required: readonly string[]): object {
  const needed = inBody.map(([name]) => name).filter(name => required.includes(name));
  const schema = {
    type: 'object',
    ...(needed.length > 0 && { required: needed }),
    properties: Object.fromEntries(inBody.map(([name, field]) => [name, plainSchema(field)])),
    additionalProperties: false,
  };
  return { required: needed.length > 0, content: { 'application/json': { schema } } };
}

/** A file is sent as it is. */
const FILE_BODY = { required: true, content: { 'text/csv': { schema: { type: 'string' } } } };

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description:
    'a new one for each change: the same request again, within a week, gets the same answer and changes nothing',
  schema: { type: 'string', minLength: 1, maxLength: 100, pattern: '^[!-~]+$' },
};

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'the ETag that you saw: refused if another change came meanwhile',
  schema: { type: 'string' },
};
