import type { Command } from 'commander';
import { callNamed, type Revenue, revenueOf } from '../accounts/call-view';
import { callFacts } from '../admin/call-operations';
import type { CallRecord } from '../credit/rules/call';
import { doorNodes } from '../doors/doors';
import type { Facts } from '../operator/facts';
import { explainCharge, type Step } from '../rating/explain';
import { ARI_URL_MISSING, type Settings } from '../settings';
import { hangUp } from '../switches/asterisk/hang-up';
import { hangUpAtProxy, isOfProxy } from '../switches/proxy/hang-up';
import { addCommand, withDatabase } from './command';
import { nounOf } from './derive';
import { recordText } from './table';
import { printable, type Terminal } from './terminal';

export function addCallCommands(program: Command, terminal: Terminal): void {
  const call = nounOf(program, 'call');
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

const revenueFacts = ({ corrected, refunded, revenue }: Revenue): Facts => ({ corrected, refunded, revenue });

/** How the cost of a call came about; none for one that was never answered, or is in progress. */
function stepsOf(call: CallRecord): Step[] {
  if (call.endAt === null || call.answerAt === null) return [];
  const { rateDeck, rateVersion, ratePrefix, rateDestination, ...charged } = call;
  const prefix = ratePrefix === '' ? 'any number' : ratePrefix;
  // The dialplan prices calls of a pool; emergency calls have no price.
  const rate = rateDeck === '' ? 'of no deck' : `${rateDeck}, version ${rateVersion}, ${prefix}, ${rateDestination}`;
  return explainCharge({ ...charged, rate });
}
