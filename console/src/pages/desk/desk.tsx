/** The desk: who may do what, what was done, and whether all is well. Each part has an address and a check of roles of its own. */
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute, Link, Navigate, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { told } from '../../api/ask';
import { approvalList, status } from '../../api/operations';
import { type OperationName, useMay } from '../../api/session';
import { NoPermission } from '../../parts/no-permission';
import { Page } from '../../parts/page';
import classes from './desk.module.css';
import { APPROVALS_KEY, STATUS_KEY } from './desk-query';
import { useWords } from './words';

export const Route = createLazyRoute('/desk')({ component: Desk });

/** Its parts, and what each asks first. */
const PARTS = [
  { to: '/desk/people', name: 'people', asks: 'operatorList' },
  { to: '/desk/keys', name: 'keys', asks: 'keyList' },
  { to: '/desk/approvals', name: 'approvals', asks: 'approvalList' },
  { to: '/desk/audit', name: 'audit', asks: 'auditList' },
  { to: '/desk/webhooks', name: 'webhooks', asks: 'webhookDead' },
  { to: '/desk/books', name: 'books', asks: 'jobList' },
  { to: '/desk/nodes', name: 'nodes', asks: 'status' },
  { to: '/desk/settings', name: 'settings', asks: 'settings' },
] as const satisfies readonly { to: string; name: string; asks: OperationName }[];

/** How often what needs somebody is counted anew. Ms. */
const AGAIN_MS = 30_000;

function Desk() {
  const desk = useWords();
  const may = useMay();
  const { pathname } = useLocation();
  const tabs = useRef<HTMLElement>(null);
  const counts = useCounts();
  // A telephone shows some of the tabs: the present one is among them, also when the counts before it have come.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counts make tabs wider
  useEffect(() => {
    const present = tabs.current?.querySelector(`[href="${pathname}"]`);
    present?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [pathname, counts.approvals, counts.nodes]);
  const parts = PARTS.filter(({ asks }) => may(asks));
  const [first] = parts;
  if (!first) return <NoPermission title={desk.title} />;
  if (pathname === '/desk') return <Navigate to={first.to} replace />;
  const here = PARTS.find(({ to }) => to === pathname);
  return (
    <Page title={desk.title} {...(here && { windowTitle: desk.parts[here.name] })} hasTimes={here?.name !== 'settings'}>
      <nav ref={tabs} className={classes.tabs} aria-label={desk.partsOf}>
        {parts.map(({ to, name }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ 'aria-current': 'page' }}
          >
            {desk.parts[name]}
            {name === 'approvals' && <Count count={counts.approvals} says={desk.openOnes} />}
            {name === 'nodes' && <Count count={counts.nodes} says={desk.alarms} />}
          </Link>
        ))}
      </nav>
      <Outlet />
    </Page>
  );
}

/** How many approvals wait, and how many alarms there are: 0 until that is known, and for those who may not know. */
function useCounts(): { approvals: number; nodes: number } {
  const may = useMay();
  const waiting = useQuery({
    queryKey: [...APPROVALS_KEY, 'count'],
    queryFn: () => told(approvalList({ limit: 1 })),
    refetchInterval: AGAIN_MS,
    enabled: may('approvalList'),
  });
  const now = useQuery({
    queryKey: STATUS_KEY,
    queryFn: () => told(status()),
    refetchInterval: AGAIN_MS,
    enabled: may('status'),
  });
  return { approvals: waiting.data?.total ?? 0, nodes: now.data?.alarms.length ?? 0 };
}

/** How many need somebody; nothing for none. */
function Count({ count, says }: { count: number; says: string }) {
  if (count === 0) return null;
  return (
    <span className={classes.count} title={says}>
      {count}
    </span>
  );
}
