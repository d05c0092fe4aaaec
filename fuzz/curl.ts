/** A request as a line that a person can send again, without what is secret in it. Pure. */
import type { Request } from './requests';

const SECRET_HEADERS: Readonly<Record<string, string>> = {
  authorization: 'Bearer $KEY',
  cookie: '$COOKIE',
  'x-csrf-token': '$CSRF_TOKEN',
};

/** What only its holder knows: codes, passwords, tokens. */
const SECRET_FIELD = /("(?:password|new_password|code|token|secret|pin)":)"(?:[^"\\]|\\.)*"/g;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `headers`: all that are sent. Bytes that are no text come as \x… for printf. */
export function curlOf(
  { method, path, body }: Pick<Request, 'method' | 'path' | 'body'>,
  headers: readonly (readonly [string, string])[],
  base: string,
): string {
  const shown = headers.map(([name, value]) => ` -H ${quoted(`${name}: ${SECRET_HEADERS[name] ?? value}`)}`);
  const [before, data] = body === null ? ['', ''] : dataOf(body);
  return `${before}curl -i --path-as-is -X ${method} ${quoted(base + path)}${shown.join('')}${data}`;
}

function dataOf(body: Buffer): [before: string, data: string] {
  const text = body.toString();
  if (Buffer.from(text).equals(body)) return ['', ` --data-binary ${quoted(text.replaceAll(SECRET_FIELD, '$1"…"'))}`];
  const bytes = [...body].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`);
  return [`printf '${bytes.join('')}' | `, ' --data-binary @-'];
}
