import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where every log ends now; what is written after that belongs to the run. */
export function markLogs(paths: Record<string, string>): Map<string, number> {
  return new Map(Object.values(paths).map(path => [path, existsSync(path) ? statSync(path).size : 0]));
}

/** Copies what was written since `marks` into `folder`, each log under its name. A log that began anew is copied whole. */
export function keepLogs(paths: Record<string, string>, marks: Map<string, number>, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, path] of Object.entries(paths)) {
    if (!existsSync(path)) continue;
    const from = marks.get(path) ?? 0;
    const content = readFileSync(path);
    writeFileSync(join(folder, `${name}.log`), content.length < from ? content : content.subarray(from));
  }
}

export const keepFolder = (from: string, to: string): void => {
  if (existsSync(from)) cpSync(from, to, { recursive: true });
};
