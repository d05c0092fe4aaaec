import type { Command } from 'commander';
import { refuseEmptyRange } from '../evidence/compared-range';
import { correct } from '../evidence/correction';
import { Found, sumsOf } from '../evidence/found-differences';
import { REASONS } from '../evidence/proof';
import { type Looked, type ReconcileRequest, reconcile } from '../evidence/reconcile';
import { formatAmount, ZERO } from '../money/micros';
import { plainJson } from '../operator/facts';
import { wholeField } from '../operator/fields';
import { addCommand, addPaging, Ended, EXIT, pageOf, withDatabase } from './command';
import { instantOf } from './instant';
import { Progress } from './progress';
import { tableText } from './table';
import type { Terminal } from './terminal';

const HELP = `
Compares every call that started from --from until before --to with what Asterisk itself wrote down of it (CEL, else CDR; in the
database, and in the files of RINGFENCE_EVIDENCE_FILES), and looks for calls that only Asterisk knows. The difference of a
call is what a correction would add to the balance: above 0 it was charged too much.
Nothing is changed without --apply, which writes one entry of kind correction for each call whose money differs; the CDR keeps
its cost. docs/reconciliation.md says what is compared and what is believed.
Exit code 1 when there is a difference, or with --apply when one is left.`;

interface Options {
  from: string;
  to?: string;
  tolerance: string;
  apply?: boolean;
  overdraw?: boolean;
  limit: string;
  page: string;
}

export function addReconcileCommand(program: Command, terminal: Terminal): void {
  addPaging(
    addCommand(
      program,
      'reconcile',
      "compare calls with Asterisk's own records, in seconds and money; --apply corrects the money",
      'reconcile --from 2026-12-01 --to 2027-01-01 --apply',
    ),
  )
    .requiredOption('--from <time>', 'calls that started from then on, such as 2026-12-01 or 2026-12-31T18:00Z')
    .option('--to <time>', 'and before then; now when not given')
    .option('--tolerance <seconds>', 'talk that differs by no more is the same', '1')
    .option('--apply', 'write a correction for each call whose money differs')
    .option('--overdraw', 'also where it takes more than is available')
    .addHelpText('after', HELP)
    .action(
      withDatabase(terminal, async ({ database, acting, settings, print }, options: Options) => {
        const request = requestOf(options);
        const page = pageOf(options);
        const looked: Looked = { compared: 0, open: 0, withoutEnd: 0, withoutRecords: 0 };
        const progress = new Progress(terminal);
        const onProgress: ReconcileRequest['onProgress'] = (step, reachedAt) =>
          progress.show(() => ({
            share: Math.min(1, (reachedAt - request.from) / (request.to - request.from)),
            text: step === 'calls' ? `${looked.compared} calls compared` : 'looking for calls without a CDR',
          }));
        const found = new Found();
        try {
          for await (const difference of reconcile(
            database,
            settings.evidenceFiles,
            { ...request, onProgress },
            looked,
          )) {
            const correction = options.apply
              ? await correct(acting, difference, { overdraw: options.overdraw === true })
              : null;
            found.take(difference, correction, page);
          }
        } finally {
          progress.end();
        }
        if (print.json)
          terminal.out(
            `${plainJson({ ...summaryFacts(found, looked, options), items: found.items, page: page.offset / page.limit + 1, limit: page.limit })}\n`,
          );
        else terminal.out(textOf(found, looked, options, page));
        if (found.left > 0) throw new Ended(EXIT.fault);
      }),
    );
}

function requestOf(options: Options): ReconcileRequest {
  const from = instantOf('from', options.from);
  const to = options.to === undefined ? Date.now() : instantOf('to', options.to);
  refuseEmptyRange({ from, to }, options);
  return { from, to, toleranceSeconds: wholeField('tolerance', options.tolerance, 0, 3600) };
}

const summaryFacts = (found: Found, looked: Looked, options: Options): object => ({
  differences: found.total,
  ...(options.apply && { corrected: found.corrected, left: found.left }),
  ...sumsOf(found, looked),
});

function textOf(
  found: Found,
  looked: Looked,
  options: Options,
  { offset, limit }: { offset: number; limit: number },
): string {
  const lines: string[] = [];
  if (found.items.length > 0) lines.push(tableText(found.items).trimEnd());
  else if (offset > 0) lines.push(`nothing on page ${offset / limit + 1}: there are ${found.total} in all`);
  const more = found.total - offset - found.items.length;
  if (more > 0 && found.items.length > 0)
    lines.push(`${more} more: --page ${offset / limit + 2}, or --limit ${found.total} for all`);
  for (const reason of [...found.reasons].sort()) lines.push(`${reason}: ${REASONS[reason]}`);
  const notCompared = [
    [looked.open, 'in progress'],
    [looked.withoutEnd, "without an end in Asterisk's records"],
    [looked.withoutRecords, 'of a time without any records of their switch'],
  ].flatMap(([count, why]) => (count === 0 ? [] : [`${count} ${why}`]));
  const skipped = notCompared.length === 0 ? '' : `; not compared: ${notCompared.join(', ')}`;
  const count = found.total === 1 ? '1 difference' : `${found.total === 0 ? 'no' : found.total} differences`;
  lines.push(`${looked.compared} calls compared with Asterisk's records, ${count}${skipped}`);
  for (const [currency, sum] of [...found.sums].sort()) {
    lines.push(`${currency}: ${formatAmount(sum)} charged ${sum < ZERO ? 'too little' : 'too much'} in all`);
  }
  if (options.apply && found.total > 0)
    lines.push(`${found.corrected} corrected, ${found.left} left as ${found.left === 1 ? 'it was' : 'they were'}`);
  return `${lines.join('\n')}\n`;
}
