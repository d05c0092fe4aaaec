import type { Connection } from 'mysql2/promise';
import type { Sql } from './rows';

/** The part of a connection that sends packets. mysql2's types leave out the connection behind its promises. */
export type PacketConnection = Pick<Connection, 'format' | 'query'> & {
  connection?: { query(text: string, answered: (error: object | null, results: unknown) => void): PacketCommand };
};

/** `_resultIndex`: which statement of the packet is being answered. mysql2 exposes it nowhere else. */
interface PacketCommand {
  _resultIndex?: number;
}

/**
 * Asks several questions in one round trip, on Galera in one for each: the statements that `ask` gives to its `sql` at once, in their
 * order. Resolves with their answers.
 *
 * Sends nothing if one of the questions cannot be composed. The first statement that the server refuses ends the packet: those behind it do
 * not run, and what ran before it stays until the transaction is rolled back. Assumes a connection of `openConnection` that takes packets,
 * and questions that need no answer of an earlier one: a question after the packet was sent is an error.
 */
export async function inOnePacket<const Answers extends readonly Promise<unknown>[]>(
  connection: PacketConnection,
  ask: (sql: Sql) => Answers,
): Promise<{ -readonly [Index in keyof Answers]: Awaited<Answers[Index]> }> {
  const statements: string[] = [];
  let send: (sent: Promise<unknown[]>) => void = () => undefined;
  const sent = new Promise<unknown[]>(resolve => {
    send = resolve;
  });
  let isSent = false;
  const query = async (text: string, values: unknown[] = []) => {
    if (isSent) throw new Error(`asked after its packet was sent: ${text}`);
    const index = statements.push(connection.format(text, values)) - 1;
    return [(await sent)[index], []];
  };
  const answers = ask({ query } as unknown as Sql);
  const failures: unknown[] = [];
  for (const answer of answers) answer.catch(error => failures.push(error));
  // A question that cannot be composed reports it in a microtask. Without this wait the others would be sent without it, with the COMMIT
  // behind them.
  await microtasksDone();
  isSent = true;
  if (failures.length > 0) throw failures[0];
  send(resultsOf(connection, statements));
  return (await Promise.all(answers)) as { -readonly [Index in keyof Answers]: Awaited<Answers[Index]> };
}

/** Resolves when no microtask is left: a tick that is requested in a microtask comes behind all of them. */
const microtasksDone = (): Promise<void> =>
  Promise.resolve().then(() => new Promise(resolve => process.nextTick(resolve)));

/**
 * Connections that send each statement in a packet of its own: those to a Galera node.
 *
 * Between two statements the node rolls a transaction back for what another node has committed, and reports that with the error of the next
 * packet. Within one packet it goes on instead, in a new transaction, and a COMMIT behind it commits the half: seen with MariaDB 10.11 and
 * two writers.
 */
const oneByOne = new WeakSet<object>();

export const sendOneByOne = (connection: object): void => {
  oneByOne.add(connection);
};

async function resultsOf(connection: PacketConnection, statements: readonly string[]): Promise<unknown[]> {
  if (oneByOne.has(connection) || statements.length === 1) {
    const results: unknown[] = [];
    for (const statement of statements) results.push((await connection.query(statement))[0]);
    return results;
  }
  if (statements.length === 0) return [];
  return await new Promise((resolve, reject) => {
    const { connection: plain } = connection as Required<PacketConnection>;
    // A connection that is lost already answers before `query` has returned.
    let command: PacketCommand | undefined;
    command = plain.query(statements.join(';\n'), (error, results) => {
      if (error === null) resolve(results as unknown[]);
      // In place of the whole packet, so that the fault names the statement that was refused.
      else reject(Object.assign(error, { sql: statements[command?._resultIndex ?? Number.NaN] }));
    });
  });
}
