import type { Logger } from 'pino';
import { formatAmount } from '../money/micros';
import { masked } from '../rating/dialled-number';
import type { RefusedCalls } from './call-metrics';
import type { CallEvent, CallState } from './call-state';
import type { CarriedCall } from './carried-call';
import { isLateDial } from './switch-dials';

/** Logs the steps that matter to an operator, and counts refusals. `before`: the call's state before the event. */
export function logStep(
  log: Logger,
  refused: RefusedCalls,
  { since, port, state: now }: CarriedCall,
  before: CallState,
  event: CallEvent,
): void {
  const { uniqueid, accountcode, dst } = before;
  const elapsed = Math.round((performance.now() - since) * 10) / 10;
  const facts = { uniqueid, accountcode, dst: masked(dst ?? ''), elapsed_ms: elapsed };
  switch (event.type) {
    case 'granted': {
      const { grantedSeconds, maxCost } = event.grant;
      const granted = { granted_seconds: grantedSeconds, max_cost: formatAmount(maxCost) };
      if (before.phase === 'authorising') log.info({ event: 'call_authorised', ...facts, ...granted });
      return;
    }
    case 'refused': {
      const { refusal } = event;
      if (before.emergency) log.warn({ event: 'emergency_without_ledger', ...facts, refusal });
      // The caller has left, so there is no caller to refuse.
      else if (before.endAt !== null) log.info({ event: 'caller_gone', ...facts });
      else {
        refused.count(port.node, refusal);
        log.info({ event: 'call_refused', ...facts, refusal });
      }
      return;
    }
    case 'answered':
      if (before.answerAt === null && now.answerAt !== null) log.info({ event: 'call_answered', ...facts });
      return;
    case 'dials':
      if (isLateDial(before, event.at)) log.warn({ event: 'dial_without_authorisation', ...facts });
      return;
    case 'timer':
      if (event.timer === 'brake') log.warn({ event: 'second_brake', ...facts });
      if (event.timer === 'relay') log.warn({ event: 'caller_not_joined', ...facts });
      return;
  }
}
