import { isAllowed, isPublic, parseAllowedTarget, urlField } from '../../src/webhooks/target';

test.each([
  ['8.8.8.8', true, 'public'],
  ['172.15.255.255', true, 'right before 172.16/12'],
  ['172.32.0.0', true, 'right behind it'],
  ['100.63.255.255', true, 'right before CGNAT'],
  ['100.128.0.0', true, 'right behind it'],
  ['2606:4700::1111', true, 'public'],
  ['2003::1', true, 'right behind 6to4'],
  ['0.0.0.0', false, 'unspecified: connects to this host'],
  ['10.1.2.3', false, 'private'],
  ['100.64.0.1', false, 'CGNAT'],
  ['127.0.0.1', false, 'loopback'],
  ['127.255.255.254', false, 'loopback'],
  ['169.254.169.254', false, 'metadata of a cloud'],
  ['172.16.0.1', false, 'private'],
  ['172.31.255.255', false, 'private'],
  ['192.168.1.1', false, 'private'],
  ['198.18.0.1', false, 'benchmarks'],
  ['224.0.0.1', false, 'multicast'],
  ['239.255.255.250', false, 'multicast'],
  ['240.0.0.1', false, 'reserved'],
  ['255.255.255.255', false, 'broadcast'],
  ['::', false, 'unspecified'],
  ['::1', false, 'loopback'],
  ['::7f00:1', false, 'v4-compatible loopback'],
  ['::ffff:127.0.0.1', false, 'v4-mapped loopback'],
  ['::ffff:a00:1', false, 'v4-mapped 10.0.0.1'],
  ['::ffff:8.8.8.8', false, 'v4-mapped, whatever it maps'],
  ['64:ff9b::a00:1', false, 'NAT64 of 10.0.0.1'],
  ['64:ff9b:1::1', false, 'NAT64, local use'],
  ['2002:7f00:1::', false, '6to4 of 127.0.0.1'],
  ['2001:0:7f00:1::', false, 'Teredo'],
  ['2001:db8::1', false, 'documentation'],
  ['fc00::1', false, 'unique local'],
  ['fdff::1', false, 'unique local'],
  ['fe80::1', false, 'link-local'],
  ['fe80::1%eth0', false, 'link-local with a zone'],
  ['fec0::1', false, 'site-local'],
  ['ff02::1', false, 'multicast'],
  ['crm', false, 'no address'],
  ['', false, 'nothing'],
])('%s is public: %s (%s)', (address, expected) => {
  expect(isPublic(address)).toBe(expected);
});

test.each([
  ['http://crm.internal/x', 'crm.internal', true, 'the name, any port'],
  ['http://CRM.Internal./x', 'crm.internal', true, 'case and the last dot do not matter'],
  ['http://crm.internal:8080/x', 'crm.internal:8080', true, 'name and port'],
  ['http://crm.internal:8081/x', 'crm.internal:8080', false, 'another port'],
  ['https://crm.internal/x', 'crm.internal:443', true, "https's own port"],
  ['http://crm.internal/x', 'crm.internal:443', false, "http's own port is 80"],
  ['http://evil.crm.internal/x', 'crm.internal', false, 'a name below'],
  ['http://crm.internal.evil/x', 'crm.internal', false, 'a name that begins alike'],
  ['http://2130706433/x', '127.0.0.1', true, 'an address in another form is the same address'],
  ['http://[0:0::1]:80/x', '[::1]:80', true, 'so in IPv6'],
])('%s with RINGFENCE_WEBHOOK_ALLOW=%s: %s (%s)', (url, entry, expected) => {
  expect(isAllowed(new URL(url), [parseAllowedTarget(entry)])).toBe(expected);
});

test.each(['http://crm', 'crm/x', 'crm:0', 'crm:65536', 'crm:', '::1', '10.0.0.0/8', '*.internal', 'a b', ''])(
  'RINGFENCE_WEBHOOK_ALLOW=%j is refused by name',
  text => {
    expect(() => parseAllowedTarget(text)).toThrow(`${JSON.stringify(text)} is not a host: write crm.internal`);
  },
);

test.each([
  ['crm.example/hook', 'url "crm.example/hook" is not a URL: write https://host/path'],
  ['ftp://crm.example/', 'url "ftp://crm.example/" begins with ftp: and not with https: or http:, write https'],
  ['file:///etc/passwd', 'begins with file:'],
  ['https://user:hunter2@crm.example/', 'url "https://…@crm.example/" holds a user or password: leave it out'],
  ['https://hunter2@crm.example/', 'holds a user or password'],
  ['user:hunter2@crm.example', 'url "…@crm.example" begins with'],
  [`https://crm.example/${'x'.repeat(500)}`, 'has 520 characters: use at most 500'],
  [`https://u:hunter2${'x'.repeat(100_000)}`, 'url "…" has 100017 characters: use at most 500'],
  ['http://127.0.0.1:8080/', 'not public: allow it with RINGFENCE_WEBHOOK_ALLOW=127.0.0.1:8080'],
  ['http://0x7f.1/', 'not public: allow it with RINGFENCE_WEBHOOK_ALLOW=127.0.0.1:80'],
  ['https://[::ffff:10.0.0.1]/', 'not public: allow it with RINGFENCE_WEBHOOK_ALLOW=[::ffff:a00:1]:443'],
  ['http://localhost:3000/', 'not public: allow it with RINGFENCE_WEBHOOK_ALLOW=localhost:3000'],
])('the URL %s is refused: %s', (url, detail) => {
  let told = '';
  try {
    urlField(url, []);
  } catch (error) {
    told = (error as Error).message;
  }
  expect(told).toContain(detail);
  expect(told).not.toContain('hunter2');
});

test('a URL is kept without what is never sent', () => {
  expect(urlField('HTTPS://CRM.example/hook?x=1#top', [])).toBe('https://crm.example/hook?x=1');
  expect(urlField('http://localhost:3000', [parseAllowedTarget('localhost:3000')])).toBe('http://localhost:3000/');
});
