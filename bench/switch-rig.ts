import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { documentedContext } from '../lab/documented';
import { type AsteriskServer, startAsterisk } from '../lab/servers/asterisk';
import type { DatabaseServer } from '../lab/servers/database';
import { startMariadb } from '../lab/servers/mariadb';
import { type Carrier, startCarrier } from '../lab/servers/sipp';
import { emptyBooks, onePrice } from './books';

/** The name of the switch, which is the node of its calls. */
export const SWITCH = 'bench';

/** A switch, a carrier and books with one rich account, alice: what a service bills real calls with. */
export interface SwitchRig {
  readonly asterisk: AsteriskServer;
  /** The same, with its journal and call records in files alone; null where none was asked for. */
  readonly withoutOdbc: AsteriskServer | null;
  readonly carrier: Carrier;
  readonly server: DatabaseServer;
  /** The address of the books. */
  readonly url: string;
  readonly database: Knex;
  stop(): Promise<void>;
}

/** Who dials, by the address that the call comes from. */
export const CALLERS = { bridge: '127.0.0.5', dialplan: '127.0.0.8', agi: '127.0.0.9', plain: '127.0.0.10' } as const;

export type Way = keyof typeof CALLERS;

/** `agiPort`: where the service listens for FastAGI. */
export async function startSwitchRig(options: {
  ringMs: number;
  agiPort: number;
  withoutOdbc?: boolean;
}): Promise<SwitchRig> {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const server = await startMariadb({ dir: join(dir, 'mariadb') });
  const { url, database } = await emptyBooks(server.url);
  await onePrice(database, '0.01');
  const alice = { accountcode: 'alice', currency: 'EUR', deck: 'retail', credit_limit: '1000000' };
  // So that each call may hold what it could cost, and no call waits for another.
  await database('astaccount').insert({ ...alice, max_call_seconds: 600 });
  await database('asttrunk').insert({ trunk: 'carrier', endpoint: 'PJSIP/{number}@carrier' });
  await database('astroute').insert({ prefix: '', priority: 1, trunk: 'carrier' });
  const carrier = await startCarrier({ keys: { ring_ms: options.ringMs } });
  const start = (name: string, evidenceDatabaseUrl?: string) =>
    startAsterisk({
      dir: join(dir, name),
      systemname: name,
      customers: [
        { name: 'proxy', address: CALLERS.bridge },
        { name: 'own', address: CALLERS.dialplan, context: 'from-customer-own-dial', accountcode: 'alice' },
        { name: 'agi', address: CALLERS.agi, context: 'from-a2billing-like', accountcode: 'alice' },
        { name: 'plain', address: CALLERS.plain, context: 'plain-dial' },
      ],
      carriers: [{ name: 'carrier', address: carrier.address }],
      extraDialplan: dialplanOf(options.agiPort),
      ...(evidenceDatabaseUrl !== undefined && { evidenceDatabaseUrl }),
    });
  const asterisk = await start(SWITCH, url);
  const withoutOdbc = options.withoutOdbc ? await start(`${SWITCH}-files`) : null;
  return {
    asterisk,
    withoutOdbc,
    carrier,
    server,
    url,
    database,
    async stop() {
      await withoutOdbc?.stop();
      await asterisk.stop();
      await carrier.stop();
      await database.destroy();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The contexts that docs/doors.md shows, and one that bills nothing. */
const dialplanOf = (agiPort: number): string =>
  [
    documentedContext('docs/doors.md', 'from-customer-own-dial'),
    documentedContext('docs/doors.md', 'from-a2billing-like').replaceAll('127.0.0.1', `127.0.0.1:${agiPort}`),
    '[plain-dial]',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the dialplan
    'exten => _X.,1,Dial(PJSIP/${EXTEN}@carrier,60)',
    ' same => n,Hangup()',
    '',
  ].join('\n');
