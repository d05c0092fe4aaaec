/** Which programs are told of changes, whether they take it, and what was given up. */
import { Button } from '@mantine/core';
import { createLazyRoute } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { webhookAddFields } from '../../api/fields';
import {
  type DeadDelivery,
  type Webhook,
  webhookAdd,
  webhookDead,
  webhookList,
  webhookRetry,
} from '../../api/operations';
import { useMay } from '../../api/session';
import { byField, FieldInput, Panel } from '../../parts/form';
import { Empty, Note, RefusalNote } from '../../parts/page';
import { ListParts, useNumberedParts, useParts } from '../../parts/parts-of-list';
import { Heard, Instant, State } from '../../parts/shown';
import { type Once, ShownOnce, useOnce } from '../../parts/shown-once';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading } from '../../texts/texts';
import { countText } from './age';
import classes from './desk.module.css';
import { OneWebhook } from './one-webhook';
import { AT_ONCE, ForRoles } from './parts-of-desk';
import { usePlace } from './place';
import type { WebhooksSearch } from './search';
import { AGAIN_MS, DEAD_KEY, STALE, WEBHOOKS_KEY, type WebhooksPlace } from './webhook-query';
import { WithForm } from './with-form';
import { useWords } from './words';

export const Route = createLazyRoute('/desk/webhooks')({ component: WebhooksPage });

/** A secret that was just made. It is nowhere but on the screen. */
interface Made {
  name: string;
  secret: string;
}

function WebhooksPage() {
  return (
    <ForRoles of="webhookDead">
      <Webhooks />
    </ForRoles>
  );
}

function Webhooks() {
  const desk = useWords();
  const may = useMay();
  const navigate = Route.useNavigate();
  const place = usePlace<WebhooksSearch>(
    Route.useSearch(),
    search => void navigate({ search, replace: true, resetScroll: false }),
  );
  const once = useOnce<Made>('webhooks');
  return (
    <WithForm
      place={place}
      bar={<p className={classes.lead}>{may('webhookList') ? desk.webhooksLead : desk.webhooksOfAdmins}</p>}
      add={
        may('webhookAdd')
          ? { form: 'add', words: desk.newWebhook, fields: <NewWebhook once={once} onEnd={place.end} /> }
          : null
      }
      once={<ShownOnce once={once} tell={({ name, secret }) => ({ lead: desk.webhookSecretLead(name), secret })} />}
    >
      {may('webhookList') && <List place={place} />}
      <section>
        <h2>{desk.givenUp}</h2>
        <GivenUp />
      </section>
    </WithForm>
  );
}

function List({ place }: { place: WebhooksPlace }) {
  const { language } = useReading();
  const desk = useWords();
  const { open } = place.search;
  const query = useNumberedParts<Webhook>(WEBHOOKS_KEY, page => told(webhookList({ limit: AT_ONCE, page })), AGAIN_MS);
  const columns: Column<Webhook>[] = [
    {
      head: desk.name,
      cell: ({ webhook }) => (
        <b>
          <Clipped>{webhook}</Clipped>
        </b>
      ),
    },
    { head: desk.state, cell: webhook => <WebhookState webhook={webhook} /> },
    { head: desk.url, cell: ({ url }) => <Clipped>{url}</Clipped>, isExtra: true },
    {
      head: desk.wants,
      cell: ({ kinds, accountcode }) => (
        <>
          {kinds.length === 0 ? desk.allKinds : <Clipped>{kinds.join(', ')}</Clipped>}
          {accountcode !== null && (
            <>
              {' '}
              <Clipped>{accountcode}</Clipped>
            </>
          )}
        </>
      ),
      isExtra: true,
    },
    { head: desk.waiting, cell: ({ waiting }) => countText(waiting, language), isFigure: true },
    { head: desk.dead, cell: ({ dead }) => countText(dead, language), isFigure: true },
  ];
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          <Empty command="ringfence webhook add crm --url https://crm.example/ringfence">{desk.noWebhook}</Empty>
        ) : (
          <Rows
            caption={desk.parts.webhooks}
            columns={columns}
            rows={rows}
            keyOf={({ webhook }) => webhook}
            onOpen={({ webhook }) =>
              place.set({ open: open === webhook ? undefined : webhook, do: undefined, state: undefined })
            }
            below={webhook =>
              webhook.webhook === open ? <OneWebhook key={open} webhook={webhook} place={place} /> : null
            }
          />
        )
      }
    </ListParts>
  );
}

function WebhookState({ webhook: { status, last_error: error } }: { webhook: Webhook }) {
  const desk = useWords();
  if (status === 'paused') return <State mood="attention">{desk.paused}</State>;
  return error === null ? <State mood="ours">{desk.takes}</State> : <State mood="wrong">{desk.fails}</State>;
}

