/** The customer's own page: what all its parts have in common. */
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute, Link, Outlet, useLocation } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { type OwnAccount, ownAccount } from '../../api/operations';
import { useMay } from '../../api/session';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Page } from '../../parts/page';
import { State } from '../../parts/shown';
import { Clipped } from '../../parts/table';
import { useTexts } from '../../texts/texts';
import classes from './own.module.css';
import { useWords } from './words';

export const Route = createLazyRoute('/own')({ component: Own });

/** The figures change while calls go on; a change of the calls asks at once. */
const AGAIN_MS = 15_000;

export const ACCOUNT_KEY = ['own', 'account'] as const;

export const useOwnAccount = () =>
  useQuery({ queryKey: ACCOUNT_KEY, queryFn: () => told(ownAccount()), refetchInterval: AGAIN_MS });

function Own() {
  const { title } = useTexts().own;
  return useMay()('ownAccount') ? <Parts /> : <NoPermission title={title} />;
}

const TABS = [
  { to: '/own', name: 'now' },
  { to: '/own/calls', name: 'calls' },
  { to: '/own/money', name: 'money' },
  { to: '/own/prices', name: 'prices' },
  { to: '/own/statement', name: 'statement' },
] as const;

function Parts() {
  const own = useWords();
  const { title } = useTexts().own;
  const { pathname } = useLocation();
  const { data } = useOwnAccount();
  // A statement and a price name no time of the reader's zone.
  const hasTimes = !/\/(statement|prices)$/.test(pathname);
  return (
    <div className={classes.own}>
      <Page title={title} beside={data && <Named account={data} />} hasTimes={hasTimes}>
        <nav className={classes.tabs} aria-label={own.parts} data-screen="">
          {TABS.map(({ to, name }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: true, includeSearch: false }}
              activeProps={{ 'aria-current': 'page' }}
            >
              {own.tabs[name]}
            </Link>
          ))}
        </nav>
        <Outlet />
      </Page>
    </div>
  );
}

function Named({ account: { accountcode, status } }: { account: OwnAccount }) {
  const own = useWords();
  return (
    <>
      <Clipped>{accountcode}</Clipped>
      {status !== 'active' && <State mood={status === 'closed' ? 'quiet' : 'wrong'}>{own.status[status]}</State>}
    </>
  );
}

/** What needs the account first. */
export function WithAccount({ children }: { children: (account: OwnAccount) => React.ReactNode }) {
  return <Asked query={useOwnAccount()}>{children}</Asked>;
}
