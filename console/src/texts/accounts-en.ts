/** The English words of the pages of accounts. They are read with those pages. */ import type { FieldWords } from './en';

type AccountField =
  | 'accountcode'
  | 'deck'
  | 'balance'
  | 'currency'
  | 'name'
  | 'credit_limit'
  | 'max_channels'
  | 'max_call_seconds'
  | 'barred_prefixes'
  | 'expires_at'
  | 'time_zone'
  | 'mode'
  | 'slice_seconds'
  | 'max_time'
  | 'max_calls_per_second'
  | 'warn_seconds'
  | 'warn_repeat_seconds'
  | 'warn_sound'
  | 'announce'
  | 'low_balance'
  | 'max_spend_hour'
  | 'max_spend_day'
  | 'max_spend_month'
  | 'max_call_cost'
  | 'spend_limit_action'
  | 'max_price_per_minute';

export const accountsEn = {
  code: 'Code',
  name: 'Name',
  state: 'State',
  anyState: 'All but closed',
  deck: 'Deck',
  held: 'held',
  callsNow: 'calls now',
  currency: 'currency',
  pool: 'pool',
  noneYet: 'No account yet. An account has a balance and a deck; its calls are charged to it.',
  noneFound: 'No account is like that.',
  newAccount: 'New account',
  create: 'Open the account',
  moreSettings: 'More settings',
  status: { active: 'active', blocked: 'blocked', closed: 'closed', expired: 'expired' },
  act: {
    topup: 'Top up',
    refund: 'Refund',
    adjust: 'Adjust',
    block: 'Block',
    unblock: 'Unblock',
    reopen: 'Open again',
    hangup: 'Hang up all',
    close: 'Close the account',
  },
  actions: 'Actions',
  moreActions: 'More',
  moveLead: {
    topup: 'Adds what the customer paid. The same reference again moves nothing.',
    refund: 'Gives money back: for a call at most what it cost, or for another cause under a reference of your own.',
    adjust: 'Corrects the balance: 5.00 adds, −5.00 takes. The customer sees the reference, and not the reason.',
  },
  movement: { amount: 'Amount', reference: 'Reference', call: 'Call', reason: 'Reason' },
  movementHelp: {
    amount: undefined,
    reference: undefined,
    call: 'uniqueid of the call that is refunded, in place of a reference',
    reason: 'why, for people; may be left out',
  } as Record<'amount' | 'reference' | 'call' | 'reason', string | undefined>,
  now: 'now',
  afterwards: 'afterwards',
  overdraft: (available: string) =>
    `This takes more than is available: ${available} will be available. Calls in progress keep what is held for them, and the account can start no other. It can be undone by an adjustment in the other direction.`,
  moved: (sum: string, balance: string, available: string) =>
    `${sum} moved. Balance ${balance}, available ${available}.`,
  movedBefore: (reference: string, sum: string) =>
    `The reference ${reference} moved ${sum} before. Nothing was done now.`,
  movedLater: (sum: string, approval: string) =>
    `${sum} waits for a second person, as approval ${approval}. Nothing is moved yet: another administrator approves it.`,
  waits: (approval: string, sum: string, by: string, reference: string) =>
    `${sum} waits for a second person: approval ${approval}, asked by ${by}, reference ${reference}. Nothing is moved yet.`,
  blockLead: (calls: number) =>
    calls === 0
      ? 'The account starts no call until it is unblocked. Emergency calls are let through.'
      : `The account starts no call until it is unblocked, and its ${calls === 1 ? 'call' : `${calls} calls`} in progress end now. Emergency calls are let through, and go on.`,
  hangupLead: (calls: number) =>
    calls === 0
      ? 'The account has no call in progress. What starts in this moment is ended too; emergency calls go on.'
      : `Ends ${calls === 1 ? 'the call' : `all ${calls} calls`} in progress now; emergency calls go on. This cannot be undone. The account may start others at once.`,
  closeLead: (balance: string) =>
    `The account starts no call, takes no money and is left out of lists. Its balance must be nothing: it is ${balance}. It can be opened again.`,
  blocked: (calls: number) => (calls === 0 ? 'Blocked.' : `Blocked. Calls that are being ended: ${calls}.`),
  unblocked: 'The account may start calls again.',
  unblockedButExpired: 'Unblocked, but the account has expired: it starts no call until you change when it expires.',
  hungUp: (calls: number) => (calls === 0 ? 'There was no call to end.' : `Calls that are being ended: ${calls}.`),
  closed: 'Closed. “Open again” takes it back.',
  tabs: {
    activity: 'Activity',
    live: 'Calls now',
    prices: 'Prices',
    limits: 'Limits',
    callers: 'Callers and cards',
    history: 'History',
  },
  shown: {
    money: 'All money',
    top_up: 'Top-ups',
    call_charge: 'Charges',
    refund: 'Refunds',
    adjustment: 'Adjustments',
    calls: 'Calls',
  },
  kinds: {
    top_up: 'top-up',
    call_charge: 'call',
    refund: 'refund',
    adjustment: 'adjustment',
    correction: 'correction',
    pool_closed: 'pool closed',
  },
  when: 'When',
  what: 'What',
  by: 'By',
  from: 'From',
  to: 'To',
  destination: 'Destination',
  trunk: 'Trunk',
  ended: 'Ended',
  talk: 'Talk',
  cost: 'Cost',
  since: 'Since',
  noMoney: 'No money was moved. A top-up is the first line here.',
  noCalls: 'No call yet. Every call stands here, with what it cost or why it was refused.',
  newestOnly: (shown: number, total: number) => `The newest ${shown} of ${total}.`,
  refusedFor: (why: string) => `refused: ${why}`,
  inProgress: 'in progress',
  dispositions: {
    ANSWERED: 'answered',
    'NO ANSWER': 'no answer',
    BUSY: 'busy',
    CONGESTION: 'congestion',
    FAILED: 'failed',
  },
  callStates: { talking: 'talking', ringing: 'ringing', waiting: 'waiting' },
  ending: 'being ended',
  hangUpShort: 'Hang up',
  hangUpOne: (number: string) => `Hang up the call to ${number}`,
  noCallNow: 'No call in progress. One that starts appears here by itself.',
  oldestOnly: 'The oldest 1,000 calls are shown.',
  notHeardSince: (time: string) => `Not heard since ${time}: what you see is of then. The page goes on by itself.`,
  number: 'Number',
  seconds: 'Seconds',
  noNumber: 'Write a number: you see what a call there costs this account, and how the price comes about.',
  costOf: (talk: string) => `Cost of ${talk}`,
  longest: 'Longest talk now',
  wouldHold: 'Would be held',
  howPriced: 'How the price comes about',
  wouldRefuse: (why: string) => `A call would be refused now: ${why}.`,
  groups: {
    money: 'Money',
    spend: 'Limits of spend',
    calls: 'Calls',
    holding: 'How calls hold money',
    heard: 'What callers hear',
    people: 'For people',
  },
  fields: {
    accountcode: { label: 'Code', help: 'as the switch names it: the accountcode of its channels' },
    deck: { label: 'Deck' },
    balance: { label: 'First balance' },
    currency: { label: 'Currency' },
    name: { label: 'Name' },
    credit_limit: { label: 'Credit limit' },
    max_channels: { label: 'Calls at once', none: 'no limit' },
    max_call_seconds: { label: 'Longest call', none: "the service's own limit" },
    barred_prefixes: { label: 'Barred prefixes', none: 'none' },
    expires_at: { label: 'Expires', help: 'no call starts from then on', none: 'never' },
    time_zone: { label: 'Time zone' },
    mode: { label: 'Mode' },
    slice_seconds: { label: 'Slice' },
    max_time: { label: 'Talk together', none: 'no limit' },
    max_calls_per_second: { label: 'Starts in a second', none: 'no limit' },
    warn_seconds: { label: 'Warnings', none: 'none' },
    warn_repeat_seconds: { label: 'Warn again every', none: 'never' },
    warn_sound: { label: 'Sound of a warning', none: "the service's own" },
    announce: { label: 'Told before the call', none: 'nothing' },
    low_balance: { label: 'Low balance', none: 'never' },
    max_spend_hour: { label: 'In an hour', none: 'no limit' },
    max_spend_day: { label: 'In a day', none: 'no limit' },
    max_spend_month: { label: 'In a month', none: 'no limit' },
    max_call_cost: { label: 'One call', none: 'no limit' },
    spend_limit_action: { label: 'A call over such a limit' },
    max_price_per_minute: { label: 'Price per minute', none: 'no limit' },
  } as Record<AccountField, FieldWords>,
  change: 'Change',
  changeOf: (label: string) => `Change ${label}`,
  emptyMeans: (none: string) => `Empty: ${none}`,
  refusedLately: (calls: number) => `refused ${calls === 1 ? '1 call' : `${calls} calls`} in the last 7 days`,
  sameChanged: 'Another person changed this setting while you did. Nothing of yours is saved yet.',
  otherChanged: 'Another person changed other settings while you did. Nothing of yours is saved yet.',
  setting: 'Setting',
  before: 'As you saw it',
  yours: 'Yours',
  saveMine: 'Save mine',
  keepTheirs: 'Leave it as it is now',
  callers: 'Callers',
  callersLead: 'Calls from these numbers are charged to this account without a PIN.',
  numberHelp: undefined as string | undefined,
  addNumber: 'Add',
  remove: 'Remove',
  removeNumber: (number: string) => `Remove ${number}`,
  numberRemoved: (number: string) => `${number} is forgotten.`,
  undo: 'Undo',
  noCaller: 'No number calls without a PIN.',
  card: 'Card',
  noCard: 'This account was not opened by a card.',
  cardFacts: {
    serial: 'Serial',
    batch: 'Batch',
    value: 'Value',
    firstUsed: 'First used',
    lastUsed: 'Last used',
  },
  cardStatus: { generated: 'generated', active: 'active', blocked: 'blocked' },
  changes: 'Changes by people',
  difference: 'Difference',
  noChange: 'Nobody changed anything yet.',
  lowBalances: 'When the balance was low',
  noLowBalance: 'The balance was never below its warning. “Low balance” under Limits sets one.',
};

export type AccountTexts = typeof accountsEn;
