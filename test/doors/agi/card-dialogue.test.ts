import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { projectRoot } from '../../../src/config/project-root';
import { REFUSALS, type Refusal } from '../../../src/credit/refusal';
import {
  type Act,
  begin,
  type DialogueEvent,
  type DialogueState,
  MOST,
  next,
} from '../../../src/doors/agi/card-dialogue';
import { PROMPT_OF_REFUSAL, PROMPT_WORDS, promptsOf } from '../../../src/doors/agi/card-prompts';
import { parseAmount } from '../../../src/money/micros';

/** Each word is its own sound. */
const prompts = promptsOf(PROMPT_WORDS.map(word => `${word}=${word}`));
const balance = { available: parseAmount('12.50'), currency: 'EUR' };
const BALANCE = ['sound:vm-youhave', 'number:12', 'sound:letters/dot', 'digits:50'];

const entered = (digits: string, isSilent = false): DialogueEvent => ({ type: 'entered', digits, isSilent });
const silence = entered('', true);
const wrong: DialogueEvent = { type: 'pinWrong' };
const right: DialogueEvent = { type: 'pinRight', balance };
const known: DialogueEvent[] = [{ type: 'answered' }, { type: 'identified', balance }];
const refusedOf = (refusal: Refusal): DialogueEvent => ({ type: 'refused', refusal, balance: null });
const stranger: DialogueEvent[] = [{ type: 'answered' }, { type: 'identified', balance: null }];

const after = (...events: DialogueEvent[]): DialogueState =>
  events.reduce((state, event) => next(state, event, prompts), begin());

/** `ask number: words…`, with sounds by their names. */
function told(act: Act): string {
  const media = 'media' in act ? act.media.map(uri => uri.replace(/^sound:/, '')).join(' ') : '';
  const what =
    act.do === 'ask'
      ? ` ${act.entry}`
      : 'pin' in act
        ? ` ${act.pin}`
        : 'code' in act
          ? ` ${act.code}`
          : 'number' in act
            ? ` ${act.number}`
            : '';
  return `${act.do}${what}${media === '' ? '' : `: ${media}`}`;
}
const heard = BALANCE.map(uri => uri.replace(/^sound:/, '')).join(' ');

