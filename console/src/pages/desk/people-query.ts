import type { Invitation } from '../../api/operations';
import type { Place } from './place';
import type { PeopleSearch } from './search';

export const PEOPLE_KEY = ['desk', 'people'] as const;
export const SESSIONS_KEY = ['desk', 'sessions'] as const;

/** What a change of a person makes old: it may end sessions. */
export const STALE = [PEOPLE_KEY, SESSIONS_KEY];

/** A one-time token that was just made. It is nowhere but on the screen. */
export interface Token {
  name: string;
  token: string;
  /** Why no mail took it to the person; null if the person has no address. */
  failure: string | null;
}

/** What became of an invitation: it is on its way by mail, or its token must be handed over. */
export const tokenOf = ({ name, token, mail_failure: failure }: Invitation): Token | null =>
  token === null ? null : { name, token, failure };

/** The link by which the person chooses a password. What follows the # is sent to no server. */
export const linkOf = ({ token }: Token): string => `${location.origin}/#invitation=${token}`;

export type PeoplePlace = Place<PeopleSearch>;
