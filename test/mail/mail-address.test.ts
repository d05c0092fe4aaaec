import { invitationMail } from '../../src/mail/invitation-mail';
import { isMailAddress, mailAddressField, parseSender, shownSender } from '../../src/mail/mail-address';

test.each([
  'anna@example.com',
  'a.b+c_d-e@mail.example.co.uk',
  "o'brien@example.com",
  'root@localhost',
  `${'a'.repeat(64)}@example.com`,
])('%s is an address', text => {
  expect(isMailAddress(text)).toBe(true);
  expect(mailAddressField('mail', text)).toBe(text);
});

test.each([
  ['', 'nothing'],
  ['anna', 'no domain'],
  ['@example.com', 'no name'],
  ['anna@', 'no domain'],
  ['.anna@example.com', 'a dot at the start'],
  ['an..na@example.com', 'two dots'],
  ['anna@example..com', 'two dots'],
  ['anna@-example.com', 'a hyphen at the start'],
  ['anna@exa_mple.com', 'no name of a host'],
  ['anna @example.com', 'a blank'],
  ['anna@example.com,eve@evil.test', 'two addresses'],
  ['anna@example.com;eve@evil.test', 'two addresses'],
  ['anna@evil.test>eve@example.com', 'two addresses'],
  ['Anna <anna@example.com>', 'a name too'],
  ['"anna eve"@example.com', 'quotes'],
  ['anna@example.com\r\nBcc: eve@evil.test', 'a header'],
  ['anna@example.com\n', 'a line end'],
  ['anna\u0000@example.com', 'a zero'],
  ['anna%evil.test@example.com', 'a way to another host'],
  ['evil.test!anna@example.com', 'a way to another host'],
  ['anna@[127.0.0.1]', 'an address of a host'],
  ['änna@example.com', 'no ASCII'],
  ['anna@exämple.com', 'no ASCII'],
  [`${'a'.repeat(65)}@example.com`, 'too long a name'],
  [`anna@${'a.'.repeat(124)}com`, 'too long'],
])('%j is none: %s', text => {
  expect(isMailAddress(text)).toBe(false);
  expect(() => mailAddressField('mail', text)).toThrow(/^mail ".* is no address of mail: write name@example\.com/s);
});

test.each([
  ['billing@example.com', { name: '', address: 'billing@example.com' }],
  ['Billing <billing@example.com>', { name: 'Billing', address: 'billing@example.com' }],
  ['Übermäßig & Söhne <b@example.com>', { name: 'Übermäßig & Söhne', address: 'b@example.com' }],
])('%s is a sender', (text, sender) => {
  expect(parseSender(text)).toEqual(sender);
  expect(shownSender(parseSender(text))).toBe(text);
});

test.each([
  'Billing',
  'Billing <billing>',
  'Billing <a@example.com> <b@example.com>',
  'a@example.com, b@example.com',
  'Evil\r\nBcc: eve@evil.test <a@example.com>',
  'Evil\u2028x <a@example.com>',
  '"Evil" <a@example.com>',
  'a@b.test <a@example.com>',
  `${'x'.repeat(61)} <a@example.com>`,
])('%j is no sender', text => {
  expect(() => parseSender(text)).toThrow('is no sender: write billing@example.com or Billing <billing@example.com>');
});

test.each([
  ['invited', 'Your access to Ringfence', 'You may use Ringfence.'],
  ['reset', 'Choose a new password for Ringfence', 'An administrator has taken your password back.'],
  ['forgotten', 'Choose a new password for Ringfence', 'Someone asked for a new password for you.'],
] as const)('a mail to a person who is %s', (reason, subject, lead) => {
  const mail = invitationMail('https://billing.test', {
    reason,
    operator: 'anna',
    mail: 'anna@example.com',
    token: 'rfi_x',
    expiresAt: new Date('2026-12-01T10:30:59Z'),
  });
  expect(mail).toMatchObject({ to: 'anna@example.com', subject });
  expect(mail.text).toContain(`Hello anna,\n\n${lead}`);
  expect(mail.text).toContain('\n\nhttps://billing.test/#invitation=rfi_x\n\n');
  expect(mail.text).toContain('The link is good once, until 2026-12-01 10:30 UTC.');
});