test.each<[why: string, events: DialogueEvent[], act: string]>([
  ['it is answered first', [], 'answer'],
  ['then his number is looked up', [{ type: 'answered' }], 'identify'],
  ['a known caller needs no PIN', known, `ask number: ${heard} number`],
  ['a stranger is asked for it', stranger, 'ask pin: pin'],
  ['a PIN is looked up', [...stranger, entered('123456789012')], 'checkPin 123456789012'],
  ['the right one lets him in', [...stranger, entered('1'), right], `ask number: ${heard} number`],
  ['a wrong one is asked for again', [...stranger, entered('1'), wrong], 'ask pin: pin_again'],
  ['a second one too', [...stranger, entered('1'), wrong, entered('2'), wrong], 'ask pin: pin_again'],
  [
    'the third ends it',
    [...stranger, entered('1'), wrong, entered('2'), wrong, entered('3'), wrong],
    'hangUp: pin_refused goodbye',
  ],
  ['no PIN, but #, is a wrong one', [...stranger, entered('')], 'ask pin: pin_again'],
  ['silence is asked again', [...stranger, silence], 'ask pin: not_understood pin'],
  ['what is not clear is asked again', [...stranger, { type: 'unclear' }], 'ask pin: not_understood pin'],
  [
    'three times in a row, and it ends',
    [...known, { type: 'unclear' }, silence, { type: 'unclear' }],
    'hangUp: goodbye',
  ],
  ['silence three times ends it', [...stranger, silence, silence, silence], 'hangUp: goodbye'],
  [
    'what is entered in between counts it anew',
    [...stranger, silence, silence, entered('1'), wrong, silence],
    'ask pin: not_understood pin',
  ],
  [
    'who has tried too often is told to call later',
    [...stranger, entered('1'), { type: 'lockedOut' }],
    'hangUp: locked_out goodbye',
  ],
  ['without a database too', [{ type: 'answered' }, { type: 'unavailable' }], 'hangUp: unavailable goodbye'],
  ['a number is authorised', [...known, entered('4930123456')], 'authorise 4930123456'],
  ['with a star in it too: it is refused there', [...known, entered('49*30')], 'authorise 49*30'],
  [
    'minutes are said before it is dialled',
    [...known, entered('1'), { type: 'authorised', seconds: 125 }],
    'dial: vm-youhave number:2 minutes vm-and number:5 seconds',
  ],
  [
    'after the talk he hears what is left, and may dial again',
    [
      ...known,
      entered('1'),
      { type: 'authorised', seconds: 60 },
      { type: 'talked', balance: { ...balance, available: parseAmount('1.00') } },
    ],
    'ask number: vm-youhave number:1 letters/dot digits:00 number',
  ],
  [
    'where that is not known yet he may dial all the same',
    [...known, entered('1'), { type: 'authorised', seconds: 60 }, { type: 'talked', balance: null }],
    'ask number: number',
  ],
  ['# alone tells the balance again', [...known, entered('')], `ask number: ${heard} number`],
  ['a star asks for a voucher', [...known, entered('*')], 'ask voucher: voucher'],
  ['a star with a code redeems it', [...known, entered('*123456789012')], 'redeem 123456789012'],
  ['the code that was asked for', [...known, entered('*'), entered('123456789012')], 'redeem 123456789012'],
  ['no code, but #, goes back', [...known, entered('*'), entered('')], 'ask number: number'],
  ['silence goes back too', [...known, entered('*'), silence], 'ask number: not_understood number'],
  [
    'a voucher that is redeemed is heard in the balance',
    [...known, entered('*1'), { type: 'redeemed', balance: { ...balance, available: parseAmount('17.5') } }],
    'ask number: voucher_added vm-youhave number:17 letters/dot digits:50 number',
  ],
  ['a wrong one is told', [...known, entered('*1'), { type: 'voucherWrong' }], 'ask number: voucher_refused number'],
  [
    'the third wrong one ends it',
    [...known, ...[1, 2, 3].flatMap((): DialogueEvent[] => [entered('*1'), { type: 'voucherWrong' }])],
    'hangUp: voucher_refused goodbye',
  ],
  [
    'who is locked out of vouchers may still dial',
    [...known, entered('*1'), { type: 'lockedOut' }],
    'ask number: locked_out number',
  ],
  [
    'busy is told',
    [...known, entered('1'), { type: 'authorised', seconds: 9 }, { type: 'notTalked', dialStatus: 'BUSY' }],
    'ask number: busy number',
  ],
  [
    'an unknown status too',
    [...known, entered('1'), { type: 'authorised', seconds: 9 }, { type: 'notTalked', dialStatus: '?' }],
    'ask number: no_circuit number',
  ],
  [
    'no money is told with the balance',
    [
      ...known,
      entered('1'),
      { type: 'refused', refusal: 'insufficient_balance', balance: { ...balance, available: parseAmount('0.05') } },
    ],
    'ask number: vm-youhave number:0 letters/dot digits:05 no_money number',
  ],
  [
    'a blocked account ends it',
    [...known, entered('1'), { type: 'refused', refusal: 'account_blocked', balance }],
    'hangUp: account_refused goodbye',
  ],
  [
    'the fifth number in a row that leads nowhere ends it',
    [
      ...known,
      ...[1, 2, 3, 4, 5].flatMap((): DialogueEvent[] => [
        entered('1'),
        { type: 'refused', refusal: 'no_rate', balance: null },
      ]),
    ],
    'hangUp: number_refused goodbye',
  ],
])('%s', (_, events, act) => {
  expect(told(after(...events).act)).toBe(act);
});

test.each<[why: string, events: DialogueEvent[], afresh: boolean]>([
  ['the PIN, first', stranger, false],
  ['a number behind a right PIN', [...stranger, entered('1'), right], false],
  ['the PIN behind one that was wrong', [...stranger, entered('1'), wrong], true],
  ['a number behind one that was refused', [...known, entered('1'), refusedOf('no_rate')], true],
  [
    'a number behind a talk',
    [...known, entered('1'), { type: 'authorised', seconds: 9 }, { type: 'talked', balance }],
    true,
  ],
  ['a number behind a voucher', [...known, entered('*1'), { type: 'redeemed', balance: null }], false],
  ['a number behind a wrong voucher', [...known, entered('*1'), { type: 'voucherWrong' }], true],
  ['what was not clear', [...known, { type: 'unclear' }], true],
])('whether what was typed ahead is forgotten before it is asked for: %s', (_, events, afresh) => {
  expect(after(...events).act).toMatchObject({ do: 'ask', afresh });
});

