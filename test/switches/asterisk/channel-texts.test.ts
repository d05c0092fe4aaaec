import fc from 'fast-check';
import { ChannelTexts } from '../../../src/switches/asterisk/channel-texts';
import { isInApplication, switchChannelOf } from '../../../src/switches/asterisk/switch-events';

const anyText = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('},{"id":"', '"},{"id":"x"}', ']', '[', '\\', '"', '{"id":"'),
);
/** With the fields in Asterisk's order. */
const anyChannel = fc.record({
  id: anyText,
  name: anyText,
  state: fc.constantFrom('Up', 'Ring', 'Ringing', 'Down'),
  caller: fc.record({ name: anyText, number: anyText }),
  accountcode: anyText,
  dialplan: fc.record({
    context: anyText,
    exten: anyText,
    app_name: fc.constantFrom('Stasis', 'Dial'),
    app_data: fc.constantFrom('ringfence', 'ringfence,authorize', 'other', ''),
  }),
  creationtime: fc.constantFrom('2026-11-21T08:50:51.948+0000', '2026-11-21T08:50:52.000+0000'),
});
type Channel = typeof anyChannel extends fc.Arbitrary<infer Each> ? Each : never;

const readPlainly = (channels: readonly Channel[]) =>
  channels.map(channel => ({ ...switchChannelOf(channel), isElsewhere: !isInApplication(channel, 'ringfence') }));

test('lists one after the other, in which channels come, change and go, say what each says read plainly', () => {
  const lists = fc.array(fc.array(anyChannel, { maxLength: 5 }), { maxLength: 4 }).chain(all => {
    const ever = all.flat();
    // Some of each list's channels are in the next ones too.
    return fc.tuple(...all.map(each => fc.subarray(ever).map(others => [...each, ...others])));
  });
  fc.assert(
    fc.property(lists, fc.boolean(), (all, isPretty) => {
      const texts = new ChannelTexts('ringfence');
      for (const channels of all) {
        const text = JSON.stringify(channels, null, isPretty ? 2 : undefined);
        expect(texts.read(text)).toEqual(readPlainly(channels));
      }
    }),
    { numRuns: 3_000 },
  );
});

test('a channel that has not changed is not read again, and one that has is', () => {
  const texts = new ChannelTexts('ringfence');
  const [one, other] = fc.sample(anyChannel, 2) as [Channel, Channel];
  const before = texts.read(JSON.stringify([one, { ...other, id: 'b', state: 'Ring' }]));
  const after = texts.read(JSON.stringify([one, { ...other, id: 'b', state: 'Up' }]));
  expect(after[0]).toBe(before[0]);
  expect(after[1]).toEqual({ ...before[1], state: 'up' });
});

test.each(['', '{}', '[{"id":"a"', '<html>'])('%j is no list of channels', text => {
  expect(() => new ChannelTexts('ringfence').read(text)).toThrow();
});
