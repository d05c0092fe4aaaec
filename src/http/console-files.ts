/** The console's files, as `npm run build` wrote them into dist/console. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../config/project-root';

const FOLDER = join(projectRoot, 'dist', 'console');

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface ConsoleFile {
  type: string;
  body: Buffer;
  gzip: Buffer;
  /** Its name has a hash of what it holds: another content has another name. */
  isForGood: boolean;
}

export interface ConsoleFiles {
  /** The page, with NONCE where the nonce of an answer must stand. */
  page: string;
  /** By path, such as `/assets/index-B2c.js`. */
  files: ReadonlyMap<string, ConsoleFile>;
}

/** Where the page has the nonce of its styles. */
export const NONCE = '__NONCE__';

/**
 * All of them, read at once: no name that a client writes reaches the disk. Files of other types are none of the build's. null if the console was
 * not built.
 */
export function readConsole(folder = FOLDER): ConsoleFiles | null {
  const page = join(folder, 'index.html');
  if (!existsSync(page)) return null;
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name !== 'index.html')
    .map(entry => join(entry.parentPath, entry.name));
  const files = paths.flatMap(path => {
    const type = TYPES[extname(path)];
    if (type === undefined) return [];
    const body = readFileSync(path);
    const url = path.slice(folder.length);
    return [[url, { type, body, gzip: gzipSync(body), isForGood: url.startsWith('/assets/') }] as const];
  });
  return { page: readFileSync(page, 'utf8'), files: new Map(files) };
}
