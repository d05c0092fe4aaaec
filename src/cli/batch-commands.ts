/** What the commands for cards and vouchers have in common. */
import type { Command } from 'commander';
import type { Issued, IssueOptions } from '../cards/batch';
import type { OnProgress, Switched } from '../cards/cards';
import type { Facts } from '../operator/facts';
import type { Context } from './command';
import { csvHeading, csvLine } from './csv';
import { CodeFile, codesText } from './issued-codes';
import { Progress } from './progress';
import { printable } from './terminal';

export interface Paging {
  limit: string;
  page: string;
}

export interface SpanOptions {
  batch: string;
  from?: string;
  to?: string;
}

export const addSpan = (command: Command): Command =>
  command
    .requiredOption('--batch <batch>', 'the batch')
    .option('--from <serial>', 'the first of them; the first of the batch if not given')
    .option('--to <serial>', 'the last of them; the last of the batch if not given');

/**
 * Generates a batch and hands its codes out. A file has them before they are committed, so that none can be lost; and is removed when
 * they are not.
 */
export async function issue(
  { settings, print, terminal }: Context,
  { batch, out, what, things }: { batch: string; out: string | undefined; what: string; things: string },
  generate: (options: IssueOptions) => Promise<Issued[]>,
): Promise<void> {
  const file = out === undefined ? null : CodeFile.create(out);
  const progress = new Progress(terminal);
  let issued: Issued[];
  try {
    issued = await generate({
      keys: settings.pinKeys,
      onProgress: (done, count) =>
        progress.show(elapsedMs => ({
          share: done / count,
          text: `${done} of ${count} hashed, ${Math.round((done * 1000) / elapsedMs)} a second`,
        })),
      onIssue: codes => file?.write(codes, what),
    });
  } catch (error) {
    // Where the answer of the COMMIT was lost, these may be codes that count.
    if ((error as { code?: string }).code === 'COMMIT_UNKNOWN') file?.close();
    else file?.remove();
    throw error;
  } finally {
    progress.end();
  }
  file?.close();
  const [first, last] = [issued.at(0)?.serial, issued.at(-1)?.serial];
  const facts = { batch, count: issued.length, from: first, to: last };
  const sentence = `${printable(batch)}: ${issued.length} ${things}, serials ${first} to ${last}`;
  if (file)
    print.done(`${sentence}, are in ${printable(out as string)}: nobody can be shown them again`, { ...facts, out });
  else if (print.json)
    print.done('', { ...facts, [things]: issued.map(({ serial, code }) => ({ serial, [what]: code })) });
  else terminal.out(codesText(issued, what));
}

/** Writes what there is of a batch as CSV, or with --json as a line each. */
export async function exported<View>(
  { print, terminal }: Context,
  views: AsyncIterable<View>,
  { line, facts }: { line: (view: View) => Facts; facts: (view: View) => Facts },
): Promise<void> {
  let isFirst = true;
  for await (const view of views) {
    const cells = line(view);
    if (print.json) print.line(facts(view));
    else terminal.out((isFirst ? csvHeading(cells) : '') + csvLine(cells));
    isFirst = false;
  }
}

/** Changes the state of a span, and says of how many. */
export async function switched(
  { print, terminal }: Context,
  state: string,
  change: (onProgress: OnProgress) => Promise<Switched>,
): Promise<void> {
  const progress = new Progress(terminal);
  try {
    const result = await change((done, count) =>
      progress.show(() => ({ share: done / count, text: `${done} of ${count}` })),
    );
    progress.end();
    const { batch, from, to, changed, unchanged } = result;
    const rest = unchanged > 0 ? `, ${unchanged} left as they were` : '';
    print.done(`${printable(batch)}, serials ${from} to ${to}: ${changed} are ${state} now${rest}`, result);
  } finally {
    progress.end();
  }
}
