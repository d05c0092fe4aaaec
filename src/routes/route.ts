import type { RefusalRule } from './refusal-rule';

/** A trunk as a call dials it. */
export interface Trunk {
  trunk: string;
  /** The switch's dial string, with `{number}` in place of the digits. */
  endpoint: string;
  stripDigits: number;
  addPrefix: string;
  /** Which of its refusals are the callee's; the default if it is missing. */
  rule?: RefusalRule;
}

export interface Route extends Trunk {
  prefix: string;
  /** The lowest is tried first. */
  priority: number;
}

/**
 * The trunks to try for a number, in order: those of the longest matching prefix. [] if none matches.
 *
 * A trunk that would strip the whole number is no trunk for it.
 */
export function routesFor(routes: readonly Route[], digits: string): Route[] {
  const fitting = routes.filter(({ prefix, stripDigits }) => digits.startsWith(prefix) && stripDigits < digits.length);
  const longest = Math.max(...fitting.map(({ prefix }) => prefix.length));
  return fitting
    .filter(({ prefix }) => prefix.length === longest)
    .sort((one, other) => one.priority - other.priority || (one.trunk < other.trunk ? -1 : 1));
}

/** Our own timer gives a leg up that much later than the switch does. Seconds. */
const OURS_LATER_SECONDS = 2;

/** The longest that a call rings over so many routes: each may ring its full `ringSeconds` before the next one answers. Seconds. */
export const ringingSeconds = (ringSeconds: number, routes: number): number =>
  (ringSeconds + OURS_LATER_SECONDS) * Math.max(1, routes);

/**
 * The dial string for a trunk: its endpoint with the number put in.
 *
 * Assumes digits that passed `digitsOf`, so that a caller's text can never be more than a number.
 */
export const dialString = ({ endpoint, stripDigits, addPrefix }: Trunk, digits: string): string =>
  endpoint.replaceAll('{number}', addPrefix + digits.slice(stripDigits));
