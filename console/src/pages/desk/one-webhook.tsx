/** One webhook, opened below its row: what can be done with it, and what became of its events. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import {
  type Delivery,
  type Webhook,
  webhookDeliveries,
  webhookPause,
  webhookRemove,
  webhookResume,
  webhookRetry,
  webhookTest,
} from '../../api/operations';
import { useMay } from '../../api/session';
import { Chips } from '../../parts/chips';
import { Panel } from '../../parts/form';
import { Note, RefusalNote } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Heard, Instant, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { clockTime } from '../../parts/times';
import { useReading, useTexts } from '../../texts/texts';
import { countText } from './age';
import classes from './desk.module.css';
import { Facts } from './parts-of-desk';
import { DELIVERY_STATES, type WebhooksSearch } from './search';
import { AGAIN_MS, DELIVERIES_KEY, STALE, type WebhooksPlace } from './webhook-query';
import { useWords } from './words';

const AT_ONCE = 25;

interface OneWebhookProps {
  webhook: Webhook;
  place: WebhooksPlace;
}

export function OneWebhook({ webhook: row, place }: OneWebhookProps) {
  const { common } = useTexts();
  const desk = useWords();
  const may = useMay();
  const { webhook, status } = row;
  const { search } = place;
  const test = useChange({
    run: (name: string, idempotencyKey) => told(webhookTest({ webhook: name, idempotencyKey })),
    stale: STALE,
  });
  const pause = useChange({
    run: (name: string, idempotencyKey) => told(webhookPause({ webhook: name, idempotencyKey })),
    stale: STALE,
  });
  const resume = useChange({
    run: (name: string, idempotencyKey) => told(webhookResume({ webhook: name, idempotencyKey })),
    stale: STALE,
  });
  const retry = useChange({
    run: (body: Parameters<typeof webhookRetry>[0]['body'], idempotencyKey) =>
      told(webhookRetry({ idempotencyKey, body })),
    stale: STALE,
  });
  const [clear, isBusy] = [
    () => {
      for (const change of [test, pause, resume, retry]) change.reset();
    },
    [test, pause, resume, retry].some(({ isPending }) => isPending),
  ];
  const act = (change: { mutate: (name: string) => void }) => () => {
    clear();
    change.mutate(webhook);
  };
  return (
    <>
      <Facts
        facts={[
          [desk.url, row.url],
          [desk.wants, row.kinds.length === 0 ? desk.allKinds : row.kinds.join(', ')],
          [desk.account, row.accountcode ?? desk.allAccounts],
          [desk.added, <Instant key="added" at={row.created_at} />],
          [desk.lastError, row.last_error ?? common.none],
        ]}
      />
      <div className={classes.notes}>
        {[test, pause, resume, retry].map(({ error }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the four do not change places
          <RefusalNote key={index} error={error} />
        ))}
        {test.data && <Note mood="ours">{desk.tookIt(test.data.status ?? 0)}</Note>}
        {pause.data && <Note mood="ours">{desk.nowPaused}</Note>}
        {resume.data && <Note mood="ours">{desk.nowActive}</Note>}
        {retry.data && <Note mood="ours">{desk.retried(retry.data.retried)}</Note>}
      </div>
      {search.do === 'remove' && may('webhookRemove') && <Remove row={row} onEnd={place.end} />}
      <div className={classes.buttons}>
        {may('webhookTest') && (
          <Button size="xs" variant="default" loading={test.isPending} disabled={isBusy} onClick={act(test)}>
            {desk.test}
          </Button>
        )}
        {status === 'paused'
          ? may('webhookResume') && (
              <Button size="xs" variant="default" loading={resume.isPending} disabled={isBusy} onClick={act(resume)}>
                {desk.resume}
              </Button>
            )
          : may('webhookPause') && (
              <Button size="xs" variant="default" loading={pause.isPending} disabled={isBusy} onClick={act(pause)}>
                {desk.pause}
              </Button>
            )}
        {may('webhookRetry') && row.waiting + row.dead > 0 && (
          <Button
            size="xs"
            variant="default"
            loading={retry.isPending}
            disabled={isBusy}
            onClick={() => {
              clear();
              retry.mutate({ webhook, all: true });
            }}
          >
            {desk.tryAllOfIt}
          </Button>
        )}
        {may('webhookRemove') && (
          <Button size="xs" variant="default" onClick={() => place.set({ do: 'remove' })}>
            {desk.removeWebhook}
          </Button>
        )}
      </div>
      {may('webhookDeliveries') && (
        <section>
          <h2 className={classes.sub}>{desk.deliveries}</h2>
          <Deliveries
            webhook={webhook}
            state={search.state}
            onState={state => place.set({ state })}
            onRetry={id => {
              clear();
              retry.mutate({ webhook, event_id: [id] });
            }}
          />
        </section>
      )}
    </>
  );
}

interface RemoveProps {
  row: Webhook;
  onEnd: WebhooksPlace['end'];
}

function Remove({ row: { webhook, waiting, dead }, onEnd }: RemoveProps) {
  const { language } = useReading();
  const desk = useWords();
  const remove = useChange({
    run: (name: string, idempotencyKey) => told(webhookRemove({ webhook: name, idempotencyKey })),
    stale: STALE,
    onDone: gone => onEnd(desk.webhookRemoved(gone.webhook), { open: undefined, state: undefined }),
  });
  return (
    <Panel
      title={desk.removeWebhook}
      lead={desk.removeLead(webhook, countText(waiting, language), countText(dead, language))}
      go={desk.removeWebhook}
      isDanger
      isBusy={remove.isPending}
      confirm={webhook}
      error={remove.error}
      onGo={() => remove.mutate(webhook)}
      onCancel={() => onEnd(null)}
    />
  );
}

interface DeliveriesProps {
  webhook: string;
  state: WebhooksSearch['state'];
  onState: (state: WebhooksSearch['state']) => void;
  onRetry: (eventId: string) => void;
}

function Deliveries({ webhook, state, onState, onRetry }: DeliveriesProps) {
  const { common } = useTexts();
  const desk = useWords();
  const may = useMay();
  const query = useParts<Delivery>(
    [...DELIVERIES_KEY, webhook, state ?? ''],
    cursor =>
      told(
        webhookDeliveries({
          webhook,
          ...(state !== undefined && { state }),
          limit: AT_ONCE,
          ...(cursor === undefined ? { count: true } : { cursor }),
        }),
      ),
    AGAIN_MS,
  );
  const columns: Column<Delivery>[] = [
    { head: desk.happened, cell: ({ created_at: at }) => <Instant at={at} />, isExtra: true },
    { head: desk.event, cell: ({ kind, event_id: id }) => `${kind} ${id}` },
    { head: desk.account, cell: ({ accountcode }) => <Clipped>{accountcode}</Clipped>, isExtra: true },
    {
      head: desk.call,
      cell: ({ uniqueid }) =>
        uniqueid !== null && (
          <Link to="/calls/$uniqueid" params={{ uniqueid }} className={classes.link}>
            <Clipped>{uniqueid}</Clipped>
          </Link>
        ),
      isExtra: true,
    },
    { head: desk.outcome, cell: delivery => <Outcome delivery={delivery} /> },
    { head: desk.tries, cell: ({ attempts }) => attempts, isFigure: true, isExtra: true },
  ];
  if (may('webhookRetry')) {
    columns.push({
      head: <Heard>{desk.tryAgain}</Heard>,
      isFigure: true,
      cell: ({ state: each, event_id: id }) =>
        each === 'dead' && (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={desk.tryOneAgain(id, webhook)}
            onClick={() => onRetry(id)}
          >
            {desk.tryAgain}
          </Button>
        ),
    });
  }
  return (
    <>
      <Chips
        label={desk.outcome}
        words={{ all: common.all, ...desk.deliveryStates }}
        chosen={state ?? 'all'}
        onChoose={word => onState(DELIVERY_STATES.find(each => each === word))}
      />
      <ListParts query={query}>
        {rows =>
          rows.length === 0 ? (
            <p className={classes.lead}>{state === undefined ? desk.noDelivery : desk.noDeliveryFound}</p>
          ) : (
            <Rows caption={desk.deliveries} columns={columns} rows={rows} keyOf={({ event_id: id }) => id} />
          )
        }
      </ListParts>
    </>
  );
}

function Outcome({ delivery }: { delivery: Delivery }) {
  const { language } = useReading();
  const desk = useWords();
  const { state, last_status: status, last_error: error, next_at: next, ended_at: ended, attempts } = delivery;
  const [mood, words] = {
    delivered: ['ours', status === null ? '' : `HTTP ${status}`],
    waiting: [attempts === 0 ? 'quiet' : 'attention', error],
    dead: ['wrong', error],
  }[state] as ['ours' | 'quiet' | 'attention' | 'wrong', string];
  const at = ended ?? next;
  return (
    <>
      <State mood={mood}>{desk.deliveryStates[state]}</State> <Clipped>{words}</Clipped>
      {at !== null && (
        <span className={classes.under}>
          {state === 'waiting' ? desk.nextTry(clockTime(at, language)) : clockTime(at, language)}
        </span>
      )}
    </>
  );
}
