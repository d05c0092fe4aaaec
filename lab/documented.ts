import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './parts';

/** A context of a dialplan that a document shows. @throws Error if the document does not show it: document and code would have diverged. */
export function documentedContext(path: string, context: string): string {
  const text = new RegExp(`^\\[${context}\\]$[^\`]*`, 'm').exec(readFileSync(join(projectFolder, path), 'utf8'))?.[0];
  if (text === undefined) throw new Error(`${path} has no context [${context}]`);
  return text;
}

/** The blocks of code below a heading of docs/doors.md, one for each of these beginnings in their order. @throws Error if one is missing. */
export function documentedBlocks(heading: string, ...beginnings: string[]): string[] {
  const document = readFileSync(join(projectFolder, 'docs/doors.md'), 'utf8');
  const section = document.split(/^## /m).find(text => text.startsWith(heading));
  const blocks = section?.split('```').map(text => text.replace(/^\n/, '')) ?? [];
  return beginnings.map(begins => {
    const at = blocks.findIndex(text => text.startsWith(begins));
    if (at < 0) throw new Error(`docs/doors.md shows no ${begins} below ${heading}`);
    return blocks.splice(0, at + 1).at(-1) as string;
  });
}
