import { browserCookieOf, cookieIn, sessionCookieOf, setCookie } from '../../src/http/session-cookie';
import { parsePeers } from '../../src/listeners/peers';

const none = parsePeers([]);
const plain = sessionCookieOf({ host: '127.0.0.1', port: 1 }, none);
const secure = sessionCookieOf({ host: '10.0.0.5', port: 1 }, none);

test.each([
  ['127.0.0.1', [], false, 'nothing leaves the machine'],
  ['::1', [], false, 'nothing leaves the machine'],
  ['127.0.0.1', ['127.0.0.1'], true, 'a proxy has TLS'],
  ['10.0.0.5', [], true, 'a network may be listened to'],
  ['0.0.0.0', [], true, 'a network may be listened to'],
])('at %s behind %j a cookie is secure: %s, because %s', (host, proxies, isSecure) => {
  expect(sessionCookieOf({ host, port: 1 }, parsePeers(proxies)).isSecure).toBe(isSecure);
});

test('a cookie is closed to scripts and to other sites; over TLS its name binds it to this host', () => {
  expect(setCookie(plain, 'rfs_x')).toBe('ringfence=rfs_x; Path=/; HttpOnly; SameSite=Strict');
  expect(setCookie(secure, 'rfs_x')).toBe('__Host-ringfence=rfs_x; Path=/; HttpOnly; SameSite=Strict; Secure');
  expect(setCookie(secure, null)).toBe('__Host-ringfence=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0');
});

test('the cookie by which a browser is known stays for its days, and is not taken for that of the session', () => {
  const of = browserCookieOf(secure);
  expect(setCookie(of, 'rfb_x', 90)).toBe(
    '__Host-ringfence-browser=rfb_x; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=7776000',
  );
  const header = '__Host-ringfence-browser=rfb_x; __Host-ringfence=rfs_y';
  expect([cookieIn(of, header), cookieIn(secure, header)]).toEqual(['rfb_x', 'rfs_y']);
  expect(cookieIn(secure, '__Host-ringfence-browser=rfb_x')).toBeNull();
});

test.each([
  [undefined, null],
  ['', null],
  ['ringfence=rfs_x', 'rfs_x'],
  ['a=b; ringfence=rfs_x; c', 'rfs_x'],
  ['a=b;ringfence=rfs_x', 'rfs_x'],
  ['xringfence=rfs_y; __Host-ringfence=rfs_z', null],
  ['ringfence', null],
  ['ringfence=', ''],
  ['ringfence=one; ringfence=two', 'one'],
])('of %j the session is %j', (header, token) => {
  expect(cookieIn(plain, header)).toBe(token);
});
