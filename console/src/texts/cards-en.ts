/** The English words of the pages of cards and vouchers. They are read with those pages. */
import type { FieldWords } from './en';

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
  of: {
    cards: {
      many: 'Cards',
      batches: 'Batches of cards',
      lead: 'A card’s PIN stands for an account. A new card can do nothing: print and sell it, then activate it, which opens its account with its value.',
      make: 'Make cards',
      makeSo: (count: string) => `Make ${count === '1' ? '1 card' : `${count} cards`}`,
      makeLead: 'You see their PINs once, on a sheet that you can print. They can do nothing until they are activated.',
      worth: (sum: string) => `Once all are activated, their accounts have ${sum} together.`,
      tooMany:
        'More than 1,000 at once are made on the command line, which writes their PINs into a file: ringfence card generate --out',
      noneYet: 'No card yet. “Make cards” makes a batch; more than 1,000 at once are made on the command line:',
      command: 'ringfence card generate --batch summer --count 5000 --value 10.00 --deck retail --out summer.csv',
      noBatch: 'There is no such batch of cards.',
      noneSo: 'No card of this batch is in this state.',
      find: 'Serial of a card',
      notFound: (serial: string) => `There is no card ${serial}.`,
      so: (count: string, value: string) => `${count === '1' ? '1 card' : `${count} cards`} of ${value}`,
      serial: (serial: string) => `Card ${serial}`,
      expires: 'Expires',
      code: 'PIN',
      sheet: (batch: string, count: string) => `${batch}: ${count === '1' ? 'the PIN' : `the PINs of ${count} cards`}`,
      shownOnce:
        'These PINs are shown this once, and are stored nowhere. Print the sheet or keep the file at once: they go with this page, and when your session ends. If they are lost, block the batch and make another one.',
      leave: 'You are leaving the only place where these PINs are.',
      save: 'Keep the PINs as a file',
      kept: 'I have kept them',
      sheetHowHelp: 'a line for the caller: the number to call',
      sheetHowExample: 'Call 030 1234567, enter your PIN, then the number.',
      means: {
        generated: 'Its PIN is not taken yet. Activate it when it is sold.',
        active: 'Its PIN is taken, and its account pays for the calls.',
        blocked: 'Its PIN is not taken, and its account starts no call.',
        redeemed: '',
      },
      act: { activate: 'Activate cards', block: 'Block cards', unblock: 'Unblock cards' },
      actOne: {
        activate: (serial: string) => `Activate card ${serial}`,
        block: (serial: string) => `Block card ${serial}`,
        unblock: (serial: string) => `Unblock card ${serial}`,
      },
      effect: {
        activate: (count: string, isExact: boolean, sum: string) =>
          `Opens ${isExact ? '' : 'at most '}${count} account${count === '1' ? '' : 's'} with ${sum} in all. Done again it moves nothing a second time. It is not undone, but a card can be blocked.`,
        block: (count: string, isExact: boolean) =>
          `Refuses ${isExact ? '' : 'at most '}${count} PIN${count === '1' ? '' : 's'} from now on, blocks the accounts, and ends their calls in progress. “Unblock” takes it back, but for the calls.`,
        unblock: (count: string, isExact: boolean) =>
          `Takes ${isExact ? '' : 'at most '}${count} PIN${count === '1' ? '' : 's'} again, and opens the accounts that were blocked with them. An account that a person blocked stays blocked.`,
      },
      switched: {
        activate: (changed: string, rest: string) =>
          `${changed} activated.${rest === '0' ? '' : ` ${rest} were left as they were.`}`,
        block: (changed: string, rest: string) =>
          `${changed} blocked.${rest === '0' ? '' : ` ${rest} were left as they were.`}`,
        unblock: (changed: string, rest: string) =>
          `${changed} unblocked.${rest === '0' ? '' : ` ${rest} were left as they were.`}`,
      },
    },
    vouchers: {
      many: 'Vouchers',
      batches: 'Batches of vouchers',
      lead: 'A voucher’s code adds its value to an account, once. A new voucher can do nothing: print and sell it, then activate it.',
      make: 'Make vouchers',
      makeSo: (count: string) => `Make ${count === '1' ? '1 voucher' : `${count} vouchers`}`,
      makeLead:
        'You see their codes once, on a sheet that you can print. They can do nothing until they are activated.',
      worth: (sum: string) => `Once all are activated, they can add ${sum} together to accounts.`,
      tooMany:
        'More than 1,000 at once are made on the command line, which writes their codes into a file: ringfence voucher generate --out',
      noneYet: 'No voucher yet. “Make vouchers” makes a batch; more than 1,000 at once are made on the command line:',
      command: 'ringfence voucher generate --batch top-10 --count 5000 --value 10.00 --currency EUR --out top-10.csv',
      noBatch: 'There is no such batch of vouchers.',
      noneSo: 'No voucher of this batch is in this state.',
      find: 'Serial of a voucher',
      notFound: (serial: string) => `There is no voucher ${serial}.`,
      so: (count: string, value: string) => `${count === '1' ? '1 voucher' : `${count} vouchers`} of ${value}`,
      serial: (serial: string) => `Voucher ${serial}`,
      expires: 'Expires',
      code: 'Code',
      sheet: (batch: string, count: string) =>
        `${batch}: ${count === '1' ? 'the code' : `the codes of ${count} vouchers`}`,
      shownOnce:
        'These codes are shown this once, and are stored nowhere. Print the sheet or keep the file at once: they go with this page, and when your session ends. If they are lost, block the batch and make another one.',
      leave: 'You are leaving the only place where these codes are.',
      save: 'Keep the codes as a file',
      kept: 'I have kept them',
      sheetHowHelp: 'a line for the customer: where to redeem it',
      sheetHowExample: 'Call 030 1234567, choose 2, and enter the code.',
      means: {
        generated: 'It cannot be redeemed yet. Activate it when it is sold.',
        active: 'It can be redeemed, once.',
        blocked: 'It cannot be redeemed.',
        redeemed: 'Its money is on the account.',
      },
      act: { activate: 'Activate vouchers', block: 'Block vouchers', unblock: 'Unblock vouchers' },
      actOne: {
        activate: (serial: string) => `Activate voucher ${serial}`,
        block: (serial: string) => `Block voucher ${serial}`,
        unblock: (serial: string) => `Unblock voucher ${serial}`,
      },
      effect: {
        activate: (count: string, isExact: boolean, sum: string) =>
          `${isExact ? '' : 'At most '}${count} can be redeemed from now on, for ${sum} in all. A voucher that is not redeemed can be blocked.`,
        block: (count: string, isExact: boolean) =>
          `${isExact ? '' : 'At most '}${count} can be redeemed no more; those that were redeemed stay as they are. “Unblock” takes it back.`,
        unblock: (count: string, isExact: boolean) =>
          `${isExact ? '' : 'At most '}${count} are as they were before they were blocked.`,
      },
      switched: {
        activate: (changed: string, rest: string) =>
          `${changed} activated.${rest === '0' ? '' : ` ${rest} were left as they were.`}`,
        block: (changed: string, rest: string) =>
          `${changed} blocked.${rest === '0' ? '' : ` ${rest} were left as they were.`}`,
        unblock: (changed: string, rest: string) =>
          `${changed} unblocked.${rest === '0' ? '' : ` ${rest} were left as they were.`}`,
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
