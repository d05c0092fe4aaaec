import { DatabaseUrlError, parseDatabaseUrl, placesOf } from '../../src/database/database-url';

test.each([
  ['mysql://ring:fence@db1/ringfence', 'db1:3306'],
  ['mysql://ring:fence@db1:3307/ringfence?ssl-mode=disabled', 'db1:3307'],
  ['mariadb://ring:fence@db1:3306,db2,db3:3307/ringfence', 'db1:3306, db2:3306, db3:3307'],
  ['mysql://ring:fence@[::1]:3306,10.0.0.1/ringfence', '[::1]:3306, 10.0.0.1:3306'],
  ['mysql://ring:fence@localhost/ringfence?socketPath=/run/mysqld/mysqld.sock', '/run/mysqld/mysqld.sock'],
])('%s is at %s', (url, places) => {
  const address = parseDatabaseUrl(url);
  expect(address).toMatchObject({ user: 'ring', password: 'fence', database: 'ringfence' });
  expect(placesOf(address)).toBe(places);
});

test('an @ or a comma of the password is none of the hosts', () => {
  expect(parseDatabaseUrl('mysql://ring:a,b%40c@db1,db2/ringfence')).toMatchObject({
    password: 'a,b@c',
    hosts: [
      { host: 'db1', port: 3306 },
      { host: 'db2', port: 3306 },
    ],
  });
});

test.each([
  ['nonsense', 'it is not a URL: write mysql://user:password@host:3306/schema'],
  ['mysql://ring:secret@db1:port/ringfence', 'it is not a URL: write mysql://user:password@host:3306/schema'],
  ...['p@ss#1', '#', 'a/b', 'a?b'].map(password => [
    `mysql://ring:${password}@db1/ringfence`,
    'a special character in it ends its part: in a password write %23 for #, %2F for /, %3F for ?',
  ]),
  ['postgres://ring:secret@db1/ringfence', 'it begins with postgres:// instead of mysql://'],
  ['mysql://ring:secret@db1,db2', 'it names no schema: end it with /ringfence, for example'],
  [
    'mysql://ring:secret@db1,,db2/ringfence',
    'a host beside a comma is empty: write mysql://user:password@db1:3306,db2:3306/schema',
  ],
  ['mysql://ring:secret@db1,db2:99999/ringfence', 'host "db2:99999" is not host:port'],
  ['mysql://ring:secret@db1,db2,db1:3306/ringfence', 'host db1:3306 is there twice: name each once'],
  [
    'mysql://ring:sec%ret@db1/ringfence',
    'its password holds a % that is not followed by two hexadecimal digits: write %25 for it',
  ],
  [
    'mysql://ring:secret@db1,10.0.0.2/ringfence?ssl-mode=VERIFY_IDENTITY',
    "ssl-mode=VERIFY_IDENTITY compares names: write the host's name instead of 10.0.0.2",
  ],
])('%s: %s', (url, problem) => {
  expect(() => parseDatabaseUrl(url)).toThrow(new DatabaseUrlError(problem));
});

test.each([
  ['ssl=true', 'option "ssl" in it is not known: write socketPath, ssl-mode, ssl-ca, ssl-cert, ssl-key'],
  ['SSL-MODE=REQUIRED', 'option "SSL-MODE" in it is not known: write socketPath, ssl-mode, ssl-ca, ssl-cert, ssl-key'],
  ['ssl-mode=PREFERRED', 'ssl-mode "PREFERRED" is none: write DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY'],
  ['ssl-mode=REQUIRED&ssl-mode=DISABLED', 'option ssl-mode is there twice: write it once'],
  ['ssl-ca=/ca.pem', 'ssl-ca without TLS: add ssl-mode=VERIFY_IDENTITY'],
  ['ssl-mode=DISABLED&ssl-ca=/ca.pem', 'ssl-ca without TLS: add ssl-mode=VERIFY_IDENTITY'],
  ['ssl-mode=REQUIRED&ssl-ca=/ca.pem', 'ssl-mode=REQUIRED looks at no ssl-ca: write VERIFY_CA or VERIFY_IDENTITY'],
  ['ssl-mode=REQUIRED&ssl-key=/k.pem', 'ssl-cert and ssl-key belong together: give both or none'],
  ['ssl-mode=VERIFY_CA&ssl-ca=/nowhere/ca.pem', 'ssl-ca "/nowhere/ca.pem" cannot be read (ENOENT): name a PEM file'],
  ['ssl-mode=REQUIRED&socketPath=/run/s', 'a socket has no TLS: leave ssl-mode away, or name a host'],
])('?%s: %s', (options, problem) => {
  expect(() => parseDatabaseUrl(`mysql://ring:secret@db1/ringfence?${options}`)).toThrow(new DatabaseUrlError(problem));
});
