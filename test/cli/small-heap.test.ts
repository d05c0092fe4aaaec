import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../src/config/project-root';

/** How large the young generation is of a process that keeps many short-lived objects at hand, after words of a command line; kB. */
function youngKb(words: string[]): number {
  const program = `
    require(${JSON.stringify(join(projectRoot, 'dist/src/cli/small-heap.js'))}).keepHeapSmall(${JSON.stringify(words)});
    const kept = [];
    for (let count = 0; count < 3e6; count++) {
      kept[count % 2e4] = { count };
    }
    const young = require('node:v8').getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    console.log(Math.round(young.space_size / 1024));`;
  return Number(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }));
}

test('a command that reads millions of rows keeps its young generation as it is; others let it grow', () => {
  const usual = youngKb(['account', 'list']);
  expect(youngKb(['verify', '--proof', 'x'])).toBeLessThan(usual / 2);
  expect(youngKb(['deck', 'import', 'retail', 'rates.csv'])).toBeLessThan(usual / 2);
  expect(youngKb(['deck', 'show', 'retail'])).toBe(usual);
});
