/** What a person's browser holds of a session, and what is derived from it. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether a text can be a session's token: 256 bits in base64url, behind rfs_ so that a leaked one is recognised. */
export const isSessionToken = (text: string): boolean => /^rfs_[A-Za-z0-9_-]{43}$/.test(text);

/** Whether a text can be what a browser holds in which a person has logged in. */
export const isBrowserToken = (text: string): boolean => /^rfb_[A-Za-z0-9_-]{43}$/.test(text);

/** Whether a text can be the one-time token of an invitation. */
export const isInvitationToken = (text: string): boolean => /^rfi_[A-Za-z0-9_-]{43}$/.test(text);

/**
 * The token that proves that a request comes from a page which could read our answers, not from another site: the browser sends a cookie by
 * itself, but no header. It is derived from the session, so it needs no place, ends with the session, and is no other session's.
 */
export const csrfTokenOf = (sessionToken: string): string =>
  createHmac('sha256', sessionToken).update('ringfence:csrf').digest('base64url');

/** Whether a text is that token; compared in constant time. */
export function isCsrfTokenOf(sessionToken: string, text: string): boolean {
  const [wanted, given] = [csrfTokenOf(sessionToken), text].map(each => Buffer.from(each)) as [Buffer, Buffer];
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}
