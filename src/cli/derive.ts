/** The command line of the declared operations. Arguments, options, help and example of a command come from its declaration. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { DateTime } from 'luxon';
import type { TSchema } from 'typebox';
import type { Lent } from '../operator/acting';
import { CsvWriter } from '../operator/csv';
import { finished, isForPrograms, type Operation, perform, rowsOf } from '../operator/operation';
import { Refused } from '../operator/operator-refusal';
import type { Page } from '../operator/page';
import { isSecret, numberIn, withoutNone } from '../operator/schema';
import { addCommand, type Context, withDatabase } from './command';
import { Progress } from './progress';
import { factText } from './table';
import { printable, type Terminal } from './terminal';

/** What only the terminal adds to a command: its own options, another way to show the result, and what it lends to the operation. */
export interface Presented {
  /** The whole text for a person, with its line ends. A machine gets the facts. */
  text?(result: never, input: Record<string, unknown>): string;
  addOptions?(command: Command): Command;
  /** Reads those options before the operation runs. @throws Refused field_invalid */
  prepare?(
    options: Record<string, unknown>,
  ): (context: Context, input: Record<string, unknown>, result: never) => Promise<void>;
  /**
   * Runs the operation by `run`, with what it lends to it, such as a file. Returns the operation's result. `given`: what of the command
   * line is not a field of the operation.
   */
  lend?<Result>(
    context: Context,
    given: { options: Record<string, unknown>; places: readonly unknown[] },
    run: (lent: Lent) => Promise<Result>,
  ): Promise<Result>;
}

/** What the nouns of commands mean, in a half sentence. */
const NOUNS: Record<string, string> = {
  card: 'calling cards: PINs that stand for accounts',
  voucher: 'vouchers: codes that add money to an account, once',
  account: 'accounts: who pays',
  ledger: 'movements of money',
  pool: 'groups of calls that the dialplan made: Stasis(…,customer=…,max_credit=…)',
  caller: 'callers: numbers that need no PIN. Numbers can be forged',
  deck: 'rate decks: what calls cost',
  trunk: 'trunks: the carriers that calls are sent to',
  route: 'routes: which trunks carry which numbers',
  rate: 'prices',
  schedule: 'schedules: the hours in which lines of price lists count',
  holiday: 'holidays: days of the calendars that schedules name',
  call: 'calls, in progress and ended',
  reservation: 'money that is ring-fenced for calls in progress',
  event: 'what changed: events as webhooks are told them',
  webhook: 'webhooks: who is told of events',
  key: "keys of the operator's API: programs that may use it",
  operator: "people who may use the operator's API",
  session: 'people who are logged in',
  cashier: 'cashiers: how much they may top up in a day',
  approval: 'movements of money that need a second person',
  audit: 'the audit trail: what operators changed',
  job: 'proofs of the books that a service makes, with their results',
};

/** The command of a noun. Its verbs are subcommands. */
export function nounOf(program: Command, noun: string): Command {
  const known = program.commands.find(command => command.name() === noun);
  return known ?? program.command(noun).description(NOUNS[noun] ?? noun);
}

/** Adds a command for each operation. `presented`: the commands to which the terminal adds something. */
export function addOperations(
  program: Command,
  terminal: Terminal,
  operations: readonly Operation[],
  presented: Readonly<Record<string, Presented>> = {},
): void {
  for (const declared of operations) addOperation(program, terminal, declared, presented[declared.name]);
}

function addOperation(program: Command, terminal: Terminal, declared: Operation, presented?: Presented): void {
  const [noun = '', verb = ''] = declared.name.split(' ');
  const required: readonly string[] = declared.fields.required ?? [];
  const places = declared.arguments.map(name => {
    const field = declared.fields.properties[name] as { type?: string };
    const place = field.type === 'array' ? `${name}...` : name;
    return required.includes(name) ? `<${place}>` : `[${place}]`;
  });
  const parent = verb === '' ? program : nounOf(program, noun);
  const usage = [verb || noun, ...places].join(' ');
  const command = addCommand(parent, usage, declared.help, declared.example);
  for (const [name, field] of Object.entries(declared.fields.properties)) {
    if (declared.arguments.includes(name) || isForPrograms(declared, name)) continue;
    addField(command, name, field as TSchema, required.includes(name));
  }
  presented?.addOptions?.(command);
  command.action(
    withDatabase(terminal, async (context, ...given: unknown[]) => {
      const options = given.pop() as Record<string, unknown>;
      const input = inputOf(declared, given, options, terminal);
      const tell = presented?.prepare?.(options);
      const run = (lent: Lent) => performWith(declared, context, input, lent);
      const places = given.slice(declared.arguments.length);
      const result = presented?.lend ? await presented.lend(context, { options, places }, run) : await run({});
      if (tell) await tell(context, input, result as never);
      else if (presented?.text && !context.print.json) terminal.out(presented.text(result as never, input));
      else await print(declared, context, input, result);
    }),
  );
}

/** Runs an operation, and shows how far it is. */
async function performWith(
  declared: Operation,
  { acting, terminal }: Context,
  input: Record<string, unknown>,
  lent: Lent,
): Promise<unknown> {
  const progress = new Progress(terminal);
  const onProgress = (done: number, count: number | null) =>
    progress.show(() => ({
      share: count === null ? null : done / count,
      text: count === null ? `${done}` : `${done} of ${count}`,
    }));
  try {
    const result = await perform(declared, { ...acting, onProgress, ...lent }, input);
    return await finished(declared, acting.service, { result, input });
  } finally {
    progress.end();
  }
}