test('every refusal has something to be heard', () => {
  for (const refusal of REFUSALS) {
    const { act } = after(...known, entered('1'), { type: 'refused', refusal, balance: null });
    expect(told(act)).toContain(PROMPT_OF_REFUSAL[refusal]);
  }
});

/** All that can come of an act. */
const events: Record<Exclude<Act['do'], 'hangUp'>, DialogueEvent[]> = {
  answer: [{ type: 'answered' }],
  identify: [{ type: 'identified', balance: null }, { type: 'identified', balance }, { type: 'unavailable' }],
  ask: [silence, { type: 'unclear' }, entered(''), entered('4930'), entered('*'), entered('*12'), entered('12', true)],
  checkPin: [wrong, right, { type: 'lockedOut' }, { type: 'unavailable' }],
  redeem: [{ type: 'redeemed', balance }, { type: 'voucherWrong' }, { type: 'lockedOut' }, { type: 'unavailable' }],
  authorise: [
    { type: 'authorised', seconds: 60 },
    ...REFUSALS.map((refusal): DialogueEvent => ({ type: 'refused', refusal, balance: null })),
  ],
  dial: [
    { type: 'talked', balance },
    { type: 'talked', balance: null },
    { type: 'notTalked', dialStatus: 'BUSY' },
    { type: 'refused', refusal: 'no_route', balance: null },
  ],
};

test('whatever callers do, it ends; nobody dials without an account, and nothing is dialled that was not authorised', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(1_000)), choices => {
      let state = begin();
      let [isKnown, isAuthorised, pins, steps] = [false, false, 0, 0];
      while (state.act.do !== 'hangUp') {
        const { act } = state;
        if (act.do === 'authorise' || act.do === 'redeem') expect(isKnown).toBe(true);
        if (act.do === 'dial') expect(isAuthorised).toBe(true);
        if (act.do === 'checkPin') pins++;
        const possible = events[act.do];
        const event = possible[choices.next().value % possible.length] as DialogueEvent;
        isKnown ||= event.type === 'pinRight' || (event.type === 'identified' && event.balance !== null);
        isAuthorised = event.type === 'authorised';
        state = next(state, event, prompts);
        expect(++steps).toBeLessThan(4 * MOST.asked);
      }
      expect(pins).toBeLessThanOrEqual(MOST.wrongPins + 1);
      // Every caller hears something at the end.
      expect(state.act.media.length).toBeGreaterThan(0);
    }),
    { numRuns: 3_000 },
  );
});

test('a caller who only ever talks and dials again is let go after 200 numbers', () => {
  let state = after(...known);
  let numbers = 0;
  while (state.act.do === 'ask') {
    numbers++;
    for (const event of [
      entered('1'),
      { type: 'authorised', seconds: 60 },
      { type: 'talked', balance },
    ] as DialogueEvent[]) {
      state = next(state, event, prompts);
    }
  }
  expect(numbers).toBe(MOST.asked);
});

test.each([
  ['nope=x', '"nope" is no prompt: the prompts are pin, pin_again'],
  ['pin=', '"" is no sound: write pin=my/sound&beep'],
  ['pin=a b', '"a b" is no sound'],
  ['pin=a&&b', '"a&&b" is no sound'],
  ['pin=a"\nHANGUP', 'is no sound'],
])('%j is refused', (change, problem) => {
  expect(() => promptsOf([change])).toThrow(problem);
});

test('a prompt may be several sounds', () => {
  expect(promptsOf(['pin=my/pin&beep']).pin).toEqual(['sound:my/pin', 'sound:beep']);
  expect(promptsOf([]).voucher).toEqual(['sound:number', 'sound:astcc-followed-by-the-pound-key']);
});

test('docs/doors/agi.md has every prompt with its sounds', () => {
  const page = readFileSync(join(projectRoot, 'docs/doors/agi.md'), 'utf8');
  for (const [word, media] of Object.entries(promptsOf([]))) {
    expect(page).toContain(`\`${word}\``);
    expect(page).toContain(`\`${media.map(uri => uri.replace('sound:', '')).join('&')}\``);
  }
});
