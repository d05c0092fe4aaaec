/** Which text can be the code of an account: one that its column keeps distinct and that Asterisk keeps whole. */

/** Asterisk cuts a channel's accountcode and a caller's number at this length, and would charge the account of the first 79 bytes. */
export const LONGEST_ACCOUNTCODE_BYTES = 79;

/** A control character, half a surrogate pair, or a byte that was not UTF-8: no name contains one, and no terminal should show one. */
export const UNPRINTABLE = /[\p{Cc}\p{Cs}\uFFFD]/u;

/** 1 to 79 bytes of UTF-8, of any script, blanks too; compared byte by byte, so nothing is trimmed or folded. */
export const isAccountcode = (text: string): boolean => lengthProblem(text) === null && !UNPRINTABLE.test(text);

/** What is wrong with its length, with what to do; null for nothing. */
export function lengthProblem(text: string): string | null {
  const bytes = Buffer.byteLength(text);
  if (bytes >= 1 && bytes <= LONGEST_ACCOUNTCODE_BYTES) return null;
  return `has ${bytes} bytes: use 1 to ${LONGEST_ACCOUNTCODE_BYTES}, as Asterisk cuts what is longer`;
}
