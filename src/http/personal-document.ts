/** How the OpenAPI document describes what a person asks about the person's own session. Pure. */
import { OPERATOR_REFUSALS } from '../operator/operator-refusal';
import { CSRF_HEADER, PERSONAL_PATHS, type PersonalPath } from './personal-paths';
import { plainSchema } from './plain-schema';
import { PROBLEM_TYPE, STATUS_OF_LONG_PATH, STATUSES_OF_BODY } from './problem';

/** The paths, each with its methods. */
export function personalPaths(): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, declared] of Object.entries(PERSONAL_PATHS)) {
    const methods = paths[declared.path] ?? {};
    paths[declared.path] = { ...methods, [declared.method.toLowerCase()]: described(name, declared) };
  }
  return paths;
}

function described(
  operationId: string,
  { method, path, help, fields, isOpen, statuses, refusals, answer }: PersonalPath,
) {
  const changes = method !== 'GET';
  const refused = [
    ...new Set([
      400,
      429,
      ...(isOpen ? [] : [401, ...(changes ? [403] : [])]),
      ...(changes ? STATUSES_OF_BODY : []),
      ...(path.includes('{') ? [STATUS_OF_LONG_PATH] : []),
      ...statuses,
      ...refusals.map(refusal => OPERATOR_REFUSALS[refusal].status),
      503,
    ]),
  ];
  const parameters = [
    ...(changes && !isOpen
      ? [{ name: CSRF_HEADER, in: 'header', required: true, description: 'csrf_token of the session', schema: TEXT }]
      : []),
    ...(method === 'DELETE'
      ? Object.entries(fields.properties).map(([name, schema]) => ({
          name,
          in: 'path',
          required: true,
          schema: plainSchema(schema),
        }))
      : []),
  ];
  return {
    operationId,
    tags: ['session'],
    summary: help,
    security: isOpen ? [] : [{ session: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(method === 'POST' && {
      requestBody: { required: true, content: { 'application/json': { schema: plainSchema(fields) } } },
    }),
    responses: {
      ...(answer
        ? { 200: { description: help, content: { 'application/json': { schema: plainSchema(answer) } } } }
        : { 204: { description: help } }),
      ...Object.fromEntries(
        refused.map(status => [
          status,
          {
            description: 'refused',
            content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
      ),
    },
  };
}

const TEXT = { type: 'string' } as const;
