import { plainAccount } from '../../../simulation/plain-account';
import type { Account } from '../../../src/credit/rules/account';
import type { SpendWindow, Spent } from '../../../src/credit/rules/spend';
import type { StartRequest } from '../../../src/credit/rules/start';
import { parseAmount, ZERO } from '../../../src/money/micros';
import type { Rate } from '../../../src/rating/rate';

export const NOON = Date.parse('2026-06-01T12:00:00Z');

/** alice's account with 10.00. */
export const account = (more: Partial<Account> = {}): Account =>
  plainAccount('alice', { deck: 'retail', balance: parseAmount('10'), ...more });

/** What an account spent in a window of its own. */
export const spentOf = (window: SpendWindow, limit: string, amount: string): Spent => ({
  window,
  limit: parseAmount(limit),
  amount: parseAmount(amount),
  afterEntry: 0,
  told: false,
  endsAt: NOON + 1,
});

export const request = (more: Partial<StartRequest> = {}): StartRequest => ({
  uniqueid: 'ast1-1.1',
  accountcode: 'alice',
  node: 'ast1',
  src: '100',
  dst: '4930123456',
  startAt: NOON,
  emergency: false,
  routable: true,
  ringSeconds: 60,
  ...more,
});

export const limits = { maxCallSeconds: 3600, barredPrefixes: ['900'] };

/** 1.00 a minute, by whole minutes. */
export const rate = (more: Partial<Rate> = {}): Rate => ({
  deck: 'retail',
  version: 1,
  currency: 'EUR',
  prefix: '49',
  destination: 'Germany',
  isBlocked: false,
  validFrom: null,
  validUntil: null,
  maxSeconds: null,
  pricePerMinute: parseAmount('1'),
  connectFee: ZERO,
  minimumCharge: ZERO,
  initialIncrementSeconds: 60,
  incrementSeconds: 60,
  graceSeconds: 0,
  freeSeconds: 0,
  steps: [],
  ...more,
});
