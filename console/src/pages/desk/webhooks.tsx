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
import { ListParts, useNumberedParts } from '../../parts/parts-of-list';
import { Heard, Instant, State } from '../../parts/shown';
import { ShownOnce } from '../../parts/shown-once';
import { Clipped, type Column, Rows } from '../../parts/table';
import classes from './desk.module.css';
import { OneWebhook } from './one-webhook';
import { AT_ONCE, ForRoles, focusPage } from './parts-of-desk';
import { given, type WebhooksSearch } from './search';
import { AGAIN_MS, DEAD_KEY, type SetWebhooks, STALE, WEBHOOKS_KEY } from './webhook-query';
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
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const [made, setMade] = useState<Made | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const set: SetWebhooks = more =>
    void navigate({ search: given({ ...search, ...more }), replace: true, resetScroll: false });
  const end = (text: string | null) => {
    setDone(text);
    focusPage();
  };
  return (
    <>
      <div className={classes.bar}>
        <p className={classes.lead}>{may('webhookList') ? desk.webhooksLead : desk.webhooksOfAdmins}</p>
        {may('webhookAdd') && search.do !== 'add' && (
          <Button
            onClick={() => {
              setDone(null);
              set({ do: 'add', open: undefined, state: undefined });
            }}
          >
            {desk.newWebhook}
          </Button>
        )}
      </div>
      <div className={classes.notes}>{done !== null && <Note mood="ours">{done}</Note>}</div>
      {made && (
        <ShownOnce
          key={made.secret}
          lead={desk.webhookSecretLead(made.name)}
          secret={made.secret}
          onKept={() => setMade(null)}
        />
      )}
      {search.do === 'add' && may('webhookAdd') && (
        <NewWebhook
          onMade={secret => {
            setMade(secret);
            set({ do: undefined, open: secret.name });
          }}
          onCancel={() => {
            set({ do: undefined });
            end(null);
          }}
        />
      )}
      {may('webhookList') && (
        <List
          search={search}
          onSearch={set}
          onDone={text => {
            set({ open: undefined, do: undefined, state: undefined });
            end(text);
          }}
        />
      )}
      <section>
        <h2>{desk.givenUp}</h2>
        <GivenUp />
      </section>
    </>
  );
}

interface ListProps {
  search: WebhooksSearch;
  onSearch: SetWebhooks;
  onDone: (text: string) => void;
}

function List({ search, onSearch, onDone }: ListProps) {
  const desk = useWords();
  const { open } = search;
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
    { head: desk.waiting, cell: ({ waiting }) => waiting, isFigure: true },
    { head: desk.dead, cell: ({ dead }) => dead, isFigure: true },
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
              onSearch({ open: open === webhook ? undefined : webhook, do: undefined, state: undefined })
            }
            below={webhook =>
              webhook.webhook === open ? (
                <OneWebhook key={open} webhook={webhook} search={search} onSearch={onSearch} onDone={onDone} />
              ) : null
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
  const query = useNumberedParts<DeadDelivery>(DEAD_KEY, page => told(webhookDead({ limit: AT_ONCE, page })), AGAIN_MS);
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
                <Button
                  size="xs"
                  variant="default"
                  mb={12}
                  loading={retry.isPending && retry.variables?.all === true}
                  onClick={() => retry.mutate({ all: true })}
                >
                  {desk.tryAllAgain}
                </Button>
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

function NewWebhook({ onMade, onCancel }: { onMade: (made: Made) => void; onCancel: () => void }) {
  const desk = useWords();
  const [typed, setTyped] = useState<Partial<Record<(typeof FIELDS)[number], string>>>({});
  const add = useChange({
    run: async (body: Parameters<typeof webhookAdd>[0]['body'], idempotencyKey) => {
      const { webhook, secret = '' } = await told(webhookAdd({ idempotencyKey, body }));
      onMade({ name: webhook, secret });
    },
    stale: STALE,
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
      onCancel={onCancel}
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
