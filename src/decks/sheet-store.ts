/** How the sheets of carriers are read, kept for the next file of each. */
import type { Knex } from 'knex';
import { inTransaction } from '../database/connection';
import { orFault } from '../database/fault';
import type { Row } from '../database/rows';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import { nameField } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import type { SheetReading } from './sheet';

export interface KeptSheet extends SheetReading {
  deck: string;
  keptBy: string;
  keptAt: Date;
}

/** How the sheets of a deck's carrier are read. @throws Refused sheet_not_found */
export async function keptSheet(database: Knex, deck: string): Promise<KeptSheet> {
  const row: Row | undefined = await orFault(() => database('astsheet').where({ deck }).first());
  if (!row) throw noSheet(deck);
  return { ...(JSON.parse(row.reading) as SheetReading), deck, keptBy: row.kept_by, keptAt: row.kept_at };
}

const noSheet = (deck: string): Refused =>
  new Refused(
    'sheet_not_found',
    `nothing is kept of the sheets of deck ${JSON.stringify(deck)}: see "sheet keep"`,
  ).about({ deck });

/** Keeps how the sheets are read, in place of what was kept before. The deck need not exist yet. @throws Refused field_invalid */
export async function keepSheet(acting: Acting, name: string, reading: SheetReading): Promise<KeptSheet> {
  const deck = nameField('deck', name);
  const change = async (transaction: Knex.Transaction) => {
    const before: Row | undefined = await transaction('astsheet').where({ deck }).forUpdate().first('reading');
    const text = JSON.stringify(reading);
    if (before?.reading === text) return;
    await transaction('astsheet')
      .insert({
        deck,
        reading: text,
        kept_by: acting.actor,
        kept_at: transaction.raw('UTC_TIMESTAMP(3)'),
      })
      .onConflict('deck')
      .merge();
    await writeAudit(transaction, acting, {
      operation: 'sheet keep',
      object: `sheet of deck ${deck}`,
      before: before ? { reading: before.reading } : null,
      after: { reading: text },
    });
  };
  await inTransaction(acting.database, change, { idempotent: true });
  return keptSheet(acting.database, deck);
}

/** Forgets it. @throws Refused sheet_not_found */
export async function forgetSheet(acting: Acting, deck: string): Promise<void> {
  await inTransaction(
    acting.database,
    async (transaction, { commitWasLost }) => {
      const row: Row | undefined = await transaction('astsheet').where({ deck }).forUpdate().first('reading');
      if (!row && commitWasLost) return;
      if (!row) throw noSheet(deck);
      await transaction('astsheet').where({ deck }).delete();
      await writeAudit(transaction, acting, {
        operation: 'sheet remove',
        object: `sheet of deck ${deck}`,
        before: { reading: row.reading },
        after: null,
      });
    },
    { idempotent: true },
  );
}
