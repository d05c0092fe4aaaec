/** One trunk: what it carries now, how it did, which numbers it gets, and its settings. */
import { Button, Menu } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { type ReportRow, type RouteListed, trunkRemove, trunkSet } from '../../api/operations';
import { useMay } from '../../api/session';
import { Panel } from '../../parts/form';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Empty, Note, Page, RefusalNote } from '../../parts/page';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading, useTexts } from '../../texts/texts';
import { causeText } from '../calls/words';
import { Bars, DelayText, hourText, NotHeard, Share, TalkingNow, TalkText, TrunkState } from './carried';
import { acdOf, asrOf, type Cause, type Day, delayOf } from './figures';
import { GapList } from './gaps';
import { TRUNKS_KEY, type TrunkNow, useCauses, useDays, useMonth, useTrunk, useWays } from './questions';
import { type Way, withoutTrunk } from './routing';
import { ANY_NUMBER, type TrunkAction } from './search';
import { EditSettings, Settings } from './settings';
import { type Talking, useTalking } from './talking';
import classes from './trunks.module.css';
import { useWords } from './words';

export const Route = createLazyRoute('/trunks/$trunk')({ component: TrunkPage });

function TrunkPage() {
  const words = useWords();
  const may = useMay();
  const { trunk } = Route.useParams();
  return may('trunkShow') ? <Trunk key={trunk} name={trunk} /> : <NoPermission title={words.title} />;
}

function Trunk({ name }: { name: string }) {
  const words = useWords();
  const query = useTrunk(name);
  if (query.data) return <OneTrunk now={query.data} error={query.error} />;
  return (
    <Page title={name}>
      <Asked query={query}>{() => null}</Asked>
      <p>
        <Link to="/trunks">{words.title}</Link>
      </p>
    </Page>
  );
}

