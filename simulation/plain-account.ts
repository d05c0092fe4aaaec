import { NO_ENTRIES } from '../src/credit/entry-chain';
import { type Account, PLAIN_TERMS } from '../src/credit/rules/account';
import { ZERO } from '../src/money/micros';

/** An account in EUR without money, without limits of its own and without calls; `more` is different. The tests of the rules begin with it too. */
export const plainAccount = (accountcode: string, more: Partial<Account> = {}): Account => ({
  accountcode,
  ...NO_ENTRIES,
  currency: 'EUR',
  timeZone: 'UTC',
  blocked: false,
  closed: false,
  expiresAt: null,
  deck: 'main',
  balance: ZERO,
  creditLimit: ZERO,
  reserved: ZERO,
  activeCalls: 0,
  maxChannels: 0,
  maxCallSeconds: null,
  barredPrefixes: [],
  kind: 'account',
  maxTimeSeconds: null,
  timeUsedSeconds: 0,
  timeReservedSeconds: 0,
  maxCallsPerSecond: 0,
  startedSecond: 0,
  startedCalls: 0,
  lowBalance: null,
  lowBalanceTold: false,
  isShort: false,
  spent: [],
  spentAt: null,
  maxCallCost: null,
  maxPricePerMinute: null,
  isBlockedAtSpendLimit: false,
  terms: PLAIN_TERMS,
  ...more,
});
