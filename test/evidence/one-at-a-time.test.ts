import type { SwitchRecords, WrittenCall } from '../../src/calls/evidence';
import { oneAtATime } from '../../src/evidence/one-at-a-time';
import { eventually } from '../eventually';

const record: WrittenCall = {
  source: 'cel',
  answeredLeg: null,
  answerAt: null,
  endAt: 1,
  hangupCause: null,
  hangupSource: null,
};

/** Records that answer when a test says so. */
function slow() {
  const asked: { node: string; uniqueids: string[]; answer(): void }[] = [];
  const records: SwitchRecords = {
    of: (node, calls) =>
      new Promise(resolve => {
        const uniqueids = calls.map(({ uniqueid }) => uniqueid);
        const answer = () => resolve(new Map(uniqueids.map(uniqueid => [uniqueid, record])));
        asked.push({ node, uniqueids, answer });
      }),
  };
  return { asked, records: oneAtATime(records) };
}

const call = (uniqueid: string) => [{ uniqueid, startAt: 0 }];
const turn = () => new Promise(resolve => setImmediate(resolve));

test('who asks while a question is being answered shares the next one', async () => {
  const { asked, records } = slow();
  const answers = [
    records.of('a', call('1')),
    records.of('a', call('2')),
    records.of('a', [...call('2'), ...call('3')]),
  ];
  const other = records.of('b', call('4'));
  await turn();
  expect(asked.map(({ node, uniqueids }) => [node, uniqueids])).toEqual([
    ['a', ['1']],
    ['b', ['4']],
  ]);
  for (const { answer } of asked) answer();
  // It rests first, for longer than the question took.
  await eventually(async () => asked[2] ?? null, 'the third question');
  expect(asked[2]).toMatchObject({ node: 'a', uniqueids: ['2', '3'] });
  asked[2]?.answer();
  expect((await Promise.all(answers)).map(found => [...found.keys()])).toEqual([['1'], ['2', '3'], ['2', '3']]);
  expect([...(await other).keys()]).toEqual(['4']);
  const again = records.of('a', call('5'));
  await eventually(async () => asked[3] ?? null, 'the fourth question');
  asked[3]?.answer();
  expect([...(await again).keys()]).toEqual(['5']);
});