function OneTrunk({ now, error }: { now: TrunkNow; error: unknown }) {
  const words = useWords();
  const { trunk, enabled } = now.trunk;
  const may = useMay();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const ways = useWays();
  const talking = useTalking();
  const [done, setDone] = useState<string | null>(null);
  const open = (action: TrunkAction | undefined) => {
    if (action !== undefined) setDone(null);
    void navigate({ search: action ? { do: action } : {}, replace: true, resetScroll: false });
    // What had the focus is gone: a keyboard goes on from the page.
    if (action === undefined) document.getElementById('page')?.focus({ preventScroll: true });
  };
  const end = (text: string) => {
    setDone(text);
    open(undefined);
  };
  const own = ways?.filter(({ routes }) => routes.some(route => route.trunk === trunk));
  const form = { now, onDone: end, onCancel: () => open(undefined) };
  const action = search.do;
  return (
    <Page
      title={trunk}
      hasTimes
      beside={<TrunkState isOn={enabled} hasRoute={own === undefined || own.length > 0} />}
      actions={
        <>
          {may('trunkSet') && (
            <Button variant={enabled ? 'default' : 'filled'} onClick={() => open(enabled ? 'off' : 'on')}>
              {enabled ? words.turnOff : words.turnOn}
            </Button>
          )}
          {may('trunkSet') && (
            <Button variant="default" onClick={() => open('edit')}>
              {words.edit}
            </Button>
          )}
          {may('trunkRemove') && (
            <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
              <Menu.Target>
                <Button variant="default">{words.more} ▾</Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => open('remove')}>{words.removeTrunk}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </>
      }
    >
      <NotHeard talking={talking} />
      <div className={classes.notes}>
        <RefusalNote error={error} />
        {done && <Note mood="ours">{done}</Note>}
      </div>
      {action === 'off' && enabled && may('trunkSet') && ways && <TurnOff ways={ways} talking={talking} {...form} />}
      {action === 'on' && !enabled && may('trunkSet') && <TurnOn {...form} />}
      {action === 'edit' && may('trunkSet') && <EditSettings {...form} />}
      {action === 'remove' && may('trunkRemove') && <Remove {...form} />}
      <Carried trunk={trunk} talking={talking} />
      <Ways trunk={trunk} ways={own} />
      <Settings now={now} />
    </Page>
  );
}

interface FormProps {
  now: TrunkNow;
  onDone: (text: string) => void;
  onCancel: () => void;
}

/** On or off, whatever else another person changes meanwhile. */
function useTurning({ now, onDone }: FormProps, enabled: 'yes' | 'no', text: string) {
  const { trunk } = now.trunk;
  return useChange({
    run: (_: string, idempotencyKey) => told(trunkSet({ trunk, idempotencyKey, body: { enabled } })),
    stale: [TRUNKS_KEY],
    onDone: () => onDone(text),
  });
}

function TurnOff({ ways, talking, ...form }: FormProps & { ways: readonly Way[]; talking: Talking }) {
  const words = useWords();
  const { trunk } = form.now.trunk;
  const { kept, gaps } = withoutTrunk(ways, trunk);
  const calls = talking.count?.(trunk) ?? 0;
  const turning = useTurning(form, 'no', words.isOff(trunk));
  return (
    <Panel
      title={words.turnOffOne(trunk)}
      lead={words.offLead(calls, kept)}
      go={words.turnOff}
      isDanger={gaps.length > 0}
      isBusy={turning.isPending}
      error={turning.error}
      onGo={() => turning.mutate(trunk)}
      onCancel={form.onCancel}
    >
      {gaps.length > 0 && (
        <Note mood="attention">
          <GapList gaps={gaps} />
        </Note>
      )}
    </Panel>
  );
}

function TurnOn(form: FormProps) {
  const words = useWords();
  const { trunk } = form.now.trunk;
  const turning = useTurning(form, 'yes', words.isOn(trunk));
  return (
    <Panel
      title={words.turnOnOne(trunk)}
      lead={words.onLead}
      go={words.turnOn}
      isBusy={turning.isPending}
      error={turning.error}
      onGo={() => turning.mutate(trunk)}
      onCancel={form.onCancel}
    />
  );
}

function Remove({ now, onCancel }: FormProps) {
  const words = useWords();
  const navigate = Route.useNavigate();
  const { trunk } = now.trunk;
  const remove = useChange({
    run: (name: string, idempotencyKey) => told(trunkRemove({ trunk: name, idempotencyKey })),
    stale: [TRUNKS_KEY],
    onDone: () => void navigate({ to: '/trunks' }),
  });
  return (
    <Panel
      title={words.removeTrunk}
      lead={words.removeLead}
      go={words.removeTrunk}
      isDanger
      isBusy={remove.isPending}
      confirm={trunk}
      error={remove.error}
      onGo={() => remove.mutate(trunk)}
      onCancel={onCancel}
    />
  );
}

/** What it carries now, in the last day and in 30 days. */
function Carried({ trunk, talking }: { trunk: string; talking: Talking }) {
  const words = useWords();
  const { common } = useTexts();
  const told = useDays();
  const day = told?.days.get(trunk);
  const causes = useCauses()?.get(trunk) ?? [];
  const month = useMonth(trunk);
  return (
    <section aria-label={words.carried}>
      <dl className={classes.facts}>
        <div>
          <dt>{words.talkingNow}</dt>
          <dd>
            <TalkingNow talking={talking} trunk={trunk} />{' '}
            <Link to="/live" search={{ trunk }} className={`${classes.link} ${classes.beside}`}>
              {words.openLive}
            </Link>
          </dd>
        </div>
        <div>
          <dt>{words.unanswered}</dt>
          <dd>{day ? day.calls - day.answered : common.none}</dd>
        </div>
      </dl>
      <Periods day={day} hours={told?.hours ?? 24} month={month} />
      <HourBars day={day} />
      <h2>{words.whyUnanswered}</h2>
      {causes.length === 0 ? (
        <Empty>{words.noUnanswered}</Empty>
      ) : (
        <Causes trunk={trunk} causes={causes} unanswered={causes.reduce((sum, { calls }) => sum + calls, 0)} />
      )}
      <p className={classes.small}>{words.lastTrunkOnly}</p>
    </section>
  );
}

function HourBars({ day }: { day: Day | undefined }) {
  const words = useWords();
  const { language } = useReading();
  const [first, last] = [day?.hours[0], day?.hours.at(-1)];
  if (!day || day.calls === 0 || !first || !last) return null;
  return (
    <figure className={classes.chart}>
      <figcaption>{words.barsLegend}</figcaption>
      <Bars day={day} isLarge />
      <div className={classes.axis} aria-hidden="true">
        <span>{hourText(first.at, language)}</span>
        <span>{hourText(last.at, language)}</span>
      </div>
    </figure>
  );
}

interface PeriodsProps {
  day: Day | undefined;
  hours: number;
  month: ReportRow | null | undefined;
}

function Periods({ day, hours, month }: PeriodsProps) {
  const words = useWords();
  const { common } = useTexts();
  const figure = (value: string | number | null | undefined) => (value == null ? null : Number(value));
  const rows = [
    {
      name: words.hours(hours),
      calls: day?.calls ?? 0,
      asr: day ? asrOf(day) : null,
      acd: day ? acdOf(day) : null,
      delay: day ? delayOf(day) : null,
    },
    {
      name: words.month,
      calls: figure(month?.calls) ?? (month === null ? 0 : common.none),
      asr: figure(month?.asr_percent),
      acd: figure(month?.acd_seconds),
      delay: figure(month?.answer_delay_seconds),
    },
  ];
  const columns: Column<(typeof rows)[0]>[] = [
    { head: words.period, cell: ({ name }) => name },
    { head: words.calls, isFigure: true, cell: ({ calls }) => calls },
    { head: words.asr, isFigure: true, cell: ({ asr }) => <Share percent={asr} /> },
    { head: words.acd, isFigure: true, cell: ({ acd }) => <TalkText seconds={acd} /> },
    { head: words.delay, isFigure: true, cell: ({ delay }) => <DelayText seconds={delay} /> },
  ];
  return <Rows caption={words.carried} columns={columns} rows={rows} keyOf={({ name }) => name} />;
}

function Causes({ trunk, causes, unanswered }: { trunk: string; causes: readonly Cause[]; unanswered: number }) {
  const { texts } = useReading();
  const words = useWords();
  const { common } = texts;
  const columns: Column<Cause>[] = [
    {
      head: words.cause,
      cell: ({ cause }) =>
        cause === null ? (
          common.none
        ) : (
          <Link to="/calls" search={{ trunk, cause, range: 'day' }} className={classes.link}>
            {causeText(cause, texts)}
          </Link>
        ),
    },
    {
      head: words.endedBy,
      cell: ({ source }) =>
        source === null ? common.none : (words.sources[source as keyof typeof words.sources] ?? source),
    },
    { head: words.calls, isFigure: true, cell: ({ calls }) => calls },
    {
      head: words.share,
      isFigure: true,
      isExtra: true,
      cell: ({ calls }) => <Share percent={(100 * calls) / unanswered} />,
    },
  ];
  return (
    <Rows
      caption={words.whyUnanswered}
      columns={columns}
      rows={causes}
      keyOf={({ cause, source }) => `${cause} ${source}`}
    />
  );
}

/** The prefixes whose numbers it gets, and in which place. */
function Ways({ trunk, ways }: { trunk: string; ways: readonly Way[] | undefined }) {
  const words = useWords();
  const may = useMay();
  if (!ways || !may('routeList')) return null;
  const placeIn = (routes: readonly RouteListed[]) => routes.findIndex(route => route.trunk === trunk) + 1;
  const columns: Column<Way>[] = [
    {
      head: words.prefix,
      cell: ({ prefix }) => (
        <Link to="/trunks" search={{ tab: 'routes', prefix: prefix || ANY_NUMBER }} className={classes.link}>
          {prefix || words.anyNumber}
        </Link>
      ),
    },
    { head: words.place, cell: ({ routes }) => words.placeOf(placeIn(routes), routes.length) },
    {
      head: words.allTrunks,
      isExtra: true,
      cell: ({ routes }) => <Clipped>{routes.map(route => route.trunk).join(' → ')}</Clipped>,
    },
  ];
  return (
    <section aria-label={words.itsRoutes}>
      <h2>{words.itsRoutes}</h2>
      {ways.length === 0 ? (
        <Empty command={`ringfence route add --prefix 49 --trunk ${trunk}`}>{words.noRouteToIt}</Empty>
      ) : (
        <Rows caption={words.itsRoutes} columns={columns} rows={ways} keyOf={({ prefix }) => prefix || ANY_NUMBER} />
      )}
    </section>
  );
}
