import type { AriEvent } from '../../../src/switches/asterisk/event-stream';
import { isInApplication, switchChannelOf, switchEventOf } from '../../../src/switches/asterisk/switch-events';
import { APPLICATION_DATA } from './application-words';

const A = {
  id: 'ast1-1795251566.192',
  name: 'PJSIP/alice-00000018',
  state: 'Ring',
  caller: { name: 'x', number: '4989' },
  accountcode: 'alice',
  dialplan: { context: 'from-customer', exten: '4930123', app_name: 'Stasis', app_data: 'ringfence' },
  creationtime: '2026-11-21T08:59:26.987+0000',
};
const B = { ...A, id: 'rf-7', name: 'PJSIP/carrier-00000019', state: 'Down' };
/** A leg that the dialplan dialled. */
const CALLEE = { ...B, id: 'ast1-1795251566.193' };
type Row = [event: AriEvent, expected: [type: string, channel: string | undefined] | null, why: string];

const AT = 1_795_251_566_988;

test('the StasisStart of a caller is an arrival', () => {
  expect(switchEventOf({ type: 'StasisStart', args: ['alice'], channel: A }, AT)).toEqual({
    type: 'arrived',
    at: AT,
    leg: {
      args: ['alice'],
      channel: 'ast1-1795251566.192',
      name: 'PJSIP/alice-00000018',
      accountcode: 'alice',
      callerNumber: '4989',
      dialledNumber: '4930123',
      state: 'ringing',
      createdAt: 1_795_251_566_987,
    },
  });
});

test.each<Row>([
  [{ type: 'StasisStart', args: ['rf-leg'], channel: B }, null, 'our own called leg'],
  [
    { type: 'StasisStart', args: [], channel: { ...A, name: 'Snoop/ast1-1.2-00000000' } },
    null,
    'a snoop channel is nobody',
  ],
  [
    { type: 'StasisStart', args: ['alice'], channel: A, replace_channel: B },
    ['tookPlace', A.id],
    'a newcomer in the place of a leg is no call',
  ],
  [
    { type: 'ChannelLeftBridge', channel: B, bridge: { id: 'rf-ast1-1', channels: [] } },
    ['apart', 'rf-7'],
    'a leg left our bridge',
  ],
  [{ type: 'ChannelLeftBridge', channel: A, bridge: { id: 'b-7', channels: [] } }, null, "somebody else's bridge"],
  [{ type: 'ChannelStateChange', channel: { ...B, state: 'Ringing' } }, ['ringing', 'rf-7'], 'the callee rings'],
  [{ type: 'ChannelStateChange', channel: { ...A, state: 'Ring' } }, null, 'a caller in Ring is waiting, not ringing'],
  [{ type: 'ChannelStateChange', channel: { ...B, state: 'Up' } }, ['answered', 'rf-7'], 'an answer'],
  [{ type: 'Dial', dialstatus: '', peer: B }, null, 'the dial begins'],
  [{ type: 'Dial', dialstatus: 'RINGING', peer: B }, ['ringing', 'rf-7'], 'the same by the other topic'],
  [{ type: 'Dial', dialstatus: 'PROGRESS', peer: B }, ['ringing', 'rf-7'], 'early media'],
  [{ type: 'Dial', dialstatus: 'ANSWER', peer: B, caller: A }, ['answered', 'rf-7'], 'of the callee, not the caller'],
  [{ type: 'Dial', dialstatus: 'BUSY', peer: B }, ['ended', 'rf-7'], 'a Local channel that will not be answered'],
  [{ type: 'Dial', dialstatus: '', peer: CALLEE, caller: A }, ['dials', A.id], 'the dialplan begins to dial'],
  [{ type: 'Dial', dialstatus: 'RINGING', peer: CALLEE, caller: A }, null, 'its callee rings'],
  [{ type: 'Dial', dialstatus: 'BUSY', peer: CALLEE, caller: A }, null, 'it may try another trunk'],
  [{ type: 'StasisEnd', channel: A }, ['ended', A.id], 'left'],
  [{ type: 'ChannelHangupRequest', soft: true, cause: 32, channel: A }, ['ended', A.id], '32 is a bit mask here'],
  [{ type: 'ApplicationReplaced' }, ['replaced', undefined], 'somebody else has it'],
  [{ type: 'InventedIn2031', channel: A }, null, 'unknown'],
])('%j means %j: %s', (event, expected) => {
  const meant = switchEventOf(event, AT);
  expect(meant && [meant.type, (meant as { channel?: string }).channel]).toEqual(expected);
});

test('an answer of a leg that the dialplan dialled says whose dialplan that was; one of ours does not', () => {
  const answer = (peer: object) => switchEventOf({ type: 'Dial', dialstatus: 'ANSWER', peer, caller: A }, AT);
  expect(answer(CALLEE)).toEqual({ type: 'answered', at: AT, channel: CALLEE.id, caller: A.id });
  expect(answer(B)).toEqual({ type: 'answered', at: AT, channel: 'rf-7' });
});

test('to leave the application is told apart from an end', () => {
  expect(switchEventOf({ type: 'StasisEnd', channel: A }, AT)).toMatchObject({ type: 'ended', hasLeft: true });
  expect(switchEventOf({ type: 'ChannelHangupRequest', channel: A }, AT)).not.toHaveProperty('hasLeft');
});

test.each<[object, number, number | null, string]>([
  [{ cause: 17, tech_cause: 486 }, 17, 486, 'with the SIP status'],
  [{ cause: 17, tech_cause: 0 }, 17, null, 'of a leg that is no SIP leg'],
  [{ cause: 16 }, 16, null, 'before Asterisk 22.7, and for a leg that we ended'],
])('ChannelDestroyed %j is destroyed with cause %i and techCause %s: %s', (fields, cause, techCause) => {
  expect(switchEventOf({ type: 'ChannelDestroyed', channel: B, ...fields }, AT)).toEqual({
    type: 'destroyed',
    at: AT,
    channel: 'rf-7',
    cause,
    techCause,
  });
});

test.each<[string | undefined, string | undefined, boolean, string]>([
  ['Stasis', 'ringfence', true, 'a caller'],
  ['Stasis', 'ringfence,rf-leg', true, 'a called leg'],
  ['Stasis', 'ringfence2', false, 'another application'],
  ['Wait', 'ringfence', false, 'another dialplan application'],
  [undefined, undefined, false, 'an Asterisk that does not say'],
])('a channel in %s(%s) is ours: %s', (app_name, app_data, ours) => {
  const channel = { ...A, dialplan: { context: '', exten: '', app_name, app_data } };
  expect(isInApplication(channel, 'ringfence')).toBe(ours);
});

test.each(APPLICATION_DATA)('a channel found in Stasis(%s) has the words that its arrival had', (app_data, words) => {
  const channel = { ...A, dialplan: { context: '', exten: '', app_name: 'Stasis', app_data } };
  expect(switchChannelOf(channel).args).toEqual(words);
});

test('a channel whose data Asterisk does not tell has no words', () => {
  expect(switchChannelOf({ ...A, dialplan: { context: '', exten: '' } }).args).toEqual([]);
});
