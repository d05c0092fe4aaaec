import { dialogIn, dialogOf, withoutDialog } from '../../src/calls/dialogs';

const HASH = 'a1'.repeat(16);

test('the word that names the INVITE is found among the others, wherever it stands', () => {
  expect(dialogOf(['', `dialog=${HASH}`])).toBe(HASH);
  expect(dialogOf([`dialog=${HASH}`, 'customer=john'])).toBe(HASH);
  expect(dialogIn(HASH)).toBe(HASH);
});

test.each([[[]], [['dialog=']], [['dialog=x']], [[`dialog=${HASH.toUpperCase()}`]], [[`dialog=${HASH}0`]], [[HASH]]])(
  'the words %j name no INVITE',
  words => {
    expect(dialogOf(words)).toBeNull();
  },
);

test('the word is no argument about who pays', () => {
  expect(withoutDialog(['authorize', 'alice', 'dialog=', 'number=1'])).toEqual(['authorize', 'alice', 'number=1']);
});
