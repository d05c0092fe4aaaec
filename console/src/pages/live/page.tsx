/** The board of calls in progress: what is now, who needs somebody, and what can be done about it, all day. */
import { Button, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { told } from '../../api/ask';
import type { LiveCall } from '../../api/operations';
import { report } from '../../api/operations';
import { useMay } from '../../api/session';
import { type Hearing, useStream } from '../../api/stream';
import { NoPermission } from '../../parts/no-permission';
import { Empty, Note, Page } from '../../parts/page';
import { clockTime } from '../../parts/times';
import { useReading } from '../../texts/texts';
import { Board, type ShownCall } from './board';
import { CallRows } from './call-rows';
import { type Clock, ClockContext, nowBy } from './clock';
import { Facts } from './facts';
import { Filters } from './filters';
import { type Hour, hourOf } from './hour';
import classes from './live.module.css';
import type { Change, LiveSearch } from './search';

export const Route = createLazyRoute('/live')({ component: LivePage });

const HourCharts = lazy(() => import('./hour-charts'));

/** The charts are shown at first where there is room for them beside the calls. */
const isWide = (): boolean => window.matchMedia('(min-width: 900px)').matches;

function LivePage() {
  const { live } = useReading().texts;
  const may = useMay();
  return may('callFollow') ? <LiveBoard /> : <NoPermission title={live.title} />;
}

function LiveBoard() {
  const { texts } = useReading();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const change = useCallback<Change>(
    more => void navigate({ search: before => ({ ...before, ...more }), replace: true, resetScroll: false }),
    [navigate],
  );
  const board = useBoard(search);
  const { calls, isMore } = board;
  const hour = useHour(board.clock);
  const shown = useMemo(() => calls?.filter(matching(search)), [calls, search]);
  const isHourShown = search.hour ?? isWide();
  const { live } = texts;
  return (
    <ClockContext.Provider value={board.clock}>
      <Page
        title={live.title}
        beside={<HearingMark hearing={board.hearing} isStale={board.staleSince !== null} />}
        actions={
          hour && (
            <Button
              variant="default"
              size="xs"
              aria-expanded={isHourShown}
              onClick={() => change({ hour: !isHourShown })}
            >
              {isHourShown ? live.hideHour : live.showHour}
            </Button>
          )
        }
        hasTimes
      >
        <Stack gap={16}>
          <Facts calls={calls} isMore={isMore} hour={hour} account={search.account} />
          <NewsNote hearing={board.hearing} staleSince={board.staleSince} />
          {hour && hour.knownFrom !== null && <HourNote from={hour.knownFrom} />}
          {hour && isHourShown && (
            <Suspense fallback={<Skeleton height={136} />}>
              <HourCharts hour={hour} />
            </Suspense>
          )}
          <Filters search={search} change={change} trunks={useTrunks(calls, search.trunk)} />
          {isMore && calls && <Note mood="attention">{live.more(String(calls.length))}</Note>}
          <Calls all={calls} shown={shown} search={search} change={change} />
        </Stack>
      </Page>
    </ClockContext.Provider>
  );
}

interface CallsProps {
  all: readonly ShownCall[] | null;
  shown: readonly ShownCall[] | undefined;
  search: LiveSearch;
  change: Change;
}

function Calls({ all, shown, search, change }: CallsProps) {
  const { live, common } = useReading().texts;
  if (!all || !shown) {
    return (
      <Stack gap={8} role="status" aria-label={common.loading}>
        {[1, 2, 3].map(line => (
          <Skeleton key={line} height={32} />
        ))}
      </Stack>
    );
  }
  if (shown.length > 0) return <CallRows calls={shown} all={all} open={search.row} change={change} />;
  const isFiltered = [search.text, search.account, search.trunk, search.state].some(filter => filter !== undefined);
  if (!isFiltered) return <Empty command="ringfence status">{live.noCall}</Empty>;
  return (
    <Empty>
      <p>{live.noMatch(all.length)}</p>
      <Button
        variant="default"
        onClick={() => change({ text: undefined, account: undefined, trunk: undefined, state: undefined })}
      >
        {live.clear}
      </Button>
    </Empty>
  );
}

/** The calls of the stream, and how fresh they are. */
function useBoard({ account, row }: LiveSearch) {
  const [board] = useState(() => new Board());
  const url = `/api/v1/calls/live/stream${account === undefined ? '' : `?account=${encodeURIComponent(account)}`}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address has other calls
  useEffect(() => {
    board.clear();
    return () => board.close();
  }, [board, url]);
  const hearing = useStream(url, {
    snapshot: data => board.takeSnapshot(data as Parameters<Board['takeSnapshot']>[0]),
    difference: data => board.takeDifference(data as Parameters<Board['takeDifference']>[0]),
    stale: () => board.takeStale(),
  });
  useEffect(() => board.keep(row), [board, row]);
  const view = useSyncExternalStore(board.subscribe, board.view);
  const { aheadMs, staleSince } = view;
  const stoppedAt = hearing.is === 'lost' ? hearing.since : staleSince;
  const clock = useMemo<Clock>(() => ({ aheadMs, stoppedAt }), [aheadMs, stoppedAt]);
  return { ...view, hearing, clock };
}

/** So much happened that its report was cut: then the figures of the hour are of less than an hour. */
function HourNote({ from }: { from: number }) {
  const { texts, language } = useReading();
  return <Note mood="attention">{texts.live.hourIsCut(clockTime(new Date(from).toISOString(), language))}</Note>;
}

const HOUR_MS = 30_000;

/** The last hour; undefined for those who may not ask for reports, and until it is read. */
function useHour(clock: Clock): Hour | undefined {
  const may = useMay();
  const { data, dataUpdatedAt } = useQuery({
    queryKey: ['report', 'last-hour-per-minute'],
    queryFn: () => told(report({ name: 'last-hour-per-minute' })),
    enabled: may('report'),
    refetchInterval: HOUR_MS,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: its minutes are those before it was read
  return useMemo(
    () => data && hourOf(data.items, nowBy({ ...clock, stoppedAt: null }), data.is_more),
    [data, dataUpdatedAt],
  );
}

/** The trunks that carry calls now, and the one that is chosen. */
function useTrunks(calls: readonly ShownCall[] | null, chosen: string | undefined): readonly string[] {
  const names = [...new Set([...(calls ?? []).map(({ call }) => call.trunk), chosen ?? ''])].filter(Boolean).sort();
  const key = JSON.stringify(names);
  return useMemo(() => JSON.parse(key) as string[], [key]);
}

function matching({ text, trunk, state }: LiveSearch): (shown: ShownCall) => boolean {
  const sought = text?.toLowerCase();
  return ({ call }) =>
    (trunk === undefined || call.trunk === trunk) &&
    (state === undefined || call.state === state) &&
    (sought === undefined || soughtIn(call).some(field => field.toLowerCase().includes(sought)));
}

const soughtIn = ({ accountcode, src, dst, rate_destination, trunk, node, uniqueid }: LiveCall): string[] => [
  accountcode,
  src,
  dst,
  rate_destination,
  trunk,
  node,
  uniqueid,
];

function HearingMark({ hearing, isStale }: { hearing: Hearing; isStale: boolean }) {
  const { live } = useReading().texts;
  const is = isStale ? 'lost' : hearing.is;
  return (
    <span className={classes.hearing} data-is={is}>
      <i aria-hidden="true" />
      {{ live: live.live, opening: live.opening, lost: live.lost }[is]}
    </span>
  );
}

function NewsNote({ hearing, staleSince }: { hearing: Hearing; staleSince: number | null }) {
  const { language, texts } = useReading();
  const told = (since: number) => clockTime(new Date(since).toISOString(), language);
  if (hearing.is === 'lost') return <Note mood="attention">{texts.live.lostSince(told(hearing.since))}</Note>;
  if (staleSince !== null) return <Note mood="attention">{texts.live.staleSince(told(staleSince))}</Note>;
  return null;
}
