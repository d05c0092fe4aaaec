/** How some results are shown to a person, if one record or one table is not enough. */
import type { AccountView } from '../accounts/account-store';
import type { AccountSet } from '../accounts/manage-account';
import type { Priced } from '../accounts/price-inquiry';
import type { RoutedNumber } from '../accounts/route-inquiry';
import type { Spend } from '../accounts/spend-view';
import type { Statement } from '../accounts/statement-view';
import { accountFacts, entryFacts, spendFacts, type WithEntries } from '../admin/account-operations';
import { type CallShown, shownFacts } from '../admin/call-operations';
import { type CallEvidence, evidenceFacts } from '../admin/evidence-operations';
import { type CallExplained, explainedCallFacts } from '../admin/explain-operations';
import { jobShownFacts } from '../admin/job-operations';
import { poolFacts } from '../admin/pool-operations';
import { startSentence } from '../admin/rate-operations';
import { explainedFacts } from '../admin/route-operations';
import { type SettingsView, type Status, settingFacts } from '../admin/service-operations';
import { statementFacts } from '../admin/statement-operations';
import type { ReportedAlarm } from '../alarms/alarm-store';
import type { Verdict } from '../credit/verdict-store';
import type { JobShown } from '../jobs/job-store';
import type { Facts } from '../operator/facts';
import { rowsOf } from '../operator/operation';
import type { NodeView } from '../ownership/node-store';
import { shortName } from '../ownership/process-identity';
import type { Step } from '../rating/explain';
import type { Presented } from './derive';
import { factText, recordText, tableText } from './table';
import { lineOf } from './verify';

/** The facts of an account, and below them a page of its movements of money. */
const withEntries = (factsOf: (view: AccountView) => Facts): Presented => ({
  text: ({ view, entries: { items, total } }: WithEntries, input) => {
    const { limit, offset } = rowsOf(input);
    const below = items.length > 0 ? `\n${tableText(items.map(entryFacts))}` : '';
    const more = total - offset - items.length;
    const older = more > 0 ? `${more} older: --page ${offset / limit + 2}\n` : '';
    return recordText(factsOf(view)) + below + older;
  },
});

/** An account as it is now, with a line that says so if nothing changed. */
const accountSet: Presented = {
  text: (view: AccountSet) => {
    const same = 'nothing changed: it had these values already\n';
    return recordText(accountFacts(view)) + (view.changed.length === 0 ? same : '');
  },
};

/** The days as a table, below whose they are. */
const spend: Presented = {
  text: (view: Spend) => {
    const { days, ...whose } = spendFacts(view);
    return `${recordText(whose)}\n${tableText(days as unknown as Facts[])}`;
  },
};

/** The balances and sums, then tables: payments, other movements, calls. What there is none of is left out. */
const statement: Presented = {
  text: (view: Statement) => {
    const { top_ups: topUps, others, calls, ...sums } = statementFacts(view);
    const parts = [recordText(sums), ...[topUps, others, calls].map(rows => tableText(rows as unknown as Facts[]))];
    return parts.filter(part => part !== '').join('\n');
  },
};

const stepLines = (steps: readonly Step[]): Facts => Object.fromEntries(steps.map(({ step, text }) => [step, text]));

const call: Presented = {
  text: (shown: CallShown) => {
    const price = shown.steps.length === 0 ? '' : `\n${recordText(stepLines(shown.steps))}`;
    return recordText(shownFacts(shown)) + price;
  },
};

/** The call, then its price step by step, then tables: what it held, and what moved the balance. What there is none of is left out. */
const explainedCall: Presented = {
  text: (explained: CallExplained) => {
    const { holds, movements, steps: _, ...facts } = explainedCallFacts(explained);
    const parts = [
      recordText(facts as Facts),
      recordText(stepLines(explained.steps)),
      tableText(holds as unknown as Facts[]),
      tableText(movements as unknown as Facts[]),
    ];
    return parts.filter(part => part.trim() !== '').join('\n');
  },
};

