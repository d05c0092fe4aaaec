/** How much a browser loads before it shows the first page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { projectRoot } from '../../src/config/project-root';

const FOLDER = join(projectRoot, 'dist/console');

test('what the page itself names is at most 250 KB, compressed', () => {
  const page = readFileSync(join(FOLDER, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
  expect(named.some(path => path.endsWith('.js')) && named.some(path => path.endsWith('.css'))).toBe(true);
  const bytes = named.map(path => gzipSync(readFileSync(join(FOLDER, path))).length);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(250_000);
});
