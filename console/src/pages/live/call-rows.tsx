/** The table of calls: only the rows in sight are drawn, so that a thousand cost no more than thirty. */
import { UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { told } from '../../api/ask';
import { callShow, type LiveCall } from '../../api/operations';
import { useMay } from '../../api/session';
import { readable } from '../../parts/amounts';
import { type Mood, SpentBar, State } from '../../parts/shown';
import { Clipped } from '../../parts/table';
import { duration } from '../../parts/times';
import { useReading } from '../../texts/texts';
import type { ShownCall } from './board';
import { type Act, CallStrip, pathOf } from './call-strip';
import { useNow } from './clock';
import { keysAreOn, useKeysWanted } from './keys';
import classes from './live.module.css';
import type { Change } from './search';

interface CallRowsProps {
  calls: readonly ShownCall[];
  /** Those that the filters hide too. */
  all: readonly ShownCall[];
  /** The uniqueid of the open row. */
  open: string | undefined;
  change: Change;
}

/** The page's bar, and the heads of the columns, which stay in sight. Pixels. */
const ABOVE = 48 + 33;
const ROW = 33;

export function CallRows({ calls, all, open, change }: CallRowsProps) {
  const { live } = useReading().texts;
  const { history } = useRouter();
  const may = useMay();
  const body = useRef<HTMLTableSectionElement>(null);
  const [current, setCurrent] = useState(open);
  const [act, setAct] = useState<Act | null>(null);
  const [areKeysOn, turnKeys] = useKeysWanted();
  const currentIndex = Math.max(
    0,
    current === undefined ? 0 : calls.findIndex(({ call }) => call.uniqueid === current),
  );
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setMargin((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measure();
    // What stands above the rows grows and shrinks, and the page with it.
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  const rows = useWindowVirtualizer({
    count: calls.length,
    estimateSize: () => ROW,
    getItemKey: index => calls[index]?.call.uniqueid ?? index,
    overscan: 8,
    scrollMargin: margin,
    scrollPaddingStart: ABOVE,
    scrollPaddingEnd: 16,
    useFlushSync: false,
    // The row with the focus stays, wherever the page is scrolled to: the focus would be lost with it.
    rangeExtractor: range => [...new Set([...defaultRangeExtractor(range), currentIndex])].sort((a, b) => a - b),
  });

  /** Whether the row is drawn, and has the focus now. */
  const focusRow = useCallback((uniqueid: string): boolean => {
    const row = body.current?.querySelector<HTMLElement>(`[data-uniqueid="${CSS.escape(uniqueid)}"]`);
    row?.focus({ preventScroll: true });
    return row != null;
  }, []);
  /** The row that is to have the focus, and what had it. */
  const wanted = useRef<{ uniqueid: string; from: Element | null } | null>(null);
  // After every drawing: the row may have been out of sight, and is drawn only now. Who went elsewhere meanwhile stays there.
  useEffect(() => {
    if (wanted.current === null) return;
    const { uniqueid, from } = wanted.current;
    const hasGone = document.activeElement !== from && document.activeElement !== document.body;
    if (hasGone || focusRow(uniqueid)) wanted.current = null;
  });
  const goTo = (index: number) => {
    const uniqueid = calls[Math.min(Math.max(index, 0), calls.length - 1)]?.call.uniqueid;
    if (uniqueid === undefined) return;
    rows.scrollToIndex(Math.min(Math.max(index, 0), calls.length - 1), { align: 'auto' });
    wanted.current = { uniqueid, from: document.activeElement };
    setCurrent(uniqueid);
    // The same row again draws nothing.
    if (uniqueid === current) focusRow(uniqueid);
  };
  const openRow = (uniqueid: string | undefined, next: Act | null = null) => {
    change({ row: uniqueid });
    setAct(next);
  };
  const close = useCallback(() => {
    if (open !== undefined) focusRow(open);
    change({ row: undefined });
    setAct(null);
  }, [open, change, focusRow]);

  const latest = useRef(goTo);
  latest.current = goTo;
  const place = useRef({ index: currentIndex, hasCurrent: current !== undefined });
  place.current = { index: currentIndex, hasCurrent: current !== undefined };
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const step = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (step === undefined || !keysAreOn(event)) return;
      event.preventDefault();
      latest.current(place.current.hasCurrent ? place.current.index + step : 0);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const row = event.target instanceof HTMLElement ? event.target : null;
    if (event.key === 'Escape' && open !== undefined) return close();
    const uniqueid = row?.dataset.uniqueid;
    if (uniqueid === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const keys = new Map<string, () => void>([
      ['Enter', () => history.push(pathOf(uniqueid))],
      [' ', () => (open === uniqueid ? close() : openRow(uniqueid))],
      ['ArrowDown', () => goTo(currentIndex + 1)],
      ['ArrowUp', () => goTo(currentIndex - 1)],
      ['Home', () => goTo(0)],
      ['End', () => goTo(calls.length - 1)],
    ]);
    if (may('callHangup')) keys.set('x', () => openRow(uniqueid, 'hangup'));
    if (may('accountTopup')) keys.set('t', () => openRow(uniqueid, 'topup'));
    const pressed = keys.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!pressed) return;
    event.preventDefault();
    pressed();
  };
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    if (target.closest('[data-strip]')) return;
    const uniqueid = target.closest<HTMLElement>('[data-uniqueid]')?.dataset.uniqueid;
    if (uniqueid === undefined) return;
    setCurrent(uniqueid);
    if (open === uniqueid) close();
    else openRow(uniqueid);
  };
  const onFocus = (event: { target: EventTarget }) => {
    const uniqueid = (event.target as HTMLElement).closest<HTMLElement>('[data-uniqueid]')?.dataset.uniqueid;
    if (uniqueid !== undefined) setCurrent(uniqueid);
  };

  const currency = useMemo(() => {
    const currencies = new Set(calls.map(({ call }) => call.currency).filter(Boolean));
    return currencies.size === 1 ? ([...currencies][0] as string) : '';
  }, [calls]);
  const openAccount = calls.find(({ call }) => call.uniqueid === open)?.call.accountcode;
  const ofAccount = useMemo(
    () => all.filter(({ call, endedAt }) => endedAt === null && call.accountcode === openAccount).length,
    [all, openAccount],
  );
  const heads = [live.account, live.from, live.to, live.trunk, live.state];
  return (
    <div className={classes.board}>
      <table className={classes.table} aria-label={live.caption} aria-rowcount={calls.length + 1}>
        <thead>
          <tr>
            {heads.map(head => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
            <th scope="col" data-side="right">
              {live.time}
            </th>
            <th scope="col" data-side="right">
              {live.cost(currency)}
            </th>
            <th scope="col">{live.willEnd}</th>
            <th scope="col">{live.spentAndHeld}</th>
          </tr>
        </thead>
        <tbody
          ref={body}
          style={{ height: rows.getTotalSize() }}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onFocus={onFocus}
        >
          {rows.getVirtualItems().map(({ key, index, start }) => {
            const shown = calls[index];
            if (!shown) return null;
            const { uniqueid } = shown.call;
            return (
              <CallRow
                key={key}
                shown={shown}
                index={index}
                top={start - margin}
                isFocusable={index === currentIndex}
                measure={rows.measureElement}
                currency={currency}
                open={open === uniqueid ? { act, ofAccount } : null}
                setAct={setAct}
                change={change}
                close={close}
              />
            );
          })}
        </tbody>
      </table>
      <p className={classes.keys}>
        {live.keys}{' '}
        <UnstyledButton className={classes.more} onClick={turnKeys}>
          {areKeysOn ? live.keysOff : live.keysOn}
        </UnstyledButton>
      </p>
    </div>
  );
}

interface CallRowProps {
  shown: ShownCall;
  index: number;
  top: number;
  isFocusable: boolean;
  measure: (row: Element | null) => void;
  /** Of the whole table; empty if its calls have several. */
  currency: string;
  open: { act: Act | null; ofAccount: number } | null;
  setAct: (act: Act | null) => void;
  change: Change;
  close: () => void;
}

const CallRow = memo(
  function CallRow({ shown, index, top, isFocusable, measure, currency, open, ...acts }: CallRowProps) {
    const { texts, language } = useReading();
    const { live } = texts;
    const { call, endedAt } = shown;
    const money = (amount: string) => readable(amount, language);
    const says = live.spentOf(money(call.spent), `${money(call.held)} ${call.currency}`);
    const hasEnded = endedAt !== null;
    return (
      <tr
        ref={measure}
        data-index={index}
        data-uniqueid={call.uniqueid}
        data-ended={hasEnded || undefined}
        data-chosen={open !== null || undefined}
        aria-rowindex={index + 2}
        tabIndex={isFocusable ? 0 : -1}
        style={{ transform: `translateY(${top}px)` }}
      >
        <td className={classes.account}>
          <Clipped>{call.accountcode || texts.common.none}</Clipped>
        </td>
        <td className={classes.from}>
          <Clipped>{call.src || texts.common.none}</Clipped>
        </td>
        <td className={classes.to}>
          {call.rate_destination && <Clipped>{call.rate_destination}</Clipped>} <Clipped>{call.dst}</Clipped>
        </td>
        <td className={classes.trunk}>
          <Clipped>{call.trunk || texts.common.none}</Clipped>
        </td>
        <td className={classes.state}>
          <State mood={moodOf(shown)}>
            {hasEnded ? live.ended : call.hangup_wanted ? live.beingHungUp : live.states[call.state]}
          </State>
        </td>
        {hasEnded ? (
          <Ended call={call} currency={currency} />
        ) : (
          <>
            <td className={classes.time} data-side="right">
              <TalkTime call={call} />
            </td>
            <td className={classes.cost} data-side="right" title={says}>
              {call.state === 'talking'
                ? `${money(inCents(call.spent))}${currency ? '' : ` ${call.currency}`}`
                : texts.common.none}
            </td>
            <td className={classes.end}>
              <WillEnd call={call} />
            </td>
            <td className={classes.bars}>
              <SpentBar spent={call.spent} held={call.held} says={says} />
            </td>
          </>
        )}
        {open && (
          <td className={classes.strip} colSpan={9} data-strip="">
            <CallStrip call={call} hasEnded={hasEnded} {...open} {...acts} />
          </td>
        )}
      </tr>
    );
  },
  (before, after) =>
    (Object.keys(after) as (keyof CallRowProps)[]).every(
      name =>
        before[name] === after[name] ||
        (name === 'open' &&
          before.open?.act === after.open?.act &&
          before.open?.ofAccount === after.open?.ofAccount &&
          (before.open === null) === (after.open === null)),
    ),
);

/** Cut to two decimals, which stand below one another. The open row has all of them. */
const inCents = (amount: string): string => amount.replace(/(\.\d\d)\d+$/, '$1');

function moodOf({ call, endedAt }: ShownCall): Mood {
  if (endedAt !== null) return 'quiet';
  if (call.hangup_wanted || call.state === 'waiting') return 'attention';
  return call.state === 'talking' ? 'ours' : 'quiet';
}

const secondsSince = (instant: string, now: number): number => Math.max(0, (now - Date.parse(instant)) / 1000);

/** How long it talks, or rings. It counts on by itself: the stream tells only what changes. */
function TalkTime({ call }: { call: LiveCall }) {
  const now = useNow();
  return <>{duration(secondsSince(call.answer_at ?? call.start_at, now))}</>;
}

/** When the switch will end it, by what it is granted now. */
function WillEnd({ call }: { call: LiveCall }) {
  const { live, common } = useReading().texts;
  const now = useNow();
  if (call.answer_at === null || call.hangup_wanted) return <>{common.none}</>;
  const left = Math.ceil(call.granted_seconds - secondsSince(call.answer_at, now));
  const why = call.limited_by;
  const isSoon = left <= 60 && (why === 'money' || why === 'time');
  return (
    <span data-soon={isSoon || undefined} title={live.whyItEnds[why]}>
      {left > 0 ? live.endsIn[why](duration(left)) : live.now}
    </span>
  );
}

/** What the books have of a call that has ended. Only rows in sight ask. */
function useEnd(uniqueid: string) {
  const { data } = useQuery({
    queryKey: ['call', uniqueid, 'end'],
    queryFn: () => told(callShow({ uniqueid })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

/** The last three columns of a call that has ended: its time, its cost, and why it ended. */
function Ended({ call, currency }: { call: LiveCall; currency: string }) {
  const { texts, language } = useReading();
  const { live, common } = texts;
  const end = useEnd(call.uniqueid);
  const { disposition = null, hangup_source: source = null, answer_at = null } = end ?? {};
  const how = disposition !== null && disposition !== 'ANSWERED' ? live.unanswered[disposition] : null;
  const who = source === null ? null : live.endedBy[source];
  return (
    <>
      <td className={classes.time} data-side="right">
        {end ? duration(answer_at === null ? end.duration : end.billsec) : common.none}
      </td>
      <td className={classes.cost} data-side="right">
        {end && answer_at !== null
          ? `${readable(inCents(end.cost), language)}${currency ? '' : ` ${end.currency}`}`
          : common.none}
      </td>
      <td className={classes.end}>{[how, who].filter(each => each !== null).join(', ') || common.none}</td>
    </>
  );
}
