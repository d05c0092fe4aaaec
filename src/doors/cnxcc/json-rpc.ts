/** JSON-RPC 2.0 over HTTP: the envelope of requests and answers. Pure. */
import { hasNameTwice } from '../json-names';

export type RpcId = string | number | null;

export type RpcParams = readonly unknown[] | Readonly<Record<string, unknown>>;

export interface RpcRequest {
  /** undefined for a notification, which gets no answer. */
  id: RpcId | undefined;
  method: string;
  params: RpcParams;
}

/** Why something is not done. `code`: of JSON-RPC, or of the command; `status`: of HTTP. */
export class RpcError extends Error {
  override name = 'RpcError';
  constructor(
    readonly code: number,
    readonly status: number,
    /** One harmless line. */
    message: string,
    /** One word of ours, for the log and the metrics. */
    readonly reason = 'message_invalid',
  ) {
    super(message);
  }
}

/** One request of a message, or its error. `id` is null if none can be read. */
export type Asked = RpcRequest | { id: RpcId; error: RpcError };

export interface Message {
  isBatch: boolean;
  asked: Asked[];
}

const MOST_IN_BATCH = 20;
const LONGEST_ID = 128;
const LONGEST_METHOD = 64;

const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** The requests in a body. @throws RpcError if no part of it can be understood. */
export function messageIn(body: Buffer): Message {
  const json = jsonIn(body);
  if (!Array.isArray(json)) return { isBatch: false, asked: [askedBy(json)] };
  if (json.length === 0 || json.length > MOST_IN_BATCH) {
    throw invalidRequest(`a batch has ${json.length} requests: send 1 to ${MOST_IN_BATCH}`);
  }
  return { isBatch: true, asked: json.map(askedBy) };
}

function jsonIn(body: Buffer): unknown {
  let text: string;
  let json: unknown;
  try {
    // Bytes that are not UTF-8 are refused: decoding would change the text.
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    json = JSON.parse(text);
  } catch {
    throw new RpcError(PARSE_ERROR, 400, 'the body is no JSON in UTF-8: write what stands in it with {val.json}');
  }
  if (hasNameTwice(text)) {
    throw invalidRequest('a name stands twice in one object: write what stands in it with {val.json}');
  }
  return json;
}

function askedBy(json: unknown): Asked {
  if (!isObject(json)) return { id: null, error: invalidRequest('a request is no object') };
  const { id, jsonrpc, method, params = [] } = json;
  if (!(id === undefined || isId(id))) {
    return {
      id: null,
      error: invalidRequest(`id is no number, no null and no text of at most ${LONGEST_ID} characters`),
    };
  }
  const wrong = (message: string): Asked => ({ id: id ?? null, error: invalidRequest(message) });
  if (jsonrpc !== '2.0') return wrong('jsonrpc is not "2.0"');
  if (typeof method !== 'string' || method.length > LONGEST_METHOD) {
    return wrong(`method is no text of at most ${LONGEST_METHOD} characters`);
  }
  if (!Array.isArray(params) && !isObject(params)) return wrong('params are neither an array nor an object');
  return { id, method, params };
}

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

const isId = (id: unknown): id is RpcId =>
  id === null || (typeof id === 'string' ? id.length <= LONGEST_ID : Number.isFinite(id));

const invalidRequest = (message: string): RpcError => new RpcError(INVALID_REQUEST, 400, message);

/** The text of an answer. The part that a script without a JSON parser searches for stands at its end. */
export const answerWith = (id: RpcId, result: unknown): string => JSON.stringify({ jsonrpc: '2.0', id, result });

export const answerWithError = (id: RpcId, { code, message }: RpcError): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { message, code } });
