/** Trunks and routes: how each trunk does now and did in the last day, which numbers go where, and where one number would go. */
import { Button, Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { createLazyRoute, Link } from '@tanstack/react-router';
import type { Trunk } from '../../api/operations';
import { useMay } from '../../api/session';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Empty, Note, Page } from '../../parts/page';
import { Heard } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useTexts } from '../../texts/texts';
import { Bars, CausesInShort, DelayText, NotHeard, Share, TalkingNow, TalkText, TrunkState } from './carried';
import { acdOf, asrOf, delayOf } from './figures';
import { GapList } from './gaps';
import { NewRoute } from './new-route';
import { NewTrunk } from './new-trunk';
import { useCauses, useDays, useRoutes, useTrunks } from './questions';
import { Routes } from './routes';
import { type Gap, gapsIn, waysOf } from './routing';
import { TABS, type Tab, type TrunksSearch } from './search';
import { type Talking, useTalking } from './talking';
import classes from './trunks.module.css';
import { TryNumber } from './try-number';
import { useWords } from './words';

export const Route = createLazyRoute('/trunks')({ component: TrunksPage });

/** undefined takes it out of the address. */
export type SetSearch = (more: { [Name in keyof TrunksSearch]?: TrunksSearch[Name] | undefined }) => void;

function TrunksPage() {
  const words = useWords();
  const may = useMay();
  return may('trunkList') ? <TrunksAndRoutes /> : <NoPermission title={words.title} />;
}

