/** The English words of the pages of cards and vouchers. They are read with those pages. */
import type { FieldWords } from './en';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What is said alike of cards and of vouchers. `code`: what is secret of one. */
function ofBoth(one: 'card' | 'voucher', code: 'PIN' | 'code') {
  const [many, codes] = [`${one}s`, `${code}s`];
  const counted = (count: string) => (count === '1' ? `1 ${one}` : `${count} ${many}`);
  return {
    many: capital(many),
    batches: `Batches of ${many}`,
    make: `Make ${many}`,
    makeSo: (count: string) => `Make ${counted(count)}`,
    makeLead: `You see their ${codes} once, on a sheet that you can print. They can do nothing until they are activated.`,
    tooMany: `More than 1,000 at once are made on the command line, which writes their ${codes} into a file: ringfence ${one} generate --out`,
    noneYet: `No ${one} yet. “Make ${many}” makes a batch; more than 1,000 at once are made on the command line:`,
    noBatch: `There is no such batch of ${many}.`,
    noneSo: `No ${one} of this batch is in this state.`,
    find: `Serial of a ${one}`,
    notFound: (serial: string) => `There is no ${one} ${serial}.`,
    so: (count: string, value: string) => `${counted(count)} of ${value}`,
    serial: (serial: string) => `${capital(one)} ${serial}`,
    code: capital(code),
    sheet: (batch: string, count: string) =>
      `${batch}: ${count === '1' ? `the ${code}` : `the ${codes} of ${count} ${many}`}`,
    shownOnce: `These ${codes} are shown this once, and are stored nowhere. Print the sheet or keep the file at once: they go with this page. If they are lost, block the batch and make another one.`,
    leave: `You are leaving the only place where these ${codes} are.`,
    save: `Keep the ${codes} as a file`,
    act: { activate: `Activate ${many}`, block: `Block ${many}`, unblock: `Unblock ${many}` },
    actOne: {
      activate: (serial: string) => `Activate ${one} ${serial}`,
      block: (serial: string) => `Block ${one} ${serial}`,
      unblock: (serial: string) => `Unblock ${one} ${serial}`,
    },
  };
}

const unchanged = (rest: string): string => (rest === '0' ? '' : ` ${rest} were left as they were.`);

