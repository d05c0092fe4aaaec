import { operatorField, passwordField } from '../../src/access/operator';
import { placeOf } from '../../src/access/place';

test.each([
  ['203.0.113.9', '203.0.113.9', 'an IPv4 address is one place'],
  ['::ffff:203.0.113.9', '203.0.113.9', 'also as a socket of IPv6 shows it'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', 'of an IPv6 address the network counts'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64', 'however it is written'],
  ['2001:0DB8:0001:0002::6', '2001:db8:1:2::/64', 'also with zeros and capital letters'],
  ['2001:db8::6', '2001:db8:0:0::/64', 'also with zeros left out in the first half'],
  ['2001::1:2:3:4:5', '2001:0:0:1::/64', 'also where the second half is whole'],
  ['64:ff9b::203.0.113.9', '64:ff9b:0:0::/64', 'also with a dotted end'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', 'also with a zone'],
  ['::1', '0:0:0:0::/64', 'also of loopback'],
])('%s is of the place %s: %s', (address, place) => {
  expect(placeOf(address)).toBe(place);
});

test.each(['Anna', 'an na', '', '-anna', 'a'.repeat(41), 'ärger', 'anna\n'])('%j is no name of a person', text => {
  expect(() => operatorField('name', text)).toThrow(/is not the name of a person/);
});

test('a name holds small letters, digits, dots and lines', () => {
  for (const name of ['anna', 'anna.b-c_2', '7', 'a'.repeat(40)]) expect(operatorField('name', name)).toBe(name);
});

test('a password has 12 to 200 characters, and its refusal does not show it', () => {
  for (const password of ['twelve chars', 'ü'.repeat(12), '😀'.repeat(200)])
    expect(passwordField(password)).toBe(password);
  expect(() => passwordField('sesame-open')).toThrow(/^ has 11 characters: use at least 12$/);
  expect(() => passwordField('x'.repeat(201))).toThrow(/^ has 201 characters: use at most 200$/);
});