const optionOf = (name: string): string => name.replaceAll('_', '-');

/** The name under which commander keeps an option's value: `--credit-limit` is creditLimit. */
const keyOf = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function addField(command: Command, name: string, field: TSchema, isRequired: boolean): void {
  const { inner, canBeNone } = withoutNone(field);
  const { description = '', 'x-unit': unit = name } = field as { description?: string; 'x-unit'?: string };
  const option = isSecret(inner) ? `--${optionOf(name)}-file` : `--${optionOf(name)}`;
  if ((inner as { type?: string }).type === 'boolean') {
    command.option(option, description);
    return;
  }
  const words = (inner as { enum?: string[] }).enum ?? [];
  const isSaid = words.every(word => description.includes(word));
  const choice = isSaid ? '' : `: ${words.join(', ')}`;
  const none = canBeNone && !/\bnone for\b/.test(description) ? '; or none' : '';
  const [value, help] = isSecret(inner)
    ? ['path', `a file, or - for standard input, with ${description}: others would see an argument`]
    : [unit, `${description}${choice}${none}${hintOf(field, inner, description)}`];
  if (isRequired) command.requiredOption(`${option} <${value}>`, help);
  else command.option(`${option} <${value}>`, help);
}

/** The range of a number, or an example, if the description of a field has neither: ` (1 to 3650)`. */
function hintOf(field: TSchema, inner: TSchema, description: string): string {
  const { minimum, maximum, enum: words } = inner as { minimum?: number; maximum?: number; enum?: string[] };
  if (words) return '';
  if (minimum !== undefined && maximum !== undefined) {
    const isSaid = description.includes(String(minimum)) && description.includes(String(maximum));
    return isSaid ? '' : ` (${minimum} to ${maximum})`;
  }
  const example = String((field as { examples?: unknown[] }).examples?.[0] ?? '');
  return description.includes('such as') || description.includes(example) ? '' : ` (such as ${example})`;
}

/** The fields of an operation, as a command line gives them. @throws Refused field_invalid; file_invalid if a secret's file cannot be read */
function inputOf(
  declared: Operation,
  given: readonly unknown[],
  options: Record<string, unknown>,
  terminal: Terminal,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(declared.fields.properties)) {
    if (isSecret(field as TSchema)) {
      const path = options[keyOf(`${name}_file`)];
      if (path !== undefined) input[name] = secretIn(`${name}_file`, path as string, terminal);
      continue;
    }
    const place = declared.arguments.indexOf(name);
    const text = place < 0 ? options[keyOf(name)] : given[place];
    const isGiven = text !== undefined && !(Array.isArray(text) && text.length === 0);
    if (isGiven) input[name] = valueIn(field as TSchema, text);
  }
  return input;
}

/** The content of a file, or of standard input, without its last line end. @throws Refused file_invalid */
function secretIn(option: string, path: string, terminal: Terminal): string {
  try {
    return (path === '-' ? terminal.input() : readFileSync(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Refused('file_invalid', `${option} ${JSON.stringify(path)} cannot be read (${why}): correct the path`);
  }
}

/** The value that a text of a command line stands for. Any other text stays as it is, and the field's own check refuses it. */
function valueIn(field: TSchema, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  const { inner, canBeNone } = withoutNone(field);
  if (canBeNone && text === 'none') return null;
  const shape = inner as { type?: string; format?: string; items?: TSchema };
  if (shape.type === 'integer') return numberIn(inner, text);
  if (shape.format === 'date-time') return instantIn(text);
  if (shape.type !== 'array') return text;
  const words = text.split(',').map(word => word.trim());
  return words.map(word => valueIn(shape.items ?? {}, word));
}

/** A text as ISO 8601 in UTC. A text without a zone is in the user's zone (TZ). */
function instantIn(text: string): string {
  const time = DateTime.fromISO(text);
  return time.isValid ? time.toUTC().toISO() : text;
}

async function print(
  declared: Operation,
  { print: printer, terminal }: Context,
  input: Record<string, unknown>,
  result: unknown,
): Promise<void> {
  const { answer } = declared;
  if (answer.kind === 'list') {
    const { items, ...count } = result as Page<never>;
    const fact = printer.json ? answer.facts : (answer.line ?? answer.facts);
    printer.list(
      { items: items.map(item => fact(item)), ...count },
      rowsOf(input),
      typeof answer.none === 'string' ? answer.none : answer.none(input),
    );
    return;
  }
  if (answer.kind === 'rows') {
    printer.rows(answer.facts(result as never), answer.none);
    return;
  }
  if (answer.kind === 'stream') {
    const writer = new CsvWriter();
    let isFirst = true;
    for await (const item of result as AsyncIterable<never>) {
      if (printer.json) {
        printer.line(answer.facts(item));
        continue;
      }
      const row = (answer.line ?? answer.facts)(item);
      terminal.out((isFirst ? writer.line(Object.keys(row)) : '') + writer.line(Object.values(row)));
      isFirst = false;
    }
    return;
  }
  const facts = answer.facts(result as never);
  if (answer.says) printer.done(printable(answer.says(result, factText)), facts);
  else printer.record(facts);
}