export const cardsEn = {
  title: 'Cards and vouchers',
  kind: 'Kind',
  batch: 'Batch',
  value: 'Value',
  count: 'Number',
  serials: 'Serials',
  fromTo: (from: string, to: string) => `${from} to ${to}`,
  deck: 'Deck',
  currency: 'Currency',
  made: 'Made',
  never: 'never',
  state: 'State',
  account: 'Account',
  noAccount: 'none yet',
  accountHelp: undefined as string | undefined,
  balance: 'Balance',
  firstUsed: 'First used',
  lastUsed: 'Last used',
  activatedAt: 'Activated',
  expiresDays: 'After first use',
  days: (days: number) => (days === 1 ? '1 day' : `${days} days`),
  redeemedFor: 'Redeemed for',
  redeemedAt: 'Redeemed',
  serialHead: 'Serial',
  status: { generated: 'not activated', active: 'active', blocked: 'blocked', redeemed: 'redeemed' },
  act: { activate: 'Activate', block: 'Block', unblock: 'Unblock' },
  open: 'Open',
  newestOnly: (shown: string, total: string) =>
    `These are the newest ${shown} of ${total} batches. A serial leads to the batch of an older one.`,
  fromSerial: 'From serial',
  fromSerialHelp: 'empty: from the first of the batch',
  toSerial: 'To serial',
  toSerialHelp: 'empty: to the last of the batch',
  progress: (done: string, count: string) =>
    `${done} of ${count}. If you leave, it stops behind the part that was begun: do it again to go on.`,
  making: 'The codes are being hashed. A thousand take some ten seconds.',
  fields: {
    batch: { label: 'Name of the batch' },
    count: { label: 'How many', help: 'at most 1,000 at once' },
    value: { label: 'Value of each' },
    deck: { label: 'Deck' },
    currency: { label: 'Currency' },
    pin_digits: { label: 'Digits of a PIN', help: '10 to 16; empty: 12' },
    code_digits: { label: 'Digits of a code', help: '10 to 16; empty: 12' },
    expires: { label: 'Expires', help: 'good for nothing from then on' },
    expires_days: { label: 'Days after first use', help: 'no call starts later than so many days after the first use' },
  } as Record<CodeField, FieldWords>,
  print: 'Print',
  sheetName: 'Your name',
  sheetNameHelp: 'stands on each',
  sheetHow: 'How to use it',
  goodUntil: (day: string) => `good until ${day}`,
  goodDays: (days: number) => `good for ${days === 1 ? 'a day' : `${days} days`} from the first use`,
  redeem: 'Redeem a voucher',
  redeemGo: 'Redeem it',
  redeemLead: 'Adds the value of a voucher to an account, once, for a customer who reads its code to you.',
  codeHelp: 'as it is printed; spaces do not matter',
  redeemed: (serial: string, sum: string, balance: string, available: string) =>
    `Voucher ${serial} added ${sum}. Balance ${balance}, available ${available}. Account:`,
  expires: 'Expires',
  kept: 'I have kept them',
  switched: {
    activate: (changed: string, rest: string) => `${changed} activated.${unchanged(rest)}`,
    block: (changed: string, rest: string) => `${changed} blocked.${unchanged(rest)}`,
    unblock: (changed: string, rest: string) => `${changed} unblocked.${unchanged(rest)}`,
  },
  of: {
    cards: {
      ...ofBoth('card', 'PIN'),
      lead: 'A card’s PIN stands for an account. A new card can do nothing: print and sell it, then activate it, which opens its account with its value.',
      worth: (sum: string) => `Once all are activated, their accounts have ${sum} together.`,
      command: 'ringfence card generate --batch summer --count 5000 --value 10.00 --deck retail --out summer.csv',
      sheetHowHelp: 'a line for the caller: the number to call',
      sheetHowExample: 'Call 030 1234567, enter your PIN, then the number.',
      means: {
        generated: 'Its PIN is not taken yet. Activate it when it is sold.',
        active: 'Its PIN is taken, and its account pays for the calls.',
        blocked: 'Its PIN is not taken, and its account starts no call.',
        redeemed: '',
      },
      effect: {
        activate: (count: string, isExact: boolean, sum: string) =>
          `Opens ${isExact ? '' : 'at most '}${count} account${count === '1' ? '' : 's'} with ${sum} in all. Done again it moves nothing a second time. It is not undone, but a card can be blocked.`,
        block: (count: string, isExact: boolean) =>
          `Refuses ${isExact ? '' : 'at most '}${count} PIN${count === '1' ? '' : 's'} from now on, blocks the accounts, and ends their calls in progress. “Unblock” takes it back, but for the calls.`,
        unblock: (count: string, isExact: boolean) =>
          `Takes ${isExact ? '' : 'at most '}${count} PIN${count === '1' ? '' : 's'} again, and opens the accounts that were blocked with them. An account that a person blocked stays blocked.`,
      },
    },
    vouchers: {
      ...ofBoth('voucher', 'code'),
      lead: 'A voucher’s code adds its value to an account, once. A new voucher can do nothing: print and sell it, then activate it.',
      worth: (sum: string) => `Once all are activated, they can add ${sum} together to accounts.`,
      command: 'ringfence voucher generate --batch top-10 --count 5000 --value 10.00 --currency EUR --out top-10.csv',
      sheetHowHelp: 'a line for the customer: where to redeem it',
      sheetHowExample: 'Call 030 1234567, choose 2, and enter the code.',
      means: {
        generated: 'It cannot be redeemed yet. Activate it when it is sold.',
        active: 'It can be redeemed, once.',
        blocked: 'It cannot be redeemed.',
        redeemed: 'Its money is on the account.',
      },
      effect: {
        activate: (count: string, isExact: boolean, sum: string) =>
          `${isExact ? '' : 'At most '}${count} can be redeemed from now on, for ${sum} in all. A voucher that is not redeemed can be blocked.`,
        block: (count: string, isExact: boolean) =>
          `${isExact ? '' : 'At most '}${count} can be redeemed no more; those that were redeemed stay as they are. “Unblock” takes it back.`,
        unblock: (count: string, isExact: boolean) =>
          `${isExact ? '' : 'At most '}${count} are as they were before they were blocked.`,
      },
    },
  },
};

export type CardTexts = typeof cardsEn;

type CodeField =
  | 'batch'
  | 'count'
  | 'value'
  | 'deck'
  | 'currency'
  | 'pin_digits'
  | 'code_digits'
  | 'expires'
  | 'expires_days';
