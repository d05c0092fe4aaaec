import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConsoleUrl, parseSmtpUrl, shownSmtpUrl } from '../../src/mail/smtp-url';

const file = join(mkdtempSync(join(tmpdir(), 'ringfence-ca-')), 'ca.pem');
writeFileSync(file, 'PEM');

test.each([
  [
    'smtp://mail.example.com',
    { port: 587, tls: 'starttls', login: null, ca: null },
    'smtp://mail.example.com:587?tls=required',
  ],
  ['smtps://mail.example.com/', { port: 465, tls: 'at once' }, 'smtps://mail.example.com:465'],
  [
    'smtp://u:hunter%2F2@mail.example.com:25',
    { port: 25, tls: 'starttls', login: { user: 'u', password: 'hunter/2' } },
    'smtp://mail.example.com:25?tls=required',
  ],
  ['smtp://mail.example.com:25?tls=none', { tls: 'none' }, 'smtp://mail.example.com:25?tls=none'],
  ['smtp://u:hunter2@127.0.0.1:25', { tls: 'none' }, 'smtp://127.0.0.1:25?tls=none'],
  ['smtp://localhost', { host: 'localhost', tls: 'none' }, 'smtp://localhost:587?tls=none'],
  ['smtp://[::1]:25', { host: '::1', tls: 'none' }, 'smtp://[::1]:25?tls=none'],
  ['smtp://u:hunter2@localhost?tls=required', { tls: 'starttls' }, 'smtp://localhost:587?tls=required'],
  [
    `smtp://127.0.0.1:25?ssl-ca=${file}`,
    { tls: 'starttls', ca: { path: file, pem: 'PEM' } },
    `smtp://127.0.0.1:25?tls=required&ssl-ca=${file}`,
  ],
])('%s', (text, server, shown) => {
  const read = parseSmtpUrl(text);
  expect(read).toMatchObject(server);
  expect(shownSmtpUrl(read)).toBe(shown);
});

test.each([
  ['hunter2', 'it is not a URL'],
  ['smtp:hunter2', 'it is not a URL'],
  ['http://u:hunter2@mail.example.com', 'it begins with http://'],
  ['smtp://u:hunter2@mail.example.com/path', 'it does not end after host:port'],
  ['smtp://u:hunter2@mail.example.com#x', 'it does not end after host:port'],
  ['smtp://u:hunter2@mail%0d.example.com', 'its host is no name and no address'],
  ['smtp://hunter2@mail.example.com', 'it has a user or a password alone'],
  ['smtp://:hunter2@mail.example.com', 'it has a user or a password alone'],
  ['smtp://u:hunter2%0d%0aQUIT@mail.example.com', 'its password holds a control character'],
  ['smtp://u%00:hunter2@mail.example.com', 'its user holds a control character'],
  ['smtp://u:hunter2%zz@mail.example.com', 'its password holds a % that is not followed'],
  ['smtp://u:hunter2@mail.example.com?tls=none', 'tls=none would send a password in clear text'],
  ['smtps://u:hunter2@mail.example.com?tls=none', 'smtps:// and tls=none contradict each other'],
  ['smtp://u:hunter2@mail.example.com?tls=maybe', 'option tls in it is neither required nor none'],
  ['smtp://u:hunter2@mail.example.com?pool=true', 'an option in it is not known: write tls, ssl-ca'],
  ['smtp://ringfence:12?hunter2@mail.example.com', 'an option in it is not known: write tls, ssl-ca'],
  ['smtp://ringfence:12?tls=hunter2@mail.example.com', 'option tls in it is neither required nor none'],
  ['smtp://mail.example.com?tls=none&tls=required', 'option tls is there twice'],
  [`smtp://mail.example.com?tls=none&ssl-ca=${file}`, 'ssl-ca and tls=none contradict each other'],
  ['smtp://mail.example.com?ssl-ca=/nowhere/ca.pem', 'ssl-ca "/nowhere/ca.pem" cannot be read (ENOENT)'],
])('%s is refused: %s', (text, why) => {
  expect(() => parseSmtpUrl(text)).toThrow(why);
  let told = '';
  try {
    parseSmtpUrl(text);
  } catch (error) {
    told = (error as Error).message;
  }
  expect(told).not.toContain('hunter2');
});

test.each([
  ['https://billing.example.com', 'https://billing.example.com'],
  ['https://billing.example.com:8443/', 'https://billing.example.com:8443'],
  ['http://127.0.0.1:8090', 'http://127.0.0.1:8090'],
  ['http://[::1]:8090', 'http://[::1]:8090'],
])('the console at %s', (text, origin) => {
  expect(parseConsoleUrl(text)).toBe(origin);
});

test.each([
  ['billing.example.com', 'it is not an address of the web'],
  ['javascript:alert(1)', 'it is not an address of the web'],
  ['http://billing.example.com', 'it begins with http://, over which passwords would be sent in clear text'],
  ['https://u:p@billing.example.com', 'it holds a login'],
  ['https://billing.example.com/console', 'it does not end after its host'],
  ['https://billing.example.com/?a', 'it does not end after its host'],
  ['https://billing.example.com/#a', 'it does not end after its host'],
])('the console at %s is refused: %s', (text, why) => {
  expect(() => parseConsoleUrl(text)).toThrow(why);
});
