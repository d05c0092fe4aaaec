import { Random } from './random';

/** One call as planned. Every number is dialled once in a drill, so the number identifies the call on both sides. */
export interface PlannedCall {
  /** Digits; the last one is the order to the carrier (lab/sipp/drill-carrier.xml). */
  number: string;
  accountcode: string;
  talkMs: number;
  /** How long the caller lets it ring. */
  patienceMs: number;
}

/** The beginning of every dialled number: the one prefix of lab/drill/rates.csv. */
export const PREFIX = '77';

/** The price of a second of talk by lab/drill/rates.csv; micros. */
export const MICROS_PER_SECOND = 10_000n;

/** With the shortest possible slices, so that calls of some seconds are extended. */
const SHARED = ['--mode', 'shared', '--slice-seconds', '10'];

/**
 * The few accounts that pay. `brief` may talk for three seconds, whatever it owns. `poor` and `narrow` get enough for a few seconds before
 * each run, so that calls are cut by their money, and refused for lack of it. `sliced` and `family` share: their calls are extended, and
 * those of `family` give back to one another.
 */
export const ACCOUNTS = [
  { accountcode: 'rich', weight: 8, poor: false, options: [] },
  { accountcode: 'brief', weight: 5, poor: false, options: ['--max-call-seconds', '3'] },
  { accountcode: 'poor', weight: 2, poor: true, options: [] },
  { accountcode: 'narrow', weight: 2, poor: true, options: [] },
  { accountcode: 'sliced', weight: 4, poor: false, options: SHARED },
  { accountcode: 'family', weight: 4, poor: true, options: SHARED },
] as const;

/** Last digits, by how often they are dialled: three of four calls are answered. */
const BEHAVIOURS = [
  { digit: 0, weight: 5 },
  { digit: 1, weight: 5 },
  { digit: 2, weight: 4 },
  { digit: 3, weight: 4 },
  { digit: 4, weight: 4 },
  { digit: 5, weight: 2 },
  { digit: 6, weight: 2 },
  { digit: 7, weight: 2 },
  { digit: 8, weight: 1 },
  { digit: 9, weight: 2 },
];

/** How long calls talk unless the drill wants it otherwise. Ms. */
const TALK_MS: TalkRange = { shortest: 500, longest: 6_000 };
export interface TalkRange {
  shortest: number;
  longest: number;
}
/** A run waits for its last caller, so late callers talk less. */
const TALK_AFTER_LOAD_MS = 2_500;

/** The calls of one run, evenly `perSecond` for `seconds`. */
export function planCalls(
  random: Random,
  options: { run: number; seconds: number; perSecond: number; talkMs?: TalkRange },
): PlannedCall[] {
  const { run, seconds, perSecond, talkMs = TALK_MS } = options;
  return Array.from({ length: Math.ceil(seconds * perSecond) }, (_, index) => {
    const leftMs = (seconds - index / perSecond) * 1000;
    const longestMs = Math.min(talkMs.longest, leftMs + TALK_AFTER_LOAD_MS);
    return {
      number: `${PREFIX}${String(run).padStart(5, '0')}${String(index).padStart(4, '0')}${random.pick(BEHAVIOURS).digit}`,
      accountcode: random.pick(ACCOUNTS).accountcode,
      talkMs: Math.round(random.between(Math.min(talkMs.shortest, longestMs), longestMs)),
      patienceMs: Math.round(random.between(1_500, 2_500)),
    };
  });
}

/** All numbers of a run begin with it. */
export const numbersOf = (run: number): string => `${PREFIX}${String(run).padStart(5, '0')}`;

/**
 * Which drill each run is, forever: first one of each, then as many more as its weight says, both shuffled by the seed; and all that again.
 * So the first runs of a long drill are those of a short one, and none is left out for long.
 */
export function* drawDrills<Drill extends { weight: number }>(
  seed: string,
  drills: readonly Drill[],
): Generator<Drill> {
  const random = new Random(`${seed}/drills`);
  const more = drills.flatMap(drill => Array.from({ length: drill.weight - 1 }, () => drill));
  while (drills.length > 0) {
    yield* random.shuffled(drills);
    yield* random.shuffled(more);
  }
}
