const NAMES_AND_BRACKETS = /"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g;

/**
 * Whether an object in a valid JSON text has two members of one name. `JSON.parse` keeps the last one. A script may paste a Call-ID into
 * its JSON text without escaping it. A caller who chose such a Call-ID could add a member, and so choose what the request says.
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
