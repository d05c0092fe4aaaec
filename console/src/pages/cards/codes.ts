/** What cards and vouchers have in common: one set of questions for both, so that one page shows either. */
import { useQuery } from '@tanstack/react-query';
import { Refused, told } from '../../api/ask';
import {
  type Card,
  type CardBatch,
  cardActivate,
  cardBatches,
  cardBlock,
  cardList,
  cardShow,
  cardUnblock,
  type Voucher,
  type VoucherBatch,
  voucherActivate,
  voucherBatches,
  voucherBlock,
  voucherList,
  voucherShow,
  voucherUnblock,
} from '../../api/operations';
import type { OperationName } from '../../api/session';
import type { Kind, Status, Switch } from './search';

/** Begins the key of everything that is shown of cards, or of vouchers. */
export const codesKey = (kind: Kind) => ['codes', kind] as const;

/** A batch of either kind. */
export type Batch = (Omit<CardBatch, 'deck' | 'expires_days'> | VoucherBatch) &
  Partial<Pick<CardBatch, 'deck' | 'expires_days'> & Pick<VoucherBatch, 'redeemed'>>;

/** A card or a voucher. */
export type Code = Pick<Card, 'serial' | 'batch' | 'value' | 'currency' | 'accountcode' | 'expires_at'> & {
  status: Status;
} & Partial<
    Pick<Card, 'balance' | 'first_used_at' | 'last_used_at'> &
      Pick<Voucher, 'redeemed_at'> & { activated_at: string | null }
  >;

export interface Batches {
  items: Batch[];
  /** How many there are, shown or not. */
  total: number;
}

const MOST_BATCHES = 200;

const readBatches = async (kind: Kind, batch?: string): Promise<Batches> => {
  const asked = batch === undefined ? { limit: MOST_BATCHES } : { batch, limit: 1 };
  return kind === 'cards' ? told(cardBatches(asked)) : told(voucherBatches(asked));
};

/** How often what others do to a batch is looked for. Ms. */
const LOOK_MS = 15_000;

export const useBatches = (kind: Kind) =>
  useQuery({
    queryKey: [...codesKey(kind), 'batches'],
    queryFn: () => readBatches(kind),
    refetchInterval: LOOK_MS,
  });

/** null if there is no such batch. */
export const useBatch = (kind: Kind, batch: string) =>
  useQuery({
    queryKey: [...codesKey(kind), 'batch', batch],
    queryFn: async () => (await readBatches(kind, batch)).items[0] ?? null,
    refetchInterval: LOOK_MS,
  });

const ROWS_AT_ONCE = 100;

/** A part of a batch in the order of its serials. */
export function codesOf(kind: Kind, batch: string, status: Status | undefined, cursor: string | undefined) {
  const page = { batch, limit: ROWS_AT_ONCE, ...(cursor === undefined ? { count: true } : { cursor }) };
  return kind === 'vouchers'
    ? told(voucherList({ ...page, ...(status && { status }) }))
    : // A card is never redeemed.
      told(cardList({ ...page, ...(status && status !== 'redeemed' && { status }) }));
}

/** The card or voucher of that serial; null if there is none. @throws Refused if it cannot be asked. */
export async function codeNumbered(kind: Kind, serial: number): Promise<Code | null> {
  try {
    return await (kind === 'cards' ? told(cardShow({ serial })) : told(voucherShow({ serial })));
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

export const useCode = (kind: Kind, serial: number) =>
  useQuery({ queryKey: [...codesKey(kind), 'serial', serial], queryFn: () => codeNumbered(kind, serial) });

/** The operation of each switch: its name tells who may, its function asks for it. */
export const SWITCH_OF = {
  cards: { activate: cardActivate, block: cardBlock, unblock: cardUnblock },
  vouchers: { activate: voucherActivate, block: voucherBlock, unblock: voucherUnblock },
} as const;

const NAME_OF = {
  cards: { activate: 'cardActivate', block: 'cardBlock', unblock: 'cardUnblock' },
  vouchers: { activate: 'voucherActivate', block: 'voucherBlock', unblock: 'voucherUnblock' },
} as const satisfies Record<Kind, Record<Switch, OperationName>>;

export const nameOf = (kind: Kind, how: Switch): OperationName => NAME_OF[kind][how];

/** In which states a card or voucher is changed by that; others are left as they are. */
export const CHANGED_BY: Record<Switch, readonly Status[]> = {
  activate: ['generated'],
  block: ['generated', 'active'],
  unblock: ['blocked'],
};

/** How many of a batch that changes. */
export const changedBy = (how: Switch, batch: Batch): number =>
  CHANGED_BY[how].reduce((sum, status) => sum + (batch[status] ?? 0), 0);
