import { NO_ENTRIES } from '../../src/credit/entry-chain';
import { type Account, PLAIN_TERMS, type StartRequest } from '../../src/credit/rules';
import { parseAmount, ZERO } from '../../src/money/micros';

export const NOON = Date.parse('2026-06-01T12:00:00Z');

/** alice's account with 10.00. */
export const account = (more: Partial<Account> = {}): Account => ({
  accountcode: 'alice',
  ...NO_ENTRIES,
  currency: 'EUR',
  timeZone: 'UTC',
  blocked: false,
  expiresAt: null,
  deck: 'retail',
  balance: parseAmount('10'),
  creditLimit: ZERO,
  reserved: ZERO,
  activeCalls: 0,
  maxChannels: 0,
  maxCallSeconds: null,
  barredPrefixes: [],
  kind: 'account',
  maxTime: null,
  timeUsed: 0,
  timeReserved: 0,
  maxCallsPerSecond: 0,
  startedSecond: 0,
  startedCalls: 0,
  lowBalance: null,
  lowBalanceTold: false,
  isShort: false,
  terms: PLAIN_TERMS,
  ...more,
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
