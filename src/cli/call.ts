import type { Command } from 'commander';
import { callNamed, listCalls, type Revenue, revenueOf } from '../accounts/call-view';
import type { CallRecord } from '../credit/rules/call';
import { doorNodes } from '../doors/doors';
import { explainCharge, type Step } from '../rating/explain';
import { ARI_URL_MISSING, type Settings } from '../settings';
import { hangUp } from '../switches/asterisk/hang-up';
import { hangUpAtProxy, isOfProxy } from '../switches/proxy/hang-up';
import { addCommand, addPaging, pageOf, withDatabase } from './command';
import { type Facts, recordText } from './table';
import { printable, type Terminal } from './terminal';

export function addCallCommands(program: Command, terminal: Terminal): void {
  const call = program.command('call').description('calls, in progress and ended');
  addPaging(addCommand(call, 'list', 'calls, the newest first', 'call list --account alice --open'))
    .option('--account <accountcode>', 'only calls of this account')
    .option('--open', 'only calls in progress')
    .action(
      withDatabase(
        terminal,
        async ({ database, print }, options: { limit: string; page: string; account?: string; open?: boolean }) => {
          const request = pageOf(options);
          const { items, total } = await listCalls(
            database,
            { accountcode: options.account, open: options.open === true },
            request,
          );
          const facts = print.json ? callFacts : callLine;
          print.list({ items: items.map(facts), total }, request, options.open ? 'no call in progress' : 'no call');
        },
      ),
    );

  addCommand(
    call,
    'show <uniqueid>',
    'all that is known of a call, and its price step by step at its own rate',
    'call show ast1-1767225600.42',
  ).action(
    withDatabase(terminal, async ({ database, print }, uniqueid: string) => {
      const call = await callNamed(database, uniqueid);
      const facts = { ...callFacts(call), ...revenueFacts(await revenueOf(database, call)) };
      const steps = stepsOf(call);
      const lines = Object.fromEntries(steps.map(({ step, text }) => [step, text] as const));
      const price = steps.length === 0 ? '' : `\n${recordText(lines)}`;
      print.done(`${recordText(facts)}${price}`.trimEnd(), { ...facts, steps });
    }),
  );

  addCommand(
    call,
    'hangup <uniqueid>',
    'end a call on its switch; the service charges what was talked (needs RINGFENCE_ARI_URL, or RINGFENCE_PROXY_RPC)',
    'call hangup ast1-1767225600.42',
  ).action(
    withDatabase(terminal, async ({ database, settings, print }, uniqueid: string) => {
      const { node, endAt } = await callNamed(database, uniqueid);
      if (endAt !== null) {
        const at = new Date(endAt);
        print.done(`${printable(uniqueid)} had ended already`, { uniqueid, node, hung_up: false, end_at: at });
        return;
      }
      const hungUp = await hangUpOn(settings, node, uniqueid);
      const what = hungUp ? 'is hung up' : 'is gone from its switch already; the service settles it';
      print.done(`${printable(uniqueid)} ${what}`, { uniqueid, node, hung_up: hungUp, end_at: null });
    }),
  );
}

async function hangUpOn(settings: Settings, node: string, uniqueid: string): Promise<boolean> {
  if (isOfProxy(node)) return hangUpAtProxy(settings.doors.proxy, node, uniqueid);
  if (doorNodes(settings.doors).has(node)) throw new Error(`only ${node} itself can end its calls`);
  if (settings.switches.length === 0) throw new Error(ARI_URL_MISSING);
  return hangUp(settings, node, uniqueid);
}

const callLine = (call: CallRecord): Facts => ({
  start_at: new Date(call.startAt),
  accountcode: call.accountcode,
  dst: call.dst,
  state: stateOf(call),
  granted_seconds: call.grantedSeconds,
  billsec: call.billsec,
  max_cost: call.maxCost,
  cost: call.cost,
  currency: call.currency,
  cause: call.hangupCause,
  uniqueid: call.uniqueid,
});

/** How far a call is, `waiting` where it has no room in its pool yet; or how it ended, in one word where it was refused. */
function stateOf({ endAt, answerAt, grantedSeconds, refusal, disposition }: CallRecord): string {
  if (endAt === null) return answerAt !== null ? 'talking' : grantedSeconds > 0 ? 'ringing' : 'waiting';
  return refusal ?? disposition ?? '';
}

const revenueFacts = ({ corrected, refunded, revenue }: Revenue): Facts => ({ corrected, refunded, revenue });

/** How the cost of a call came about; none for one that was never answered, or is in progress. */
function stepsOf(call: CallRecord): Step[] {
  if (call.endAt === null || call.answerAt === null) return [];
  const { rateDeck, rateVersion, ratePrefix, rateDestination, ...charged } = call;
  const prefix = ratePrefix === '' ? 'any number' : ratePrefix;
  // Calls of a pool are priced by the dialplan, and emergency calls by nobody.
  const rate = rateDeck === '' ? 'of no deck' : `${rateDeck}, version ${rateVersion}, ${prefix}, ${rateDestination}`;
  return explainCharge({ ...charged, rate });
}

/** Every column of astcdr. */
const callFacts = (call: CallRecord): Facts => ({
  uniqueid: call.uniqueid,
  accountcode: call.accountcode,
  node: call.node,
  src: call.src,
  dst: call.dst,
  trunk: call.trunk,
  start_at: new Date(call.startAt),
  answer_at: call.answerAt === null ? null : new Date(call.answerAt),
  end_at: call.endAt === null ? null : new Date(call.endAt),
  duration: call.duration,
  billsec: call.billsec,
  billed_seconds: call.billedSeconds,
  overrun_seconds: call.overrunSeconds,
  cost: call.cost,
  currency: call.currency,
  disposition: call.disposition,
  hangup_cause: call.hangupCause,
  hangup_source: call.hangupSource,
  evidence: call.evidence,
  refusal: call.refusal,
  max_cost: call.maxCost,
  granted_seconds: call.grantedSeconds,
  cap_seconds: call.capSeconds,
  is_fixed: call.isFixed,
  hangup_wanted: call.hangupWanted,
  cut_at: call.cutAt === null ? null : new Date(call.cutAt),
  rate_deck: call.rateDeck,
  rate_version: call.rateVersion,
  rate_prefix: call.ratePrefix,
  rate_destination: call.rateDestination,
  rate_price_per_minute: call.tariff.pricePerMinute,
  rate_connect_fee: call.tariff.connectFee,
  rate_minimum_charge: call.tariff.minimumCharge,
  rate_initial_increment_seconds: call.tariff.initialIncrementSeconds,
  rate_increment_seconds: call.tariff.incrementSeconds,
  rate_grace_seconds: call.tariff.graceSeconds,
  trunk_cost: call.trunkCost,
  trunk_currency: call.trunkCurrency,
});
