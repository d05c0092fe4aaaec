import { join } from 'node:path';
import { misfits } from '../../simulation/mutations';
import { projectRoot } from '../../src/project-root';

test('each break that the simulation has to find still has its one place in the product', () => {
  expect(misfits(join(projectRoot, 'dist/src'))).toEqual([]);
});
