import { csrfTokenOf, isCsrfTokenOf, isInvitationToken, isSessionToken } from '../../src/access/session';

const [one, other] = [`rfs_${'A'.repeat(43)}`, `rfs_${'A'.repeat(42)}B`];

test('the CSRF token is of one session alone, and does not show it', () => {
  expect(isCsrfTokenOf(one, csrfTokenOf(one))).toBe(true);
  for (const wrong of [csrfTokenOf(other), '', one, `${csrfTokenOf(one)}x`, csrfTokenOf(one).slice(1)]) {
    expect(isCsrfTokenOf(one, wrong)).toBe(false);
  }
  expect(csrfTokenOf(one)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(csrfTokenOf(one)).not.toContain('AAAA');
});

test('a token of a session is none of an invitation, nor the other way round', () => {
  const invitation = one.replace('rfs_', 'rfi_');
  expect([isSessionToken(one), isSessionToken(invitation)]).toEqual([true, false]);
  expect([isInvitationToken(invitation), isInvitationToken(one)]).toEqual([true, false]);
  for (const text of ['', 'rfs_', `${one}A`, `${one}\n`]) expect(isSessionToken(text)).toBe(false);
});
