/**
 * XML-RPC as SEMS speaks it: a strict reader and a writer. Pure.
 *
 * Our own code instead of a package: only fourteen elements without attributes must be read. An XML parser would bring a DTD, entities,
 * namespaces and attributes, and each would have to be forbidden again. Any other element is refused by name. The reader makes one pass
 * from left to right. The caller bounds the length and MOST_DEPTH the depth, and so the work.
 */

/** A value as it was sent. An integer is safe (below 2^53); its XML-RPC type does not matter. */
export type XmlRpcValue = string | number | boolean | XmlRpcValue[] | Map<string, XmlRpcValue>;

export interface XmlRpcCall {
  method: string;
  params: XmlRpcValue[];
}

/** What is wrong with a message, in our own words: it quotes nothing of the message. */
export class XmlRpcError extends Error {
  override name = 'XmlRpcError';
}

/** SEMS nests four values; a few more are allowed. */
const MOST_DEPTH = 8;
const MOST_PARAMS = 16;
const METHOD = /^[A-Za-z0-9_.:/]{1,80}$/;

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

/** Characters that XML 1.0 allows in no document. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

/**
 * The call in a message.
 * @throws XmlRpcError for bytes that are not UTF-8, for anything but one methodCall of string (typed or bare), i4, int, i8, boolean,
 * array and struct, and for a member that comes twice.
 */
export function readCall(message: Uint8Array): XmlRpcCall {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(message);
  } catch {
    throw new XmlRpcError('it is not UTF-8');
  }
  if (FORBIDDEN.test(text)) throw new XmlRpcError('it holds a control character');
  return new Reader(text).call();
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  call(): XmlRpcCall {
    const declaration = /^<\?xml [^<>?]{0,100}\?>/.exec(this.text);
    if (declaration) this.at = declaration[0].length;
    this.open('methodCall');
    this.open('methodName');
    const method = this.content().trim();
    this.close('methodName');
    if (!METHOD.test(method)) throw new XmlRpcError('its methodName is no name');
    const params: XmlRpcValue[] = [];
    if (this.skipsEmpty('params')) {
      // A call may have no arguments.
    } else if (this.next('params')) {
      while (this.next('param')) {
        if (params.length === MOST_PARAMS) throw new XmlRpcError(`it has more than ${MOST_PARAMS} params`);
        params.push(this.value(1));
        this.close('param');
      }
      this.close('params');
    }
    this.close('methodCall');
    this.blank();
    if (this.at < this.text.length) throw new XmlRpcError('something follows the methodCall');
    return { method, params };
  }

  private value(depth: number): XmlRpcValue {
    if (depth > MOST_DEPTH) throw new XmlRpcError(`its values are nested more than ${MOST_DEPTH} deep`);
    if (this.skipsEmpty('value')) return '';
    this.open('value');
    // A value without a type is a string, blanks included.
    const bare = this.content();
    if (this.text.startsWith('</', this.at)) {
      this.close('value');
      return bare;
    }
    if (bare.trim() !== '') throw new XmlRpcError('a value holds text beside its type');
    const value = this.typed(depth);
    this.close('value');
    return value;
  }

  private typed(depth: number): XmlRpcValue {
    if (this.skipsEmpty('string')) return '';
    if (this.next('string')) {
      const text = this.content();
      this.close('string');
      return text;
    }
    for (const type of ['i4', 'int', 'i8']) {
      if (!this.next(type)) continue;
      const digits = this.content().trim();
      this.close(type);
      const number = /^[+-]?\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
      if (!Number.isSafeInteger(number)) throw new XmlRpcError(`an ${type} is no whole number below 2^53`);
      return number === 0 ? 0 : number;
    }
    if (this.next('boolean')) {
      const digit = this.content().trim();
      this.close('boolean');
      if (digit !== '0' && digit !== '1') throw new XmlRpcError('a boolean is neither 0 nor 1');
      return digit === '1';
    }
    if (this.next('array')) return this.array(depth);
    if (this.next('struct')) return this.struct(depth);
    throw new XmlRpcError('a value has a type other than string, i4, int, i8, boolean, array and struct');
  }

  private array(depth: number): XmlRpcValue[] {
    const values: XmlRpcValue[] = [];
    if (!this.skipsEmpty('data')) {
      this.open('data');
      while (this.isAt('<value>') || this.isAt('<value/>')) values.push(this.value(depth + 1));
      this.close('data');
    }
    this.close('array');
    return values;
  }

  private struct(depth: number): Map<string, XmlRpcValue> {
    const members = new Map<string, XmlRpcValue>();
    while (this.next('member')) {
      this.open('name');
      const name = this.content();
      this.close('name');
      if (members.has(name)) throw new XmlRpcError('a struct has a member twice');
      members.set(name, this.value(depth + 1));
      this.close('member');
    }
    this.close('struct');
    return members;
  }

  /** The text up to the next tag, with its entities replaced. */
  private content(): string {
    const end = this.text.indexOf('<', this.at);
    if (end < 0) throw new XmlRpcError('it ends too early');
    const raw = this.text.slice(this.at, end);
    this.at = end;
    return raw.replace(/&([^;&]{0,8};?)/g, (_, name: string) => {
      const character = name.endsWith(';') ? ENTITIES[name.slice(0, -1)] : undefined;
      if (character === undefined)
        throw new XmlRpcError('it has an & that begins none of &lt; &gt; &amp; &apos; &quot;');
      return character;
    });
  }

  private blank(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? 'x')) this.at++;
  }

  private isAt(tag: string): boolean {
    this.blank();
    return this.text.startsWith(tag, this.at);
  }

  private takes(tag: string): boolean {
    if (!this.isAt(tag)) return false;
    this.at += tag.length;
    return true;
  }

  private next(element: string): boolean {
    return this.takes(`<${element}>`);
  }

  private skipsEmpty(element: string): boolean {
    return this.takes(`<${element}/>`);
  }

  private open(element: string): void {
    if (!this.next(element)) throw new XmlRpcError(`<${element}> is missing`);
  }

  private close(element: string): void {
    if (!this.takes(`</${element}>`)) throw new XmlRpcError(`</${element}> is missing`);
  }
}

/** A value that an answer may hold. */
export type XmlRpcResult = number | boolean | XmlRpcResult[];

/** The message that answers a call with one value. */
export const writeResponse = (result: XmlRpcResult): string =>
  message(`<params><param>${valueElement(result)}</param></params>`);

/** The message that says why a call was not done; `text` is in our own words. */
export const writeFault = (code: number, text: string): string =>
  message(
    `<fault><value><struct><member><name>faultCode</name><value><int>${code}</int></value></member>` +
      `<member><name>faultString</name><value><string>${escaped(text)}</string></value></member></struct></value></fault>`,
  );

const message = (content: string): string => `<?xml version="1.0"?>\r\n<methodResponse>${content}</methodResponse>\r\n`;

function valueElement(result: XmlRpcResult): string {
  if (typeof result === 'number') return `<value><int>${result}</int></value>`;
  if (typeof result === 'boolean') return `<value><boolean>${result ? 1 : 0}</boolean></value>`;
  return `<value><array><data>${result.map(valueElement).join('')}</data></array></value>`;
}

const escaped = (text: string): string =>
  text.replace(/[<>&]/g, character => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[character] as string);
