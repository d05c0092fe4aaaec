/** What an operator may do. Each operation is declared once: the command line is derived from it, and so will be every other way in. */
import { type Static, type TObject, type TSchema, type TUnsafe, Type } from 'typebox';
import type { RowStream } from '../database/row-stream';
import type { Lent, OperatorRequest, Service } from './acting';
import type { Cell } from './csv';
import { keyIn, type ListOrder } from './cursor';
import type { Facts } from './facts';
import { invalid } from './fields';
import { type OperatorRefusal, Refused } from './operator-refusal';
import { MOST_ROWS, type Page, type PageRequest } from './page';
import { check, instant, whole } from './schema';

/** The roles of operators: `read` looks, `support` helps customers, `cashier` takes money, `prices` sets prices and routes, `admin` may do everything. */
export const OPERATOR_ROLES = ['read', 'support', 'cashier', 'prices', 'admin'] as const;

/** `customer` sees one account alone, and has operations of its own: what is added to an operator's answer is not shown to it by that. */
export const ROLES = [...OPERATOR_ROLES, 'customer'] as const;

export type Role = (typeof ROLES)[number];

/** How the result is shown. `facts` is for a machine, and complete; `schema` describes it. */
export type Answer<Result, Shape extends TSchema = TUnsafe<Facts>> =
  | {
      kind: 'record';
      schema: Shape;
      facts(result: Result): Static<Shape>;
      /** One sentence for a person; if not given, the facts are shown. `instantText`: an instant in that person's zone. */
      says?(result: Result, instantText: (at: Date) => string): string;
    }
  | {
      kind: 'list';
      schema: Shape;
      facts(item: ItemOf<Result>): Static<Shape>;
      /** What one line shows of an item; its facts if not given. */
      line?(item: ItemOf<Result>): Facts;
      /** The text for an empty list; a function if the text depends on the filters. */
      none: string | ((input: Readonly<Record<string, unknown>>) => string);
    }
  | {
      /** All rows at once, in a table whose columns depend on the input. */
      kind: 'rows';
      schema: Shape;
      facts(result: Result): Static<Shape>[];
      /** The text for no rows. */
      none: string;
    }
  | {
      /** Very many items, one after another: for a spreadsheet, and for a machine that reads line by line. */
      kind: 'stream';
      schema: Shape;
      facts(item: StreamedOf<Result>): Static<Shape>;
      /** What a row shows of an item; its facts if not given. */
      line?(item: StreamedOf<Result>): Facts;
    };

type ItemOf<Result> = Result extends Page<infer Item> ? Item : never;
type StreamedOf<Result> = Result extends AsyncIterable<infer Item> ? Item : never;

/** Whether a change may be tried: what `run` gets then, and what follows the change, with why it was refused; or how long it must wait. */
export type Admitted =
  | { lent: Pick<Lent, 'codeHashes'>; ended(refusal: OperatorRefusal | null): Promise<void> }
  | { waitSeconds: number };

export interface Operation<Fields extends TObject = TObject, Result = unknown, Shape extends TSchema = TUnsafe<Facts>> {
  /** A noun and a verb: `account set`. The noun alone if it has only one operation: `status`. */
  name: string;
  /** What it does, in a half sentence. */
  help: string;
  /** A command line without the program's name; empty for what has no command. */
  example: string;
  roles: readonly Role[];
  fields: Fields;
  /** The fields that a command line gives by position, in order. The others are options. */
  arguments: readonly (keyof Static<Fields> & string)[];
  /** What it may refuse besides `field_invalid`, which every operation may. */
  refusals: readonly OperatorRefusal[];
  /**
   * How it changes something; not given if it only looks. `at once`: in one transaction, its caller's if `database` is one. `in steps`: in
   * several, or outside of the database; the same again does what is left to do, and nothing twice. It may end between two of them when the signal
   * of `acting` is aborted.
   */
  changes?: 'at once' | 'in steps';
  /**
   * It looks for longer than others, in many statements: over HTTP it gets the connections for files in place of those that other requests wait
   * for. It ends when the signal of `acting` is aborted.
   */
  isLong?: true;
  /**
   * What takes long of a change that is made `at once`, and changes nothing: over HTTP it is done before the transaction, which would last as long,
   * with the connections of `isLong`. It refuses nothing: `run` does. @throws DatabaseFault; the reason of `signal`
   */
  prepare?(acting: Pick<OperatorRequest, 'database' | 'signal'>, input: Static<Fields>): Promise<void>;
  /** It reads a file that comes with the request (`Lent.file`). */
  takesFile?: true;
  /** Its answer holds a secret that is shown this once. */
  showsSecret?: true;
  /** Whether the change is only written down, and waits for a second person. */
  waits?(result: Result): boolean;
  /** The name of the operation that shows how far it is, if it only begins what goes on after its answer. */
  shownBy?: string;
  /** What operators edit of the thing that it answers with: two states that differ in this are two versions. */
  edits?(result: Result): Facts;
  /**
   * Whether the change may be tried now, asked over HTTP before its transaction: what is counted stays counted, also if the change is refused.
   * @throws Refused with one of `refusals`; DatabaseFault.
   */
  admit?(acting: OperatorRequest, input: Static<Fields>): Promise<Admitted>;
  /**
   * What follows when its change is committed, outside of every transaction: a mail. Returns the result as it is answered. Never rejects.
   * The caller of `perform` may have a transaction of its own to commit, and therefore calls this itself (`finished`).
   */
  afterwards?(service: Service, result: Result, input: Static<Fields>): Promise<Result>;
  /** @throws Refused with one of `refusals`; DatabaseFault. */
  run(acting: OperatorRequest, input: Static<Fields>): Promise<Result>;
  /** The same row after row, while they are read, for a table that may be long. Ends when the signal of `acting` is aborted, and needs one. */
  read?(acting: OperatorRequest, input: Static<Fields>): Promise<RowStream<Cell>>;
  answer: Answer<Result, Shape>;
}

