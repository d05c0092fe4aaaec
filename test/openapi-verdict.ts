import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../src/config/project-root';

/** The findings of the official schema about a document; empty for none. */
export function verdictOn(given: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  const path = join(folder, 'openapi.json');
  writeFileSync(path, JSON.stringify(given));
  try {
    const validator = join(projectRoot, 'node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js');
    execFileSync(process.execPath, [validator, path], { stdio: 'pipe' });
    return '';
  } catch (error) {
    return String((error as { stdout: Buffer }).stdout) || String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
