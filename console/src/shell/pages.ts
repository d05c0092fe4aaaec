/** The pages of the navigation, and the roles that see them: those that may ask what the page shows. */
import { useSession } from '../api/session';
import type { Texts } from '../texts/en';

interface PageEntry {
  to: string;
  name: keyof Texts['shell'];
  roles: readonly string[];
}

export const PAGES: readonly PageEntry[] = [];

/** Those of the person who is logged in, in the order of the navigation. */
export function usePages(): readonly PageEntry[] {
  const { roles } = useSession();
  return PAGES.filter(page => page.roles.some(role => roles.includes(role)));
}
