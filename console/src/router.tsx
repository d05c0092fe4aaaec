import { Button } from '@mantine/core';
import { createRootRoute, createRoute, createRouter, Link, Navigate, useLocation } from '@tanstack/react-router';
import { accountSearch, listSearch } from './pages/accounts/search';
import { callsSearch } from './pages/calls/search';
import * as cardSearch from './pages/cards/search';
import * as deskSearch from './pages/desk/search';
import { validateSearch as validateLive } from './pages/live/search';
import * as ownSearch from './pages/own/search';
import { deckSearch, importSearch } from './pages/prices/search';
import { reportsSearch } from './pages/reports/search';
import { trunkSearch, trunksSearch } from './pages/trunks/search';
import { RefusalNote } from './parts/page';
import { isLeftForLater, useLacking } from './shell/first-start';
import { Frame } from './shell/frame';
import { usePages } from './shell/pages';
import { useTexts } from './texts/texts';

const root = createRootRoute({ component: Frame, notFoundComponent: NoPage });

const home = createRoute({ getParentRoute: () => root, path: '/', component: FirstPage });

const accounts = createRoute({ getParentRoute: () => root, path: '/accounts', validateSearch: listSearch }).lazy(() =>
  import('./pages/accounts/accounts').then(({ Route }) => Route),
);
const account = createRoute({
  getParentRoute: () => root,
  path: '/accounts/$accountcode',
  validateSearch: accountSearch,
}).lazy(() => import('./pages/accounts/account').then(({ Route }) => Route));
const calls = createRoute({ getParentRoute: () => root, path: '/calls', validateSearch: callsSearch }).lazy(() =>
  import('./pages/calls/list').then(({ Route }) => Route),
);
const call = createRoute({ getParentRoute: () => root, path: '/calls/$uniqueid' }).lazy(() =>
  import('./pages/calls/call').then(({ Route }) => Route),
);

const live = createRoute({ getParentRoute: () => root, path: '/live', validateSearch: validateLive }).lazy(() =>
  import('./pages/live/page').then(({ Route }) => Route),
);

const cards = createRoute({ getParentRoute: () => root, path: '/cards', validateSearch: cardSearch.listSearch }).lazy(
  () => import('./pages/cards/cards').then(({ Route }) => Route),
);
const cardBatch = createRoute({
  getParentRoute: () => root,
  path: '/cards/$batch',
  validateSearch: cardSearch.batchSearch,
}).lazy(() => import('./pages/cards/batch').then(({ Route }) => Route));

const trunks = createRoute({ getParentRoute: () => root, path: '/trunks', validateSearch: trunksSearch }).lazy(() =>
  import('./pages/trunks/trunks').then(({ Route }) => Route),
);
const trunk = createRoute({ getParentRoute: () => root, path: '/trunks/$trunk', validateSearch: trunkSearch }).lazy(
  () => import('./pages/trunks/trunk').then(({ Route }) => Route),
);
const own = createRoute({ getParentRoute: () => root, path: '/own' }).lazy(() =>
  import('./pages/own/own').then(({ Route }) => Route),
);
const ownNow = createRoute({ getParentRoute: () => own, path: '/' }).lazy(() =>
  import('./pages/own/now').then(({ Route }) => Route),
);
const ownCalls = createRoute({ getParentRoute: () => own, path: '/calls', validateSearch: ownSearch.callsSearch }).lazy(
  () => import('./pages/own/calls').then(({ Route }) => Route),
);
const ownMoney = createRoute({ getParentRoute: () => own, path: '/money', validateSearch: ownSearch.moneySearch }).lazy(
  () => import('./pages/own/money').then(({ Route }) => Route),
);
const ownPrices = createRoute({
  getParentRoute: () => own,
  path: '/prices',
  validateSearch: ownSearch.pricesSearch,
}).lazy(() => import('./pages/own/prices').then(({ Route }) => Route));
const ownStatement = createRoute({
  getParentRoute: () => own,
  path: '/statement',
  validateSearch: ownSearch.statementSearch,
}).lazy(() => import('./pages/own/statement-page').then(({ Route }) => Route));