function GivenUp() {
  const desk = useWords();
  const may = useMay();
  const query = useParts<DeadDelivery>(
    DEAD_KEY,
    cursor => told(webhookDead({ limit: AT_ONCE, ...(cursor === undefined ? { count: true } : { cursor }) })),
    AGAIN_MS,
  );
  const retry = useChange({
    run: (body: Parameters<typeof webhookRetry>[0]['body'], idempotencyKey) =>
      told(webhookRetry({ idempotencyKey, body })),
    stale: STALE,
  });
  const columns: Column<DeadDelivery>[] = [
    { head: desk.givenUpAt, cell: ({ ended_at: at }) => <Instant at={at} />, isExtra: true },
    { head: desk.webhook, cell: ({ webhook }) => <Clipped>{webhook}</Clipped> },
    { head: desk.event, cell: ({ kind, event_id: id }) => `${kind} ${id}`, isExtra: true },
    { head: desk.account, cell: ({ accountcode }) => <Clipped>{accountcode}</Clipped>, isExtra: true },
    { head: desk.tries, cell: ({ attempts }) => attempts, isFigure: true, isExtra: true },
    { head: desk.lastAnswer, cell: ({ last_error: error }) => <Clipped>{error}</Clipped> },
  ];
  if (may('webhookRetry')) {
    columns.push({
      head: <Heard>{desk.tryAgain}</Heard>,
      isFigure: true,
      cell: ({ webhook, event_id: id }) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={desk.tryOneAgain(id, webhook)}
          loading={retry.isPending && retry.variables?.event_id?.[0] === id}
          onClick={() => retry.mutate({ webhook, event_id: [id] })}
        >
          {desk.tryAgain}
        </Button>
      ),
    });
  }
  return (
    <>
      <div className={classes.notes}>
        <RefusalNote error={retry.error} />
        {retry.data && <Note mood="ours">{desk.retried(retry.data.retried)}</Note>}
      </div>
      <ListParts query={query}>
        {rows =>
          rows.length === 0 ? (
            <Empty>{desk.nothingGivenUp}</Empty>
          ) : (
            <>
              {may('webhookRetry') && (
                <div className={classes.bar}>
                  <p className={classes.lead}>{desk.tryAllLead}</p>
                  <Button
                    size="xs"
                    variant="default"
                    loading={retry.isPending && retry.variables?.all === true}
                    onClick={() => retry.mutate({ all: true })}
                  >
                    {desk.tryAllAgain}
                  </Button>
                </div>
              )}
              <Rows
                caption={desk.givenUp}
                columns={columns}
                rows={rows}
                keyOf={({ webhook, event_id: id }) => `${webhook} ${id}`}
              />
            </>
          )
        }
      </ListParts>
    </>
  );
}

const FIELDS = ['webhook', 'url', 'kinds', 'account'] as const;

function NewWebhook({ once, onEnd }: { once: Once<Made>; onEnd: WebhooksPlace['end'] }) {
  const desk = useWords();
  const [typed, setTyped] = useState<Partial<Record<(typeof FIELDS)[number], string>>>({});
  const add = useChange({
    run: (body: Parameters<typeof webhookAdd>[0]['body'], idempotencyKey) =>
      once.show(async () => {
        const { webhook: name, secret = '' } = await told(webhookAdd({ idempotencyKey, body }));
        return { name, secret };
      }),
    stale: STALE,
    onDone: (_, { webhook: added }) => onEnd(null, { open: added, state: undefined }),
  });
  const { at, error } = byField(add.error, FIELDS);
  const { webhook = '', url = '', kinds = '', account = '' } = typed;
  const go = () =>
    add.mutate({
      webhook: webhook.trim(),
      url: url.trim(),
      ...(kinds.trim() !== '' && { kinds: kinds.split(/[\s,]+/).filter(kind => kind !== '') }),
      ...(account.trim() !== '' && { account: account.trim() }),
    });
  return (
    <Panel
      title={desk.newWebhook}
      lead={desk.newWebhookLead}
      go={desk.addWebhook}
      isBusy={add.isPending}
      error={error}
      onGo={go}
      onCancel={() => onEnd(null)}
    >
      <div className={classes.fields}>
        {FIELDS.map(name => (
          <FieldInput
            key={name}
            name={name}
            field={webhookAddFields[name]}
            label={desk.webhookFields[name].label}
            help={desk.webhookFields[name].help}
            value={typed[name] ?? ''}
            error={at[name]}
            autoFocus={name === 'webhook'}
            onChange={value => setTyped(before => ({ ...before, [name]: value }))}
          />
        ))}
      </div>
    </Panel>
  );
}
