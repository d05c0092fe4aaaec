/** The lines of Asterisk's gateway interface (AGI), read and written. No clock, no socket. */

/** What Asterisk reports of the channel when a dialplan reaches `AGI(agi://host/script,argument,…)`. */
export interface AgiRequest {
  /** The path after the host: `authorize`. */
  script: string;
  /** The dialplan's arguments, in order; '' for one that was left out. */
  args: string[];
  uniqueid: string;
  accountcode: string;
  /** The dialled extension. */
  extension: string;
  /** The caller's number; '' for none. */
  callerid: string;
  /** `PJSIP/alice-00000001`. */
  channel: string;
  /** The language of the sounds: `en`. */
  language: string;
}

/** Why a peer's lines are not AGI. Shows no text that a stranger may have chosen. */
export class AgiInvalid extends Error {
  override name = 'AgiInvalid';
}

/** Asterisk sends some twenty lines and up to 127 arguments; scripts here take three. */
export const MOST_ENVIRONMENT_LINES = 60;

const NAME = /^agi_[a-z0-9_]{1,40}$/;

/** Asterisk's word for a caller without a number. */
const UNKNOWN = 'unknown';

/** The last line that is always sent. Only the dialplan's arguments follow it. */
const LAST = 'agi_threadid';
const ARGUMENT = /^agi_arg_(\d{1,3})$/;

/**
 * The request in the lines before the blank one.
 *
 * Strangers choose the dialled number and the caller's name, and Asterisk writes them unchanged, ends of lines included (seen on 22.10.1
 * with `%0a` in the URI). Lines that a stranger adds this way cannot replace the lines that count: no name may come twice, arguments come
 * last and in order, and every line that Asterisk writes must be there. `AgiSession` checks that the stranger did not add the blank line.
 * @throws AgiInvalid
 */
export function requestIn(lines: readonly string[]): AgiRequest {
  const values = new Map<string, string>();
  const args: string[] = [];
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, Math.max(0, at));
    const value = line.slice(at + 1).replace(/^ /, '');
    if (!NAME.test(name)) throw new AgiInvalid('a line of the environment is no agi_name: value');
    const argument = ARGUMENT.exec(name);
    if (values.has(LAST) !== (argument !== null)) throw new AgiInvalid(`${name} is out of its order`);
    if (argument) {
      if (Number(argument[1]) !== args.length + 1) throw new AgiInvalid(`${name} is out of its order`);
      args.push(value);
    } else {
      if (values.has(name)) throw new AgiInvalid(`${name} is there twice`);
      values.set(name, value);
    }
  }
  const told = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new AgiInvalid(`${name} is missing`);
    return value;
  };
  if (told('agi_network') !== 'yes') throw new AgiInvalid('agi_network is not yes');
  told(LAST);
  const callerid = told('agi_callerid');
  return {
    script: told('agi_network_script'),
    args,
    uniqueid: told('agi_uniqueid'),
    accountcode: told('agi_accountcode'),
    extension: told('agi_extension'),
    callerid: callerid === UNKNOWN ? '' : callerid,
    channel: told('agi_channel'),
    language: told('agi_language'),
  };
}

/** Asterisk's reply to a command. */
export interface AgiReply {
  /** 200 done; 510 no such command; 511 not on a channel that is hung up; 520 wrong usage. */
  code: number;
  /** The text after `result=`; '' for none. */
  result: string;
  /** The text in brackets after that; null for none. */
  value: string | null;
}

const REPLY = /^(\d{3}) (?:result=(\S*))?/;
const VALUE = /^\d{3} result=\S* \((.*)\)(?: endpos=\d+)?$/;

/** The reply in a line; null for a line that is no reply. */
export function replyIn(line: string): AgiReply | null {
  const found = REPLY.exec(line);
  if (!found) return null;
  const [, code, result] = found;
  if (code === '200' && result === undefined) return null;
  return { code: Number(code), result: result ?? '', value: VALUE.exec(line)?.[1] ?? null };
}

/** Whether a line begins a reply of several lines. Such a reply ends with a line that begins with the same number and a blank. */
export const beginsLong = (line: string): boolean => /^\d{3}-/.test(line);

/** The longest line that Asterisk takes whole. */
const MOST_COMMAND_BYTES = 2_000;

/**
 * A command as Asterisk takes it, without the end of its line. Every word but the command's own is quoted, so that blanks, quotes and
 * backslashes stand for themselves.
 * @throws Error for a word with an end of line, or for too many words: a bug of ours, because every word was checked before.
 */
export function commandLine(command: string, words: readonly string[]): string {
  const line = [command, ...words.map(quoted)].join(' ');
  if (/[\r\n\0]/.test(line)) throw new Error(`a word of the AGI command ${command} holds the end of a line`);
  if (Buffer.byteLength(line) > MOST_COMMAND_BYTES) throw new Error(`the AGI command ${command} is too long`);
  return line;
}

const quoted = (word: string): string => `"${word.replace(/[\\"]/g, '\\$&')}"`;
