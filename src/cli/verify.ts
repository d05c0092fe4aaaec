import type { Command } from 'commander';
import type { Connection } from 'mysql2/promise';
import type { Difference } from '../credit/difference';
import { noteVerdict, type ProofKind } from '../credit/verdict-store';
import { type ProofWatch, verify, verifySince } from '../credit/verify';
import { verifyChanges } from '../credit/verify-changes';
import { booksIdOf } from '../database/books-id';
import { openConnection } from '../database/connection';
import { refuseFuture } from '../jobs/job';
import { type WholeProof, withAudit } from '../jobs/whole-proof';
import type { AuditDifference } from '../operator/audit-chain';
import { verifyAudit } from '../operator/audit-chain-store';
import { invalid } from '../operator/fields';
import { addCommand, type Context, chainChanges, Ended, EXIT, withDatabase } from './command';
import { instantOf } from './instant';
import { Progress } from './progress';
import { KeptProof, ProofWriter } from './proof-file';
import { printable, type Terminal } from './terminal';

export function addVerifyCommand(program: Command, terminal: Terminal): void {
  addCommand(
    program,
    'verify',
    'prove the books in one snapshot, and the audit trail: one line for each difference, exit code 1 if there is any; may run while calls do',
    'verify --proof /srv/elsewhere/proof-$(date +%F).txt && echo the books balance',
  )
    .option(
      '--proof <file>',
      "write where the audit trail and each account's entries end, when there is no difference: keep it on another machine",
    )
    .option(
      '--since <when>',
      'a time: only what changed since then, which costs no more however long the history is, and takes all before it as it is; or the file of an earlier --proof: follow the entries from there on, and look at balances and calls in progress alone',
    )
    .action(
      withDatabase(terminal, async (context, options: { proof?: string; since?: string }) => {
        const { settings, database, print } = context;
        // After an update nothing else may have done so yet.
        await chainChanges(database);
        if (options.since !== undefined && isTime(options.since)) {
          return proveChanges(instantOf('since', options.since), options.proof, context);
        }
        const id = await booksIdOf(database);
        const earlier = options.since === undefined ? null : await KeptProof.open(options.since, id);
        const progress = new Progress(terminal);
        let kept: ProofWriter | null = null;
        let connection: Connection | null = null;
        try {
          const writer = new ProofWriter(options.proof ?? null, id);
          kept = writer;
          connection = await openConnection(settings.databaseUrl);
          const watch: ProofWatch = {
            onProgress: ({ read, rows }) =>
              progress.show(() => ({ share: rows === 0 ? null : read / rows, text: `${read} of ${rows} rows read` })),
            onEnds: ends => writer.add(ends),
          };
          const audit = await verifyAudit(connection, earlier?.audit ?? undefined);
          writer.addAudit(audit.end);
          const books = await (earlier ? verifySince(connection, earlier.ends(), watch) : verify(connection, watch));
          const proof = withAudit(books, audit);
          const isBalanced = proof.differences.length === 0;
          const digest = isBalanced ? writer.keep() : null;
          progress.end();
          await note(context, earlier ? 'since_proof' : 'whole', proof);
          print.done(sentenceOf(proof, digest, earlier !== null), factsOf(proof, digest));
          if (!isBalanced) throw new Ended(EXIT.fault);
        } finally {
          progress.end();
          kept?.discard();
          connection?.destroy();
          await earlier?.close();
        }
      }),
    );
}

/** Whether --since names a time. A file of such a name is given as ./2026-11-30. */
const isTime = (text: string): boolean => /^\d{4}-\d{2}-\d{2}/.test(text);

/** @throws Refused field_invalid; Ended with exit code 1 if there is a difference */
async function proveChanges(since: number, proofFile: string | undefined, context: Context): Promise<void> {
  const { settings, print, terminal } = context;
  refuseFuture(since, Date.now());
  if (proofFile !== undefined) {
    throw invalid(
      'proof',
      proofFile,
      'needs every account, and a time does not look at all: leave --since out, or give it a proof',
    );
  }
  const connection = await openConnection(settings.databaseUrl);
  const progress = new Progress(terminal);
  let proof: WholeProof;
  try {
    const books = await verifyChanges(connection, new Date(since), ({ read }) =>
      progress.show(() => ({ share: null, text: `${read} entries read` })),
    );
    proof = withAudit(books, await verifyAudit(connection, new Date(since)));
  } finally {
    progress.end();
    connection.destroy();
  }
  await note(context, 'since_time', proof);
  const { accounts, entries, calls, changes, differences, elapsedMs } = proof;
  const seen = `${accounts} accounts, ${entries} entries and ${calls} calls changed or in progress, ${changes} changes by operators, in ${elapsedMs} ms`;
  const sentence =
    differences.length === 0
      ? `what changed since then balances: entries, balances, reservations, costs and charges, call by call; ${seen}`
      : toldDifferences(differences, seen);
  print.done(sentence, factsOf(proof, null));
  if (differences.length > 0) throw new Ended(EXIT.fault);
}

/** Keeps the result for monitoring. A proof by a user who may only read, as on a replica, is a proof all the same. */
async function note({ database, acting, terminal }: Context, kind: ProofKind, proof: WholeProof): Promise<void> {
  try {
    await noteVerdict(database, { kind, actor: acting.actor, proof });
  } catch (error) {
    const { code } = error as { code?: unknown };
    terminal.err(`the result is not kept for monitoring (${code}): /metrics goes on to show the one before\n`);
  }
}

function sentenceOf(proof: WholeProof, digest: string | null, isSince: boolean): string {
  const { accounts, entries, calls, reservations, changes, elapsedMs, differences } = proof;
  const seen = isSince
    ? `${accounts} accounts, ${entries} entries since, ${calls} calls in progress, ${changes} changes by operators since in ${elapsedMs} ms`
    : `${accounts} accounts, ${entries} entries, ${calls} calls, ${reservations} reservations, ${changes} changes by operators in ${elapsedMs} ms`;
  if (digest !== null) {
    const proven = isSince
      ? 'the entries go on from the proof, and balance = last entry, reserved = reservations'
      : 'the books balance: balance = entries, reserved = reservations, costs = charges, call by call';
    return `${proven}; ${seen}\nproof ${digest}`;
  }
  return toldDifferences(differences, seen);
}

function toldDifferences(differences: WholeProof['differences'], seen: string): string {
  const count = differences.length === 1 ? '1 difference' : `${differences.length} differences`;
  return [...differences.map(lineOf), `${count}; ${seen}`].join('\n');
}

/** One line for a person. */
export function lineOf(difference: Difference | AuditDifference): string {
  const { rule, text } = difference;
  if (!('accountcode' in difference)) {
    return printable(
      `audit trail${difference.audit_id === null ? '' : ` row ${difference.audit_id}`}: ${text} (${rule})`,
    );
  }
  const { accountcode, uniqueid } = difference;
  const call = uniqueid === null ? '' : `, call ${JSON.stringify(uniqueid)}`;
  return printable(`account ${JSON.stringify(accountcode)}${call}: ${text} (${rule})`);
}

const factsOf = (
  { accounts, entries, calls, reservations, changes, elapsedMs, differences }: WholeProof,
  digest: string | null,
): object => ({
  balanced: differences.length === 0,
  accounts,
  entries,
  calls,
  reservations,
  changes,
  elapsed_ms: elapsedMs,
  differences,
  proof: digest,
});