function TrunksAndRoutes() {
  const words = useWords();
  const may = useMay();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const talking = useTalking();
  const tab = search.tab ?? 'trunks';
  const set: SetSearch = more => {
    const merged = Object.entries({ ...search, ...more }).filter(([, value]) => value !== undefined);
    void navigate({ search: Object.fromEntries(merged), replace: true, resetScroll: false });
  };
  const close = () => set({ new: undefined });
  return (
    <Page
      title={words.title}
      hasTimes={tab === 'trunks'}
      actions={
        <>
          {tab !== 'routes' && may('trunkAdd') && search.new !== 'trunk' && (
            <Button variant={tab === 'trunks' ? 'filled' : 'default'} onClick={() => set({ new: 'trunk' })}>
              {words.newTrunk}
            </Button>
          )}
          {tab === 'routes' && may('routeAdd') && search.new !== 'route' && (
            <Button onClick={() => set({ new: 'route' })}>{words.newRoute}</Button>
          )}
        </>
      }
    >
      <NotHeard talking={talking} />
      {search.new === 'trunk' && may('trunkAdd') && <NewTrunk onClose={close} />}
      {search.new === 'route' && may('routeAdd') && (
        <NewRoute onClose={close} onDone={prefix => set({ new: undefined, tab: 'routes', prefix })} />
      )}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={chosen => set({ tab: TABS.find(each => each === chosen && each !== 'trunks'), new: undefined })}
      >
        <Tabs.List>
          {TABS.map((each: Tab) => (
            <Tabs.Tab key={each} value={each}>
              {words.tabs[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="trunks" className={classes.panel}>
          <Trunks talking={talking} />
        </Tabs.Panel>
        <Tabs.Panel value="routes" className={classes.panel}>
          <Routes talking={talking} search={search} onSearch={set} />
        </Tabs.Panel>
        <Tabs.Panel value="try" className={classes.panel}>
          <TryNumber search={search} onSearch={set} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Trunks({ talking }: { talking: Talking }) {
  const words = useWords();
  const query = useTrunks();
  return (
    <Asked query={query}>
      {trunks =>
        trunks.length === 0 ? (
          <Empty command="ringfence trunk add main --endpoint 'PJSIP/{number}@main'">{words.noTrunk}</Empty>
        ) : (
          <TrunkRows trunks={trunks} talking={talking} />
        )
      }
    </Asked>
  );
}

function TrunkRows({ trunks, talking }: { trunks: readonly Trunk[]; talking: Talking }) {
  const words = useWords();
  const { common } = useTexts();
  const may = useMay();
  const navigate = Route.useNavigate();
  const { data: routes } = useRoutes();
  const told = useDays();
  const causes = useCauses();
  const isWide = useMediaQuery('(min-width: 1200px)', true, { getInitialValueInEffect: false });
  const dayOf = (trunk: string) => told?.days.get(trunk);
  const routed = routes && new Set(routes.map(({ trunk }) => trunk));
  const hours: Column<Trunk> = { head: words.byHour, cell: ({ trunk }) => <Bars day={dayOf(trunk)} /> };
  const columns: Column<Trunk>[] = [
    {
      head: words.trunk,
      cell: ({ trunk }) => (
        <Link
          to="/trunks/$trunk"
          params={{ trunk }}
          tabIndex={-1}
          className={classes.name}
          // The row would open it a second time.
          onClick={event => event.stopPropagation()}
        >
          <Clipped>{trunk}</Clipped>
        </Link>
      ),
    },
    {
      head: words.state,
      cell: ({ trunk, enabled }) => <TrunkState isOn={enabled} hasRoute={routed?.has(trunk) ?? true} />,
    },
    {
      head: words.talking,
      isFigure: true,
      cell: ({ trunk }) => <TalkingNow talking={talking} trunk={trunk} />,
    },
    {
      head: words.calls,
      isFigure: true,
      isExtra: true,
      cell: ({ trunk }) => dayOf(trunk)?.calls ?? common.none,
    },
    {
      head: words.asr,
      isFigure: true,
      cell: ({ trunk }) => {
        const day = dayOf(trunk);
        return <Share percent={day ? asrOf(day) : null} />;
      },
    },
    ...(isWide ? [hours] : []),
    {
      head: words.acd,
      isFigure: true,
      isExtra: true,
      cell: ({ trunk }) => <TalkText seconds={dayOf(trunk) ? acdOf(dayOf(trunk)!) : null} />,
    },
    {
      head: words.delay,
      isFigure: true,
      isExtra: true,
      cell: ({ trunk }) => <DelayText seconds={dayOf(trunk) ? delayOf(dayOf(trunk)!) : null} />,
    },
    {
      head: words.causes,
      isExtra: true,
      cell: ({ trunk }) => <CausesInShort causes={causes?.get(trunk)} />,
    },
  ];
  if (may('trunkSet')) {
    columns.push({
      head: <Heard>{words.actions}</Heard>,
      isFigure: true,
      cell: ({ trunk, enabled }) => (
        <Button
          component={Link}
          to={`/trunks/${encodeURIComponent(trunk)}?do=${enabled ? 'off' : 'on'}`}
          size="compact-xs"
          variant="default"
          aria-label={enabled ? words.turnOffOne(trunk) : words.turnOnOne(trunk)}
          onClick={event => event.stopPropagation()}
        >
          {enabled ? words.turnOff : words.turnOn}
        </Button>
      ),
    });
  }
  return (
    <>
      <div className={classes.notes}>
        {routes && <NeedsYou trunks={trunks} gaps={gapsIn(waysOf(routes))} hasRoutes={routes.length > 0} />}
      </div>
      <Rows
        caption={words.tabs.trunks}
        columns={columns}
        rows={trunks}
        keyOf={({ trunk }) => trunk}
        onOpen={({ trunk }) => void navigate({ to: '/trunks/$trunk', params: { trunk } })}
      />
      <p className={classes.small}>{words.lastHours(told?.hours ?? 24)}</p>
    </>
  );
}

interface NeedsYouProps {
  trunks: readonly Trunk[];
  gaps: readonly Gap[];
  hasRoutes: boolean;
}

/** What somebody must correct before numbers go where they should. */
function NeedsYou({ trunks, gaps, hasRoutes }: NeedsYouProps) {
  const words = useWords();
  if (!hasRoutes) {
    return (
      <Note mood="attention">
        {words.noRouteAtAll} <code>ringfence route add --prefix '' --trunk {trunks[0]?.trunk}</code>
      </Note>
    );
  }
  if (gaps.length === 0) return null;
  return (
    <Note mood="attention">
      <GapList gaps={gaps} />
    </Note>
  );
}
