/** What a new service still lacks until its first call was answered. The menu and the first page ask it too. */
import { useQuery } from '@tanstack/react-query';
import { told } from '../api/ask';
import {
  type Alarm,
  accountList,
  type Call,
  callList,
  deckList,
  routeList,
  status,
  trunkList,
} from '../api/operations';
import { useSession } from '../api/session';

/** What is there, as long as no call was answered. */
export interface Lacking {
  /** The switches that a process acts for now. */
  switches: readonly string[];
  /** What a service reports of a switch that it cannot use. */
  alarms: readonly Alarm[];
  hasDeck: boolean;
  hasTrunk: boolean;
  hasRoute: boolean;
  hasAccount: boolean;
  /** The newest call, which was not answered; null if there is none. */
  lastCall: Call | null;
}

/** null when nothing is lacking: an answered call needed all of it. @throws Refused */
async function readLacking(): Promise<Lacking | null> {
  const one = { limit: 1, count: false };
  const { items: answered } = await told(callList({ ...one, disposition: 'ANSWERED' }));
  if (answered.length > 0) return null;
  const [calls, { items: nodes, alarms }, decks, trunks, routes, accounts] = await Promise.all([
    told(callList(one)),
    told(status()),
    told(deckList({ limit: 1 })),
    told(trunkList({ limit: 1 })),
    told(routeList({ limit: 1 })),
    told(accountList(one)),
  ]);
  const lastCall = calls.items[0] ?? null;
  // It talks at this moment.
  if (lastCall !== null && lastCall.answer_at !== null) return null;
  return {
    switches: nodes.filter(({ owner, lease_seconds: left }) => owner !== null && left > 0).map(({ node }) => node),
    alarms: alarms.filter(({ alarm }) => alarm.startsWith('switch_')),
    hasDeck: decks.items.length > 0,
    hasTrunk: trunks.items.length > 0,
    hasRoute: routes.items.length > 0,
    hasAccount: accounts.items.length > 0,
    lastCall,
  };
}

/** How often the list looks whether something is there now. Ms. */
const LOOK_MS = 3_000;

const untilNothingLacks = ({ state: { data } }: { state: { data: Lacking | null | undefined } }) =>
  data === null ? (false as const) : LOOK_MS;

/** What is lacking, for administrators; others are never asked to begin. `isLive`: asks again and again, until nothing is lacking. */
export function useLacking(isLive = false) {
  const { roles } = useSession();
  return useQuery({
    queryKey: ['first start'],
    queryFn: readLacking,
    enabled: roles.includes('admin'),
    staleTime: ({ state: { data } }) => (data === null ? Number.POSITIVE_INFINITY : LOOK_MS),
    ...(isLive && { refetchInterval: untilNothingLacks }),
  });
}

const LEFT = 'ringfence.start.left';

/** Whether a person of this browser left the list for later: then the log-in leads elsewhere. It stays in the menu. */
export const isLeftForLater = (): boolean => localStorage.getItem(LEFT) !== null;

export const leaveForLater = (): void => localStorage.setItem(LEFT, 'true');
