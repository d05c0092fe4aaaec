/** What can be the code of an account: all that its column can tell apart. */

const LONGEST = 80;

/** A control character, half a surrogate pair, or what was not UTF-8: in no name of anybody, and nothing for a terminal. */
export const UNPRINTABLE = /[\p{Cc}\p{Cs}\uFFFD]/u;

/** 1 to 80 characters of any script, blanks too; compared byte by byte, so nothing is trimmed or folded. */
export const isAccountcode = (text: string): boolean => lengthProblem(text) === null && !UNPRINTABLE.test(text);

/** What is wrong with its length, with the mend; null for nothing. */
export function lengthProblem(text: string): string | null {
  const length = [...text].length;
  return length >= 1 && length <= LONGEST ? null : `has ${length} characters: use 1 to ${LONGEST}`;
}
