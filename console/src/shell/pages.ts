/** The pages of the navigation, and the roles that see them: those that may ask what the page shows. */
import { ROLES_OF } from '../api/roles';
import { useSession } from '../api/session';

interface PageEntry {
  to: string;
  /** Whose texts have its title. */
  name: 'live' | 'calls' | 'accounts' | 'cards' | 'own';
  roles: readonly string[];
}

export const PAGES: readonly PageEntry[] = [
  { to: '/live', name: 'live', roles: ROLES_OF.callFollow },
  { to: '/calls', name: 'calls', roles: ROLES_OF.callList },
  { to: '/accounts', name: 'accounts', roles: ROLES_OF.accountList },
  { to: '/cards', name: 'cards', roles: ROLES_OF.cardBatches },
  { to: '/own', name: 'own', roles: ROLES_OF.ownAccount },
];

/** Those of the person who is logged in, in the order of the navigation. */
export function usePages(): readonly PageEntry[] {
  const { roles } = useSession();
  return PAGES.filter(page => page.roles.some(role => roles.includes(role)));
}