/** Whether it edits what has a version, and refuses to where an editor knows another one (`ifMatch`). */
export const hasVersions = ({ refusals }: Pick<Operation, 'refusals'>): boolean =>
  refusals.includes('changed_meanwhile');

/** Whether customers do it. They have no shell: it has no command. */
export const isOfCustomers = ({ roles }: Pick<Operation, 'roles'>): boolean => roles.includes('customer');

/** Lets TypeScript infer the types of a declaration. */
export const operation = <Fields extends TObject, Result, Shape extends TSchema>(
  declared: Operation<Fields, Result, Shape>,
): Operation => declared as unknown as Operation;

/**
 * Checks the fields, then runs the operation.
 * @throws Refused, also field_invalid with every problem at once; DatabaseFault; Error if the operation refuses what it does not declare.
 */
export const perform = (
  declared: Operation,
  acting: OperatorRequest,
  input: Record<string, unknown>,
): Promise<unknown> => performed(declared, input, () => declared.run(acting, input));

/** Does what follows when the change is committed. Returns the result as it is answered. */
export const finished = async (
  { afterwards }: Pick<Operation, 'afterwards'>,
  service: Service,
  { result, input }: { result: unknown; input: Record<string, unknown> },
): Promise<unknown> => (afterwards ? afterwards(service, result, input) : result);

/** The same row after row, for an operation that can be read so. */
export const performInRows = (
  declared: Operation & Required<Pick<Operation, 'read'>>,
  acting: OperatorRequest,
  input: Record<string, unknown>,
): Promise<RowStream<Cell>> => performed(declared, input, () => declared.read(acting, input));

async function performed<Result>(
  declared: Operation,
  input: Record<string, unknown>,
  run: () => Promise<Result>,
): Promise<Result> {
  check(declared.fields, input);
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.refusal === 'field_invalid' || declared.refusals.includes(error.refusal)) throw error;
    throw new Error(`${declared.name} refused ${error.refusal}, which it does not declare: ${error.detail}`, {
      cause: error,
    });
  }
}

/** The fields of a list's pages, besides its filters. */
export const PAGE = {
  limit: Type.Optional(
    whole(1, MOST_ROWS, { description: 'rows of a page; 20 if not given', unit: 'rows', example: 50 }),
  ),
  page: Type.Optional(whole(1, 1_000_000, { description: 'which page, from 1', unit: 'number', example: 2 })),
};

/** The fields of a time, as filters of a list of `things`. */
export const between = (things: string) => ({
  from: Type.Optional(
    instant({
      description: `only ${things} then or later, such as 2026-11-01 in your zone (TZ)`,
      unit: 'time',
      example: '2026-11-01T00:00:00Z',
    }),
  ),
  to: Type.Optional(
    instant({ description: `only ${things} before then`, unit: 'time', example: '2026-12-01T00:00:00Z' }),
  ),
});

/** The time that they name. */
export const betweenOf = ({ from, to }: { from?: string; to?: string }): { from?: Date; to?: Date } => ({
  ...(from !== undefined && { from: new Date(from) }),
  ...(to !== undefined && { to: new Date(to) }),
});

/** The rows that a page's fields select. */
export const rowsOf = ({ limit = 20, page = 1 }: { limit?: number; page?: number }): PageRequest => ({
  limit,
  offset: (page - 1) * limit,
});

/** Whether a list can be read on from a cursor. */
export const isReadByKey = ({ fields: { properties } }: Pick<Operation, 'fields'>): boolean => 'cursor' in properties;

/** Whether a field is for programs alone. A person turns pages, and is told how long the list is. */
export const isForPrograms = (declared: Pick<Operation, 'fields'>, name: string): boolean =>
  isReadByKey(declared) && (name === 'cursor' || name === 'count');

/** The same of a list that is also read by key: so it is if a cursor is given, or whether to count. @throws Refused field_invalid */
export function keyedRowsOf(
  order: ListOrder,
  { cursor, count, ...page }: { limit?: number; page?: number; cursor?: string; count?: boolean },
): PageRequest {
  if (cursor === undefined && count === undefined) return rowsOf(page);
  if (page.page !== undefined) throw invalid('page', page.page, 'goes with neither cursor nor count: leave it out');
  const after = cursor === undefined ? null : keyIn(order, cursor);
  if (cursor !== undefined && after === null) {
    throw invalid('cursor', cursor.slice(0, 40), 'is of this list with another filter: ask as you did when you got it');
  }
  return { ...rowsOf(page), byKey: { after, isCounted: count === true } };
}

/** The same fields, all optional: what a `set` may change. */
export const optionalOf = <Schemas extends Record<string, TSchema>>(schemas: Schemas) =>
  Object.fromEntries(Object.entries(schemas).map(([name, field]) => [name, Type.Optional(field)])) as unknown as {
    [Name in keyof Schemas]: ReturnType<typeof Type.Optional<Schemas[Name]>>;
  };

/** The fields of an operation. Other fields are refused. */
export const fields = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
