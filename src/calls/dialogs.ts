/** The word by which the dialplan names the INVITE that began a call: `dialog=` and a hash. docs/pools.md */
const WORD = 'dialog=';

const HASH = /^[0-9a-f]{32}$/;

/** The hash of the INVITE in a text; null if the text is none, for example from a variable that was never set. */
export const dialogIn = (text: string): string | null => (HASH.test(text) ? text : null);

/** The INVITE that the words of a call name; null if they name none. */
export const dialogOf = (words: readonly string[]): string | null =>
  words.flatMap(word => (word.startsWith(WORD) ? (dialogIn(word.slice(WORD.length)) ?? []) : []))[0] ?? null;

/** The words without the word that names the INVITE. */
export const withoutDialog = (words: readonly string[]): string[] => words.filter(word => !word.startsWith(WORD));
