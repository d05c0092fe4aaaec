const NAMES_AND_BRACKETS = /"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g;

/**
 * Whether an object of a valid JSON text has two members of one name. `JSON.parse` takes the last: who can break out of a text in it,
 * as a Call-ID of his choice may that a script puts there as it is, would choose what is asked.
 */
export function hasNameTwice(text: string): boolean {
  const names: Set<string>[] = [];
  for (const [token] of text.matchAll(NAMES_AND_BRACKETS)) {
    if (token === '{' || token === '[') names.push(new Set());
    else if (token === '}' || token === ']') names.pop();
    else if (token.endsWith(':')) {
      const name = JSON.parse(token.slice(0, -1)) as string;
      const known = names.at(-1);
      if (known?.has(name)) return true;
      known?.add(name);
    }
  }
  return false;
}
