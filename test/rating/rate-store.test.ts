import type { Sql } from '../../src/database/rows';
import { RateStore } from '../../src/rating/rate-store';

const row = {
  version: 1,
  prefix: '',
  destination: 'Anywhere',
  price_per_minute: '1.000000',
  connect_fee: '0.000000',
  minimum_charge: '0.000000',
  initial_increment_seconds: 1,
  increment_seconds: 1,
  grace_seconds: 0,
  free_seconds: 0,
  steps: '',
  max_seconds: null,
  valid_from: null,
  valid_until: null,
  deck: 'retail',
  currency: 'EUR',
};

test('a number that is forgotten while another one is looked up keeps its rate', async () => {
  let selects = 0;
  const sql = {
    query: async () => {
      selects++;
      return [[row]];
    },
  } as unknown as Sql;
  const store = new RateStore();
  const question = (index: number) => ({ version: 1, longestPrefix: 7, digits: String(4_900_000 + index) });
  // As many as it remembers; one more displaces the first.
  for (let index = 0; index < 20_000; index++) await store.candidates(sql, [question(index)]);
  const before = selects;
  expect((await store.candidates(sql, [question(20_000), question(0)])).map(rates => rates.length)).toEqual([1, 1]);
  expect(selects).toBe(before + 1);
});

test("numbers that begin alike, as far as the deck's longest prefix goes, are looked up once", async () => {
  let selects = 0;
  const sql = {
    query: async () => {
      selects++;
      return [
        [
          { ...row, prefix: '493' },
          { ...row, prefix: '49' },
        ],
      ];
    },
  } as unknown as Sql;
  const store = new RateStore();
  for (const digits of ['4930123', '4930456', '4931789']) {
    const [rates] = await store.candidates(sql, [{ version: 1, longestPrefix: 3, digits }]);
    expect(rates?.map(({ prefix }) => prefix)).toEqual(['493', '49']);
  }
  expect(selects).toBe(1);
});