const start = createRoute({ getParentRoute: () => root, path: '/start' }).lazy(() =>
  import('./pages/start/start').then(({ Route }) => Route),
);
const reports = createRoute({ getParentRoute: () => root, path: '/reports', validateSearch: reportsSearch }).lazy(() =>
  import('./pages/reports/reports').then(({ Route }) => Route),
);
const statement = createRoute({
  getParentRoute: () => root,
  path: '/accounts/$accountcode/statement',
  validateSearch: ownSearch.statementSearch,
}).lazy(() => import('./pages/reports/statement').then(({ Route }) => Route));
const desk = createRoute({ getParentRoute: () => root, path: '/desk' }).lazy(() =>
  import('./pages/desk/desk').then(({ Route }) => Route),
);
const deskPeople = createRoute({
  getParentRoute: () => desk,
  path: '/people',
  validateSearch: deskSearch.peopleSearch,
}).lazy(() => import('./pages/desk/people').then(({ Route }) => Route));
const deskKeys = createRoute({
  getParentRoute: () => desk,
  path: '/keys',
  validateSearch: deskSearch.keysSearch,
}).lazy(() => import('./pages/desk/keys').then(({ Route }) => Route));
const deskApprovals = createRoute({
  getParentRoute: () => desk,
  path: '/approvals',
  validateSearch: deskSearch.approvalsSearch,
}).lazy(() => import('./pages/desk/approvals').then(({ Route }) => Route));
const deskAudit = createRoute({
  getParentRoute: () => desk,
  path: '/audit',
  validateSearch: deskSearch.auditSearch,
}).lazy(() => import('./pages/desk/audit').then(({ Route }) => Route));
const deskWebhooks = createRoute({
  getParentRoute: () => desk,
  path: '/webhooks',
  validateSearch: deskSearch.webhooksSearch,
}).lazy(() => import('./pages/desk/webhooks').then(({ Route }) => Route));
const deskBooks = createRoute({
  getParentRoute: () => desk,
  path: '/books',
  validateSearch: deskSearch.booksSearch,
}).lazy(() => import('./pages/desk/books').then(({ Route }) => Route));
const deskNodes = createRoute({ getParentRoute: () => desk, path: '/nodes' }).lazy(() =>
  import('./pages/desk/nodes').then(({ Route }) => Route),
);
const deskSettings = createRoute({
  getParentRoute: () => desk,
  path: '/settings',
  validateSearch: deskSearch.settingsSearch,
}).lazy(() => import('./pages/desk/settings').then(({ Route }) => Route));

const prices = createRoute({ getParentRoute: () => root, path: '/prices' }).lazy(() =>
  import('./pages/prices/decks').then(({ Route }) => Route),
);
const importPrices = createRoute({
  getParentRoute: () => root,
  path: '/prices/import',
  validateSearch: importSearch,
}).lazy(() => import('./pages/prices/import').then(({ Route }) => Route));
const deck = createRoute({ getParentRoute: () => root, path: '/prices/decks/$deck', validateSearch: deckSearch }).lazy(
  () => import('./pages/prices/deck').then(({ Route }) => Route),
);

const me = createRoute({ getParentRoute: () => root, path: '/me' }).lazy(() =>
  import('./pages/me/me').then(({ Route }) => Route),
);

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    live,
    calls,
    call,
    accounts,
    account,
    cards,
    cardBatch,
    reports,
    statement,
    prices,
    importPrices,
    deck,
    trunks,
    trunk,
    own.addChildren([ownNow, ownCalls, ownMoney, ownPrices, ownStatement]),
    desk.addChildren([
      deskPeople,
      deskKeys,
      deskApprovals,
      deskAudit,
      deskWebhooks,
      deskBooks,
      deskNodes,
      deskSettings,
    ]),
    me,
    start,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

/**
 * Keys and screen readers go on in the page that came, not in the link that has gone; a field of it that took the focus keeps it. The first
 * page leaves the focus where the browser put it.
 */
router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
  const page = document.getElementById('page');
  if (!fromLocation || !pathChanged || page?.contains(document.activeElement)) return;
  page?.focus({ preventScroll: true });
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** The first page that the person's roles see: for an administrator what is lacking, until it was left. */
function FirstPage() {
  const { shell } = useTexts();
  const { isLoading } = useLacking();
  // Who has chosen another page meanwhile gets that one, though its file is still on its way.
  const isLeft = useLocation().pathname !== '/';
  const first = usePages().find(({ name }) => name !== 'start' || !isLeftForLater());
  if (isLoading || isLeft) return null;
  return first ? <Navigate to={first.to} replace /> : <p>{shell.noPageYet}</p>;
}

/** A fault of a page: its others go on. */
function Broken({ error }: { error: unknown }) {
  const { shell } = useTexts();
  return (
    <>
      <h1>{shell.broken}</h1>
      <RefusalNote error={error} />
      <Button mt={12} onClick={() => location.reload()}>
        {shell.reload}
      </Button>
    </>
  );
}

function NoPage() {
  const { shell } = useTexts();
  return (
    <>
      <h1>{shell.noPage}</h1>
      <Link to="/">Ringfence</Link>
    </>
  );
}
