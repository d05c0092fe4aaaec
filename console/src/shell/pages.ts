/** The pages of the navigation, and the roles that see them: those that may ask what the page shows. */
import { ROLES_OF } from '../api/roles';
import { useSession } from '../api/session';
import { useLacking } from './first-start';

interface PageEntry {
  to: string;
  /** Whose texts have its title. */
  name: 'start' | 'live' | 'calls' | 'accounts' | 'trunks' | 'cards' | 'prices' | 'reports' | 'desk' | 'own';
  roles: readonly string[];
}

export const PAGES: readonly PageEntry[] = [
  { to: '/start', name: 'start', roles: ['admin'] },
  { to: '/live', name: 'live', roles: ROLES_OF.callFollow },
  { to: '/calls', name: 'calls', roles: ROLES_OF.callList },
  { to: '/accounts', name: 'accounts', roles: ROLES_OF.accountList },
  { to: '/prices', name: 'prices', roles: ROLES_OF.deckList },
  { to: '/trunks', name: 'trunks', roles: ROLES_OF.trunkList },
  { to: '/cards', name: 'cards', roles: ROLES_OF.cardBatches },
  { to: '/reports', name: 'reports', roles: ROLES_OF.report },
  { to: '/desk', name: 'desk', roles: ROLES_OF.status },
  { to: '/own', name: 'own', roles: ROLES_OF.ownAccount },
];

/** Those of the person who is logged in, in the order of the navigation. The first start is one while something is lacking. */
export function usePages(): readonly PageEntry[] {
  const { roles } = useSession();
  const { data: lacking = null } = useLacking();
  const seen = PAGES.filter(page => page.roles.some(role => roles.includes(role)));
  return seen.filter(({ name }) => name !== 'start' || lacking !== null);
}
