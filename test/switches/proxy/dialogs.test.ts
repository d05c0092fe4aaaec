import { SwitchError } from '../../../src/calls/switch-port';
import { dialogsOf } from '../../../src/switches/proxy/dialogs';
import { parseProxyUrl } from '../../../src/switches/proxy/proxy-url';

const url = parseProxyUrl('kamailio+udp://127.0.0.1:5063');

test('what a call is granted is told again where the answer is lost, while its caller waits', async () => {
  const asked: unknown[] = [];
  const { table } = dialogsOf(
    url,
    (method, params) => {
      asked.push([method, params]);
      return asked.length === 1 ? new Promise(() => undefined) : Promise.resolve('ok');
    },
    'limits',
  );
  await table?.grant('call@lab', 62, true);
  const told = ['htable.setxs', ['limits_granted', 'call@lab', '62', 360]];
  expect(asked).toEqual([told, told]);
});

test('a table that is not there is told at once, and nothing is granted', async () => {
  let asked = 0;
  const { table } = dialogsOf(
    url,
    async () => {
      asked++;
      throw new SwitchError('refused', 'htable.setxs: 500 No such htable', {}, 500);
    },
    'limits',
  );
  await expect(table?.grant('call@lab', 62, true)).rejects.toThrow('No such htable');
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(asked).toBe(1);
});

test('without a table of limits nothing is told', () => {
  expect(dialogsOf(url, () => Promise.reject(new Error('asked')), null).table).toBeNull();
});
