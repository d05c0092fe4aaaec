import { rmSync } from 'node:fs';
import { killServersUnder } from '../lab/servers/process';
import { type RealParts, realPartsKey } from './real-parts.setup';

export default async function tearDown(): Promise<void> {
  const parts = (globalThis as Record<symbol, unknown>)[realPartsKey] as RealParts | undefined;
  if (!parts) return;
  // Killed, not stopped: their data is thrown away in the next line. This also ends what a failed test left running.
  await killServersUnder(parts.folder);
  rmSync(parts.folder, { recursive: true, force: true });
}
