import type { StartRequest } from '../../src/credit/rules';
import { sleep, world } from './fake-switch';

test.each([
  ['alice', 'alice'],
  ['x'.repeat(79), 'x'.repeat(79)],
  ['x'.repeat(80), ''],
  ['😀'.repeat(19), '😀'.repeat(19)],
  ['😀'.repeat(20), ''],
  // 27 characters of three bytes each, cut to 79 bytes.
  [`${'中'.repeat(26)}\ufffd`, ''],
  ['ali\u0000ce', ''],
  ['alice\u001b[2J', ''],
  ['ali\nce', ''],
  ['\ud800', ''],
])('a channel whose accountcode is %j is one of account %j', async (said, accountcode) => {
  const starts: StartRequest[] = [];
  const w = world({
    ledger: {
      start: async request => {
        starts.push(request);
        return { refusal: 'account_not_found' };
      },
    },
  });
  try {
    w.tell({ type: 'arrived', at: w.port.now(), leg: { ...w.port.channel('a'), accountcode: said } });
    await sleep(20);
    expect(starts.map(start => start.accountcode)).toEqual([accountcode]);
  } finally {
    w.close();
  }
});
