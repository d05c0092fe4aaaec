/** What the API answers for the result of an operation, and the schema of that. Pure. */
import { type Facts, plainJson } from '../operator/facts';
import { isReadByKey, type Operation, rowsOf } from '../operator/operation';
import type { Page } from '../operator/page';
import type { Piece } from './csv-answer';

/** The most items of a page: the process that answers carries calls, and stands still while it writes them. */
export const MOST_ITEMS = 1_000;

/** The schema of an operation's answer. */
export function answerSchema(declared: Operation): object {
  const { answer, help } = declared;
  const isKeyed = isReadByKey(declared);
  switch (answer.kind) {
    case 'record':
      return answer.schema;
    case 'list':
      return {
        type: 'object',
        description: help,
        required: ['items', 'is_more', 'limit', ...(isKeyed ? [] : ['total', 'page'])],
        properties: {
          items: { type: 'array', items: answer.schema },
          total: {
            type: 'integer',
            description: `how many rows there are${isKeyed ? '; if count or a page was asked for' : ''}`,
          },
          total_is_exact: { type: 'boolean', description: 'false if there are more than total' },
          is_more: { type: 'boolean', description: 'whether there may be more behind these' },
          ...(isKeyed && {
            next_cursor: {
              type: 'string',
              description: 'reads on, if given as cursor; even an answer with few items, or none, may have one',
            },
          }),
          since: {
            type: 'string',
            format: 'date-time',
            description: `nothing older was looked at, as there are too many rows${isKeyed ? '; next_cursor, if there is one, reads on' : ''}`,
          },
          page: { type: 'integer', ...(isKeyed && { description: 'if no cursor was given' }) },
          limit: { type: 'integer' },
        },
        additionalProperties: false,
      };
    case 'rows':
      return {
        type: 'object',
        description: help,
        required: ['items', 'is_more'],
        properties: {
          items: { type: 'array', items: answer.schema },
          is_more: { type: 'boolean', description: 'whether there are more rows than these' },
        },
        additionalProperties: false,
      };
    case 'stream':
      return { type: 'string', description: `${help}: one JSON object a line` };
  }
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Where the rows of a stream come as JSON, one a line. */
export const LINES_TYPE = 'application/x-ndjson';

/** The answer as JSON: amounts as decimal texts, times as ISO 8601 in UTC. Not for streams. */
export function answerText({ answer }: Operation, input: Record<string, unknown>, result: unknown): string {
  if (answer.kind === 'rows') {
    const rows = answer.facts(result as never);
    const most = mostRows(input);
    return plainJson({ items: rows.slice(0, most), is_more: rows.length > most }, 0);
  }
  if (answer.kind !== 'list') return plainJson(answer.facts(result as never), 0);
  const { items, total, isMore, since, nextCursor } = result as Page<never>;
  const { limit, offset } = rowsOf(input);
  const isByKey = input.cursor !== undefined || input.count !== undefined;
  const isBehind = isByKey ? nextCursor !== undefined : isMore === true || (total ?? 0) > offset + items.length;
  return plainJson(
    {
      items: items.map(item => answer.facts(item)),
      ...(total !== undefined && { total }),
      ...(isMore && { total_is_exact: false }),
      is_more: isBehind,
      ...(nextCursor !== undefined && { next_cursor: nextCursor }),
      ...(since && { since }),
      ...(!isByKey && { page: offset / limit + 1 }),
      limit,
    },
    0,
  );
}

/**
 * What an operation is asked, so that its result is no longer than an answer: one row more than it shows tells whether there are more. A
 * limit that is wrong stays as it is, for the operation to refuse.
 */
export function bounded({ answer }: Operation, input: Record<string, unknown>): Record<string, unknown> {
  const isRight = input.limit === undefined || (typeof input.limit === 'number' && input.limit >= 1);
  return answer.kind === 'rows' && isRight ? { ...input, limit: mostRows(input) + 1 } : input;
}

const mostRows = ({ limit }: Record<string, unknown>): number => (typeof limit === 'number' ? limit : MOST_ITEMS);

/** The lines of a stream, each a piece. @throws what the stream throws */
export async function* answerLines(
  facts: (item: never) => Facts,
  items: AsyncIterable<unknown>,
): AsyncGenerator<Piece> {
  for await (const item of items) yield { text: `${plainJson(facts(item as never), 0)}\n`, rows: 1 };
}
