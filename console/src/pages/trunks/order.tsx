/** The trunks of a prefix in the order in which they are tried: put in another order by dragging, by buttons, or by the arrow keys. */
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef, useState } from 'react';
import { Refused, toldWithVersion } from '../../api/ask';
import { useChange } from '../../api/change';
import { type RouteListed, routeOrder } from '../../api/operations';
import { useMay } from '../../api/session';
import { Asked, Note, RefusalNote } from '../../parts/page';
import { Heard } from '../../parts/shown';
import { Clipped } from '../../parts/table';
import { Share, TalkingNow, TrunkState } from './carried';
import { asrOf } from './figures';
import { type OrderNow, orderKey, readOrder, TRUNKS_KEY, useDays, useOrder } from './questions';
import { isSameOrder, merged, moved } from './routing';
import type { Talking } from './talking';
import classes from './trunks.module.css';
import { useWords } from './words';

interface OrderProps {
  prefix: string;
  routes: readonly RouteListed[];
  talking: Talking;
  /** null for those who may not. */
  onRemove: ((trunk: string) => void) | null;
}

export function Order({ prefix, ...rest }: OrderProps) {
  const query = useOrder(prefix);
  return (
    <div className={classes.order}>
      <Asked query={query}>{there => <Editor prefix={prefix} there={there} {...rest} />}</Asked>
    </div>
  );
}

interface Draft {
  trunks: readonly string[];
  /** The order that the person saw when it began. */
  began: OrderNow;
  /** What another person made of it meanwhile. */
  theirs: OrderNow | null;
}

function Editor({ prefix, there, routes, talking, onRemove }: OrderProps & { there: OrderNow }) {
  const words = useWords();
  const may = useMay();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [isDone, setDone] = useState(false);
  const shown = draft?.trunks ?? there.trunks;
  const save = useChange({
    run: async ({ trunks, version }: { trunks: readonly string[]; version: string }, idempotencyKey) => {
      try {
        const body = { prefix, trunks: [...trunks] };
        const saved = await toldWithVersion(routeOrder({ idempotencyKey, ifMatch: version, body }));
        return { trunks: saved.facts.trunks, version: saved.version };
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 412) throw error;
        const theirs = await readOrder(prefix);
        setDraft(before => before && { ...before, theirs });
        return null;
      }
    },
    stale: [TRUNKS_KEY],
    onDone: answer => {
      if (answer === null) return;
      // Shown at once: the order before would stand here until it is read anew.
      queries.setQueryData<OrderNow>(orderKey(prefix), answer);
      setDraft(null);
      setDone(true);
    },
  });
  const change = (trunks: readonly string[]) => {
    setDone(false);
    const began = draft?.began ?? there;
    setDraft(isSameOrder(trunks, began.trunks) && !draft?.theirs ? null : { theirs: null, ...draft, trunks, began });
  };
  const saveIt = () => {
    if (!draft) return;
    const { theirs, began } = draft;
    save.mutate({
      trunks: theirs ? merged(draft.trunks, theirs.trunks) : draft.trunks,
      version: (theirs ?? began).version,
    });
  };
  return (
    <>
      <Movable
        trunks={shown}
        routes={routes}
        talking={talking}
        onMove={may('routeOrder') && shown.length > 1 ? change : null}
        onRemove={draft === null ? onRemove : null}
      />
      <div className={classes.notes} data-below="">
        {draft?.theirs && (
          <Note mood="attention">
            {words.orderChanged(draft.theirs.trunks.join(' → '), merged(draft.trunks, draft.theirs.trunks).join(' → '))}
          </Note>
        )}
        <RefusalNote error={save.error} />
        {isDone && <Note mood="ours">{words.orderSaved}</Note>}
      </div>
      {draft && (
        <div className={classes.buttons}>
          <Button size="xs" loading={save.isPending} onClick={saveIt}>
            {draft.theirs ? words.saveMine : words.saveOrder}
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setDraft(null);
              save.reset();
            }}
          >
            {draft.theirs ? words.keepTheirs : words.takeBack}
          </Button>
          {!draft.theirs && <span className={classes.small}>{words.notSaved}</span>}
        </div>
      )}
    </>
  );
}

interface MovableProps {
  trunks: readonly string[];
  routes: readonly RouteListed[];
  talking: Talking;
  /** null for those who may not, and where there is nothing to move. */
  onMove: ((trunks: readonly string[]) => void) | null;
  onRemove: ((trunk: string) => void) | null;
}

/** What is being dragged: from where, to where, and how far the pointer is from where it began. Pixels. */
interface Drag {
  from: number;
  to: number;
  shift: number;
  startY: number;
  /** The middle of each row when it began. */
  middles: readonly number[];
  height: number;
}

