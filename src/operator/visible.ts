/** Whose rows an actor may see. Pure. */

/**
 * Everything, for operators and for the service itself; or one account, for its customer.
 *
 * The functions that read what customers may ask take it as a parameter, and put it into their SQL (visible-store.ts): so a forgotten one
 * does not compile. A reseller's accounts will be a third kind, whose condition there is a subquery of its accounts.
 */
export type Visible = { readonly kind: 'everything' } | { readonly kind: 'account'; readonly accountcode: string };

export const EVERYTHING: Visible = { kind: 'everything' };

/**
 * What the holder of a key or a session may see: everything if it is bound to no account. The database holds to it that customers alone are
 * bound; a dump that was restored without its checks may not.
 * @throws Error for a customer without an account, and for an operator with one
 */
export function visibleTo({ roles, accountcode }: { roles: readonly string[]; accountcode: string | null }): Visible {
  if (roles.includes('customer') !== (accountcode !== null)) {
    throw new Error(`a holder of the roles ${roles.join(', ')} is bound to ${accountcode ?? 'no account'}`);
  }
  return accountcode === null ? EVERYTHING : { kind: 'account', accountcode };
}

/** Whether the rows of an account are among them. */
export const isVisible = (visible: Visible, accountcode: string): boolean =>
  visible.kind === 'everything' || visible.accountcode === accountcode;

/** The one account whose rows at most are left, of those that are visible, by a filter; undefined if they may be of several. */
export const onlyAccount = (visible: Visible, filter: string | undefined): string | undefined =>
  filter ?? (visible.kind === 'account' ? visible.accountcode : undefined);

/** The customer's account. @throws Error if it is not a customer that asks: its role is checked before. */
export function ownAccount(visible: Visible): string {
  if (visible.kind !== 'account') throw new Error('what customers ask was asked without an account');
  return visible.accountcode;
}
