import type { Knex } from 'knex';
import { accountNamed } from '../accounts/manage-account';
import { inTransaction } from '../database/connection';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import { asFault, isFault, orFault } from '../database/fault';
import type { Acting } from '../operator/acting';
import { writeAudit } from '../operator/audit-store';
import type { ListOrder } from '../operator/cursor';
import { invalid } from '../operator/fields';
import { Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { partOf } from '../operator/page-store';
import { EVERYTHING } from '../operator/visible';
import { digitsOf } from '../rating/dialled-number';

/** A caller whose calls an account pays for without a PIN. The caller's network states the number, which may be forged. */
export interface CallerView {
  /** Digits, without + or 00. */
  number: string;
  accountcode: string;
  createdAt: Date;
}

/** @throws Refused caller_exists, account_not_found, field_invalid; DatabaseFault. */
export async function addCaller(acting: Acting, number: string, accountcode: string): Promise<CallerView> {
  const { database } = acting;
  const digits = numberField(number);
  const account = await accountNamed(database, EVERYTHING, accountcode);
  if (account.kind === 'pool') {
    throw new Refused('account_is_pool', `accountcode ${JSON.stringify(accountcode)} is a pool: name an account`).about(
      {
        accountcode,
      },
    );
  }
  try {
    await inTransaction(database, async transaction => {
      await transaction('astcaller').insert({ number: digits, accountcode });
      const after = { accountcode };
      await writeAudit(transaction, acting, {
        operation: 'caller add',
        object: `caller ${digits}`,
        before: null,
        after,
      });
    });
  } catch (error) {
    const fault = asFault(error);
    if (!isFault(fault, 'duplicate')) throw fault;
    const todo = 'remove it first with "caller remove"';
    throw new Refused('caller_exists', `caller ${digits} has an account already: ${todo}`).about({ number: digits });
  }
  const row = await database('astcaller').where({ number: digits }).first();
  return { number: digits, accountcode, createdAt: row.created_at };
}

/** Removes a caller and returns it, with the account that it had. @throws Refused caller_not_found, field_invalid; DatabaseFault. */
export async function removeCaller(acting: Acting, number: string): Promise<CallerView> {
  const digits = numberField(number);
  return inTransaction(acting.database, async transaction => {
    const caller = () => transaction('astcaller').where({ number: digits });
    const row = await caller().forUpdate().first();
    if (!row)
      throw new Refused('caller_not_found', `caller ${digits} is not known: see "caller list"`).about({
        number: digits,
      });
    await caller().delete();
    const { accountcode } = row;
    const before = { accountcode };
    await writeAudit(transaction, acting, {
      operation: 'caller remove',
      object: `caller ${digits}`,
      before,
      after: null,
    });
    return { number: digits, accountcode, createdAt: row.created_at };
  });
}

export const CALLERS_ORDER: ListOrder = { name: 'callers', columns: [{ column: 'number', kind: 'text' }] };

/** Callers in the order of their numbers. */
export async function listCallers(
  database: Knex,
  accountcode: string | undefined,
  request: PageRequest,
): Promise<Page<CallerView>> {
  const where = accountcode === undefined ? {} : { accountcode };
  const list = { rows: database('astcaller').where(where), order: CALLERS_ORDER, narrow: null };
  const { rows, ...part } = await partOf(database, list, request);
  const items = rows.map(row => ({ number: row.number, accountcode: row.accountcode, createdAt: row.created_at }));
  return { items, ...part };
}

/** The account of the caller with this `callerid`; null if the number is unknown, or the text is not a number. @throws DatabaseFault */
export async function accountOfCaller(database: Knex, callerid: string): Promise<string | null> {
  const number = digitsOf(callerid);
  if (number === null) return null;
  const row = await orFault(() =>
    database('astcaller').where({ number }).timeout(QUESTION_DEADLINE_MS).first('accountcode'),
  );
  return row?.accountcode ?? null;
}

function numberField(text: string): string {
  const digits = digitsOf(text);
  if (digits === null)
    throw invalid(
      'number',
      text.slice(0, 60),
      'is no number: write digits, with + or 00 before them if you like',
      'not_number',
    );
  return digits;
}