function Movable({ trunks, routes, talking, onMove, onRemove }: MovableProps) {
  const words = useWords();
  const told = useDays();
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [said, setSaid] = useState('');
  /** Whose button the keyboard goes on with: a row that moves loses the focus. */
  const focusOn = useRef<{ trunk: string; part: string } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each new order
  useLayoutEffect(() => {
    const { trunk, part } = focusOn.current ?? {};
    focusOn.current = null;
    const row = [...(list.current?.children ?? [])].find(each => (each as HTMLElement).dataset.trunk === trunk);
    const button = row?.querySelector<HTMLButtonElement>(`[data-part="${part}"]:not(:disabled)`);
    (button ?? row?.querySelector<HTMLButtonElement>('[data-part="handle"]'))?.focus();
  }, [trunks]);

  const move = (from: number, to: number, part: string) => {
    const trunk = trunks[from];
    if (!onMove || trunk === undefined || to < 0 || to >= trunks.length || from === to) return;
    focusOn.current = { trunk, part };
    setSaid(words.movedTo(trunk, to + 1, trunks.length));
    onMove(moved(trunks, from, to));
  };
  const onKey = (event: KeyboardEvent, place: number) => {
    if (event.key === 'Escape') setDrag(null);
    const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: trunks.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(place, to, 'handle');
  };
  const take = (event: PointerEvent<HTMLElement>, from: number) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const boxes = [...(list.current?.children ?? [])].map(row => row.getBoundingClientRect());
    const middles = boxes.map(({ top, height }) => top + height / 2);
    setDrag({ from, to: from, shift: 0, startY: event.clientY, middles, height: boxes[from]?.height ?? 0 });
  };
  const drawTo = (event: PointerEvent) => {
    if (!drag) return;
    const shift = event.clientY - drag.startY;
    const middle = (drag.middles[drag.from] ?? 0) + shift;
    const to = drag.middles.filter((other, place) => place !== drag.from && other < middle).length;
    setDrag({ ...drag, shift, to });
  };
  const drop = () => {
    if (!drag) return;
    setDrag(null);
    move(drag.from, drag.to, 'handle');
  };
  /** Rows make room for the one that is dragged. */
  const shiftOf = (place: number): number => {
    if (!drag) return 0;
    if (place === drag.from) return drag.shift;
    if (place > drag.from && place <= drag.to) return -drag.height;
    return place < drag.from && place >= drag.to ? drag.height : 0;
  };
  return (
    <>
      <ol ref={list} className={classes.steps} data-dragged={drag ? '' : undefined}>
        {trunks.map((trunk, place) => {
          const route = routes.find(each => each.trunk === trunk);
          const day = told?.days.get(trunk);
          return (
            <li
              key={trunk}
              className={classes.step}
              data-trunk={trunk}
              data-held={drag?.from === place ? '' : undefined}
              style={{ transform: drag ? `translateY(${shiftOf(place)}px)` : undefined }}
            >
              {onMove && (
                <button
                  type="button"
                  className={classes.handle}
                  data-part="handle"
                  aria-label={words.moveOne(trunk, place + 1, trunks.length)}
                  title={words.moveHelp}
                  onKeyDown={event => onKey(event, place)}
                  onPointerDown={event => take(event, place)}
                  onPointerMove={drawTo}
                  onPointerUp={drop}
                  onPointerCancel={() => setDrag(null)}
                >
                  <span aria-hidden="true">⠿</span>
                </button>
              )}
              <b className={classes.place}>{place + 1}</b>
              <Link to="/trunks/$trunk" params={{ trunk }} className={classes.name}>
                <Clipped>{trunk}</Clipped>
              </Link>
              {route && <TrunkState isOn={route.enabled} hasRoute />}
              <span className={classes.small} data-extra="">
                {words.talkingNow} <TalkingNow talking={talking} trunk={trunk} />
              </span>
              <span className={classes.small} data-extra="">
                {words.asr} <Share percent={day ? asrOf(day) : null} />
              </span>
              <span className={classes.moves}>
                {onMove && (
                  <>
                    <Button
                      size="compact-xs"
                      variant="default"
                      data-part="up"
                      disabled={place === 0}
                      aria-label={words.up(trunk)}
                      onClick={() => move(place, place - 1, 'up')}
                    >
                      ↑
                    </Button>
                    <Button
                      size="compact-xs"
                      variant="default"
                      data-part="down"
                      disabled={place === trunks.length - 1}
                      aria-label={words.down(trunk)}
                      onClick={() => move(place, place + 1, 'down')}
                    >
                      ↓
                    </Button>
                  </>
                )}
                {onRemove && (
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    aria-label={words.takeOut(trunk)}
                    onClick={() => onRemove(trunk)}
                  >
                    {words.remove}
                  </Button>
                )}
              </span>
            </li>
          );
        })}
      </ol>
      <Heard role="status">{said}</Heard>
    </>
  );
}
