import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { misfits } from '../../simulation/mutations';
import { projectRoot } from '../../src/config/project-root';

test('each break that the simulation has to find still has its one place in the product', () => {
  expect(misfits(join(projectRoot, 'dist/src'))).toEqual([]);
});

test('a broken copy of the product is run, and found', () => {
  const words = [join(projectRoot, 'dist/simulation/mutations.js'), '--only', 'balance = sum of entries'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/\| balance = sum of entries \| .* \| \d+ \|\n$/);
});
