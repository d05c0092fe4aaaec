import { oneOfEach } from '../../src/credit/one-of-each';
import type { Row } from '../../src/database/rows';

const read = oneOfEach(['price', 'sound'], row => ({ price: row.price, sound: row.sound }));
const rowOf = (columns: object) => columns as Row;

test('rows that have the same in all columns have one object, and others have their own', () => {
  const one = read(rowOf({ price: '1.00', sound: 'beep', uniqueid: 'a' }));
  expect(read(rowOf({ price: '1.00', sound: 'beep', uniqueid: 'b' }))).toBe(one);
  const others = [
    { price: '1.00', sound: '' },
    { price: '1.0', sound: '0beep' },
    { price: '1.00","beep', sound: '' },
    { price: null, sound: 'beep' },
    { price: 'null', sound: 'beep' },
  ];
  for (const other of others) expect(read(rowOf(other))).toEqual(other);
});

test('thousands of different ones are read, each as it is', () => {
  for (const round of [1, 2]) {
    for (let price = 0; price < 2_500; price++) {
      expect(read(rowOf({ price, sound: round }))).toEqual({ price, sound: round });
    }
  }
});