/** The switch's own record, then tables: legs, events, entries. What there is none of is left out. */
const evidence: Presented = {
  text: (found: CallEvidence) => {
    const { switch_record: record, legs, events, entries } = evidenceFacts(found);
    const parts = [
      record === null ? 'the database has no record of the switch of this call\n' : recordText(record as Facts),
      tableText(legs),
      tableText(events.map(({ created_at, kind, facts, actor }) => ({ created_at, kind, facts, actor }) as Facts)),
      tableText(entries.map(({ reason: _, ...entry }) => entry)),
    ];
    return parts.filter(part => part !== '').join('\n');
  },
};

const price: Presented = {
  text: (priced: Priced) => recordText({ ...stepLines(priced.explanation.steps), start: startSentence(priced) }),
};

/** The trunks that would be tried, then the routes that would not, then what the account is charged. */
const routed: Presented = {
  text: (found: RoutedNumber) => {
    const { routes, passed_over: passed } = explainedFacts(found);
    const { sale, digits } = found;
    const none = digits === null ? 'not a number: write digits, behind one + or 00 at most' : 'refused: no_route';
    const tried = routes.map(({ rate_deck, rate_version, rate_price_per_minute, ...route }) => route as Facts);
    const sold = sale && {
      cost: sale.priced.explanation.cost,
      currency: sale.currency,
      start: startSentence(sale.priced),
    };
    const parts = [
      tried.length === 0 ? `${none}\n` : tableText(tried),
      tableText(passed),
      sold === null ? '' : recordText(sold),
    ];
    return parts.filter(part => part !== '').join('\n');
  },
};

const status: Presented = {
  text: ({ nodes, alarms, verdicts }: Status) => {
    const switches = nodes.length === 0 ? 'no switch was served\n' : tableText(nodes.map(nodeLine));
    return switches + alarms.map(alarmLine).join('') + verdicts.map(verdictLine).join('');
  },
};

function nodeLine(node: NodeView): Facts {
  const { owner, leaseSeconds } = node;
  const seconds = Math.abs(leaseSeconds).toFixed(1);
  const lease = owner === null ? 'free' : leaseSeconds > 0 ? `${seconds} s left` : `ended ${seconds} s ago`;
  return {
    node: node.node,
    owner: owner === null ? null : shortName(owner),
    since: node.acquiredAt,
    lease,
    live_calls: node.liveCalls,
    talking: node.talking,
    past_limit: node.pastLimit,
    overran: node.overran,
    seen: node.seenAt,
  };
}

const alarmLine = ({ alarm, subject, details, sinceAt, reporter }: ReportedAlarm): string =>
  `ALARM ${alarm}, ${subject}: ${details} (since ${sinceAt.toISOString()}, reported by ${shortName(reporter)})\n`;

const verdictLine = ({ kind, verifiedAt, differences, actor }: Verdict): string => {
  const found = differences === 0 ? 'the books balanced' : `${differences} differences`;
  return `verify (${kind}): ${found} (${factText(verifiedAt)}, by ${factText(actor)})\n`;
};

/** A table; what a setting means is in docs/settings.md, and in the answer for a machine. */
const settings: Presented = {
  text: ({ settings: each }: SettingsView) =>
    tableText(
      each.map(settingFacts).map(({ name, value, is_given, default: fallback }) => ({
        name,
        value,
        given: is_given,
        default: fallback,
      })),
    ),
};

/** A job, and below it what it found: of the books a line for each difference, of calls a table. */
const job: Presented = {
  text: (shown: JobShown) => {
    const { differences, outcome, ...facts } = jobShownFacts(shown);
    const above = recordText({ ...(facts as Facts), ...outcome });
    if (differences.length === 0) return above;
    const found =
      shown.kind === 'reconcile'
        ? tableText(differences)
        : differences.map(each => `${lineOf(each as unknown as Parameters<typeof lineOf>[0])}\n`).join('');
    const more = (shown.differenceCount ?? 0) - differences.length;
    return `${above}\n${found}${more > 0 ? `${more} more are not kept\n` : ''}`;
  },
};

export const PRESENTED: Record<string, Presented> = {
  'account set': accountSet,
  'account show': withEntries(accountFacts),
  'account spend': spend,
  'account statement': statement,
  'pool show': withEntries(poolFacts),
  'call show': call,
  'call explain': explainedCall,
  'call evidence': evidence,
  'job show': job,
  'rate explain': price,
  'route explain': routed,
  settings,
  status,
};
