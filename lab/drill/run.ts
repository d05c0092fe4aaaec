import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bookViolations, readCdrs, readCharges, recordViolations } from './books';
import { type Marks, type Violation, violationsOf } from './checks';
import type { Fault } from './faults';
import { hostileCalls, hostileViolations } from './hostile';
import { startLoad } from './load';
import { readCallers, readCarrier } from './parties';
import { numbersOf, planCalls } from './plan';
import { Random } from './random';
import type { DrillStack } from './stack';

/** The result of one run. */
export interface RunResult {
  run: number;
  drill: string;
  /** When the fault struck, after the first call; ms. */
  struckAfterMs: number;
  /** How long the rest took after the last caller had gone; ms. */
  restMs: number;
  /** What was still left 3 s after the last caller, if anything. */
  waitedFor: string | null;
  /** The whole run; ms. */
  elapsedMs: number;
  calls: number;
  answered: number;
  /** Answered calls that Asterisk ended, mostly at their limit. */
  cut: number;
  violations: Violation[];
}

const TALK_MS = 10_000;

/** One fault under load, from the first call to the proof of the books. `dir` keeps what the callers saw. */
export async function runDrill(
  stack: DrillStack,
  fault: Fault,
  options: { seed: string; run: number; dir: string },
): Promise<RunResult> {
  const { seed, run, dir } = options;
  const startedAt = performance.now();
  const since = new Date();
  const random = new Random(`${seed}/${run}`);
  const { perSecond = 6, restMs = 45_000, lostMs = 4_000, laterMs = 0, talkMs } = fault;
  const struckAfterMs = laterMs + Math.round(random.between(1_500, 4_000));
  const loadSeconds = struckAfterMs / 1000 + fault.seconds;
  const calls = planCalls(random, { run, seconds: loadSeconds, perSecond, ...(talkMs && { talkMs }) });
  const violations: Violation[] = [];

  await fault.prepare?.(stack);
  await stack.topUp(random, `run-${run}`);
  // In every second run the first trunk cannot be dialled, so all calls use the second.
  await stack.dialGhostFirst(run % 2 === 1);
  const load = await startLoad({
    sip: stack.asterisk.sip,
    calls,
    perSecond,
    dir: join(dir, 'sipp'),
    lostMs,
    withinMs: loadSeconds * 1000 + TALK_MS + 2 * lostMs + 20_000,
  });
  const hostile = hostileCalls({
    sip: stack.asterisk.sip,
    run,
    seconds: loadSeconds,
    random: new Random(`${seed}/${run}/hostile`),
  });
  await pause(struckAfterMs);
  let marks: Marks = {};
  try {
    marks = await fault.strike(stack, random);
  } catch (error) {
    violations.push({ rule: 'fault_strikes', text: (error as Error).message });
  }
  await stack.heal();
  if (!(await load.finished)) {
    violations.push({ rule: 'caller_tells', text: 'SIPp did not finish and was killed' });
  }

  const strangers = await hostile;
  const waitedFrom = performance.now();
  const { left, waitedFor } = await stack.rests(restMs);
  const tookMs = performance.now() - waitedFrom;
  if (left.length > 0) {
    const text = `${Math.round(restMs / 1000)} s after the last caller: ${left.join('; ')}`;
    violations.push({ rule: 'rest_is_reached', text });
  }
  const numbers = numbersOf(run);
  const callers = readCallers(load.logPath);
  const [cdrs, charges, books] = await Promise.all([
    readCdrs(stack, numbers),
    readCharges(stack, numbers),
    bookViolations(stack),
  ]);
  const carrier = readCarrier(stack.carrierLogPath, numbers);
  const isHostile = (number: string) => strangers.some(call => call.number === number);
  const records = await recordViolations(stack, since, cdrs, marks);
  violations.push(
    ...violationsOf({
      calls,
      callers,
      carrier,
      cdrs: cdrs.filter(({ dst }) => !isHostile(dst)),
      charges,
      marks,
    }),
    ...hostileViolations(strangers, cdrs),
    ...books,
    ...records,
  );
  await fault.tidy?.(stack);
  const answered = callers.filter(({ answeredAt }) => answeredAt !== null);
  return {
    run,
    drill: fault.name,
    struckAfterMs,
    restMs: Math.round(tookMs),
    waitedFor,
    elapsedMs: Math.round(performance.now() - startedAt),
    calls: calls.length,
    answered: answered.length,
    cut: cdrs.filter(({ hangupSource }) => hangupSource === 'limit').length,
    violations,
  };
}
