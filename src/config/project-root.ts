import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of Ringfence's package.json, wherever this file was compiled to: beside it lie `sql/` and `dialplan/`. */
export const projectRoot: string = (() => {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${__dirname}`);
  }
})();
