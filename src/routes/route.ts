import type { RefusalRule } from './refusal-rule';

/** A trunk as a call dials it. */
export interface Trunk {
  trunk: string;
  /** What the switch dials, with `{number}` where the digits belong. */
  endpoint: string;
  stripDigits: number;
  addPrefix: string;
  /** Whose word its refusals are; the default where it is missing. */
  rule?: RefusalRule;
}

export interface Route extends Trunk {
  prefix: string;
  /** The lowest is tried first. */
  priority: number;
}

/**
 * The trunks to try for a number, in order: those of the longest prefix that fits. [] when none does.
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

/**
 * What is dialled on a trunk: its endpoint with the number put in.
 *
 * Assumes digits that passed `digitsOf`, so that nothing a caller dialled can be more than a number.
 */
export const dialString = ({ endpoint, stripDigits, addPrefix }: Trunk, digits: string): string =>
  endpoint.replaceAll('{number}', addPrefix + digits.slice(stripDigits));
