import { Dialogs, withoutDialog } from '../../src/calls/dialogs';
import { FakeSwitch } from './fake-switch';

const port = new FakeSwitch();
const INVITE = ['', `dialog=${'a1'.repeat(16)}`];
const OTHER = [`dialog=${'b2'.repeat(16)}`];

afterEach(() => jest.useRealTimers());

test('the INVITE of a call in progress is no second call; another one is', () => {
  const dialogs = new Dialogs();
  expect(dialogs.isRepeat(port, 'ast1-1.0', INVITE)).toBe(false);
  expect(dialogs.isRepeat(port, 'ast1-1.1', INVITE)).toBe(true);
  expect(dialogs.isRepeat(port, 'ast1-1.2', OTHER)).toBe(false);
  // The channel itself asks again: its dialplan may.
  expect(dialogs.isRepeat(port, 'ast1-1.0', INVITE)).toBe(false);
});

test('after an answered call its INVITE is no call for 32 s, after an unanswered one it is at once', () => {
  jest.useFakeTimers({ now: 0 });
  const dialogs = new Dialogs();
  dialogs.isRepeat(port, 'ast1-1.0', INVITE);
  dialogs.isRepeat(port, 'ast1-1.1', OTHER);
  dialogs.over('ast1-1.0', true);
  dialogs.over('ast1-1.1', false);
  expect(dialogs.isRepeat(port, 'ast1-1.3', OTHER)).toBe(false);
  jest.advanceTimersByTime(31_900);
  expect(dialogs.isRepeat(port, 'ast1-1.2', INVITE)).toBe(true);
  expect(dialogs.isRepeat(port, 'ast1-1.0', INVITE)).toBe(false);
  jest.advanceTimersByTime(200);
  expect(dialogs.isRepeat(port, 'ast1-1.2', INVITE)).toBe(false);
});

test('a copy that was refused does not end what the first call is remembered by', () => {
  const dialogs = new Dialogs();
  dialogs.isRepeat(port, 'ast1-1.0', INVITE);
  dialogs.isRepeat(port, 'ast1-1.1', INVITE);
  dialogs.over('ast1-1.1', false);
  expect(dialogs.isRepeat(port, 'ast1-1.2', INVITE)).toBe(true);
});

test.each([[[]], [['dialog=']], [['dialog=x']], [[`dialog=${'A1'.repeat(16)}`]]])(
  'calls with the words %j are told apart by nothing',
  words => {
    const dialogs = new Dialogs();
    expect(dialogs.isRepeat(port, 'ast1-1.0', words)).toBe(false);
    expect(dialogs.isRepeat(port, 'ast1-1.1', words)).toBe(false);
  },
);

test('the word is no argument about who pays', () => {
  expect(withoutDialog(['authorize', 'alice', 'dialog=', 'number=1'])).toEqual(['authorize', 'alice', 'number=1']);
});
