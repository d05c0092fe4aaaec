/** One batch: how many of it can do what, each of them, and what can be done with it. */
import { Button, Paper } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay } from '../../api/session';
import { placesOf, readable } from '../../parts/amounts';
import { Chips } from '../../parts/chips';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Empty, Note, Page } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Amount, Instant, type Mood, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading, useTexts } from '../../texts/texts';
import classes from './cards.module.css';
import { type Batch, CHANGED_BY, type Code, changedBy, codesKey, codesOf, nameOf, useBatch, useCode } from './codes';
import { type BatchSearch, type Kind, STATUSES, type Status, SWITCHES, type Switch } from './search';
import { SwitchForm } from './switch';
import { useWords } from './words';

export const Route = createLazyRoute('/cards/$batch')({ component: BatchPage });

function BatchPage() {
  const words = useWords();
  const may = useMay();
  const { batch } = Route.useParams();
  const { kind = 'cards' } = Route.useSearch();
  if (!may('cardBatches')) return <NoPermission title={words.title} />;
  return <Asking key={`${kind} ${batch}`} kind={kind} name={batch} />;
}

function Asking({ kind, name }: { kind: Kind; name: string }) {
  const words = useWords();
  const query = useBatch(kind, name);
  if (query.data) return <OneBatch kind={kind} batch={query.data} error={query.error} />;
  return (
    <Page title={name}>
      <Asked query={query}>{() => <Empty>{words.of[kind].noBatch}</Empty>}</Asked>
      <Back kind={kind} />
    </Page>
  );
}

function Back({ kind }: { kind: Kind }) {
  const words = useWords();
  return (
    <p>
      <Link to="/cards" search={kind === 'vouchers' ? { kind } : {}} className={classes.link}>
        {words.of[kind].batches}
      </Link>
    </p>
  );
}

const MOODS: Record<Status, Mood> = { generated: 'quiet', active: 'ours', blocked: 'wrong', redeemed: 'quiet' };

function OneBatch({ kind, batch, error }: { kind: Kind; batch: Batch; error: unknown }) {
  const { texts, language } = useReading();
  const { shell, common } = texts;
  const words = useWords();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const may = useMay();
  const [done, setDone] = useState<string | null>(null);
  const number = (some: number) => some.toLocaleString(language);
  const set = (more: { [Name in keyof BatchSearch]?: BatchSearch[Name] | undefined }) => {
    const merged = Object.entries({ ...search, ...more }).filter(([, value]) => value !== undefined);
    void navigate({ search: Object.fromEntries(merged), replace: true, resetScroll: false });
  };
  const leave = () => {
    set({ do: undefined });
    // What had the focus is gone: a keyboard goes on from the page.
    document.getElementById('page')?.focus({ preventScroll: true });
  };
  const end = (text: string) => {
    setDone(text);
    leave();
  };
  const open = (how: Switch, serial?: number) => {
    setDone(null);
    set({ do: how, serial });
  };
  const action = search.do && may(nameOf(kind, search.do)) ? search.do : undefined;
  const offered = SWITCHES.filter(how => may(nameOf(kind, how)) && changedBy(how, batch) > 0);
  const csv = new URLSearchParams({ batch: batch.batch, format: 'csv' });
  return (
    <Page
      title={batch.batch}
      hasTimes
      beside={
        <span>{words.of[kind].so(number(batch.count), `${readable(batch.value, language)} ${batch.currency}`)}</span>
      }
      actions={
        <>
          {offered.map(how => (
            <Button key={how} variant={how === 'activate' ? 'filled' : 'default'} onClick={() => open(how)}>
              {words.act[how]} …
            </Button>
          ))}
          <Button
            variant="default"
            component="a"
            href={`/api/v1/${kind === 'cards' ? 'card' : 'voucher'}-export?${csv}`}
            download={`${batch.batch}.csv`}
          >
            {common.download}
          </Button>
        </>
      }
    >
      <Back kind={kind} />
      <div className={classes.notes}>
        {error !== null && <Note mood="attention">{shell.away}</Note>}
        {done !== null && <Note mood="ours">{done}</Note>}
      </div>
      {action && search.serial === undefined && (
        <SwitchForm key={action} kind={kind} how={action} batch={batch} onDone={end} onCancel={leave} />
      )}
      <Facts batch={batch} />
      {search.serial !== undefined && (
        <OneCode
          key={search.serial}
          kind={kind}
          batch={batch}
          serial={search.serial}
          action={action}
          onOpen={open}
          onDone={end}
          onLeave={leave}
          onClose={() => set({ serial: undefined, do: undefined })}
        />
      )}
      <Codes kind={kind} batch={batch} search={search} onSearch={set} />
    </Page>
  );
}

function Facts({ batch }: { batch: Batch }) {
  const words = useWords();
  const { deck, expires_days: days, expires_at: at } = batch;
  const rows: [string, React.ReactNode][] = [
    [words.serials, words.fromTo(String(batch.from), String(batch.to))],
    ...(deck === undefined ? [] : [[words.deck, <Clipped key="deck">{deck}</Clipped>] as [string, React.ReactNode]]),
    [words.expires, at === null ? words.never : <Instant key="expires" at={at} />],
    ...(days === undefined || days === null ? [] : [[words.expiresDays, words.days(days)] as [string, string]]),
    [words.made, <Instant key="made" at={batch.created_at} />],
  ];
  return (
    <dl className={classes.facts}>
      {rows.map(([name, fact]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}

interface OneCodeProps {
  kind: Kind;
  batch: Batch;
  serial: number;
  action: Switch | undefined;
  onOpen: (how: Switch, serial: number) => void;
  onDone: (text: string) => void;
  onLeave: () => void;
  onClose: () => void;
}

/** One card or voucher, above the list of its batch. */
function OneCode({ kind, batch, serial, action, onOpen, onDone, onLeave, onClose }: OneCodeProps) {
  const { common } = useTexts();
  const words = useWords();
  const may = useMay();
  const query = useCode(kind, serial);
  const title = words.of[kind].serial(String(serial));
  return (
    <Paper withBorder p={16} mb={16} component="section" aria-label={title} className={classes.one}>
      <Asked query={query}>
        {code =>
          code === null || code.batch !== batch.batch ? (
            <p>{words.of[kind].notFound(String(serial))}</p>
          ) : (
            <>
              <h2>
                {title} <State mood={MOODS[code.status]}>{words.status[code.status]}</State>
              </h2>
              <p className={classes.lead}>{words.of[kind].means[code.status]}</p>
              <dl className={classes.facts}>
                {factsOf(kind, code, words).map(([name, fact]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>{fact}</dd>
                  </div>
                ))}
              </dl>
              {action ? (
                <SwitchForm kind={kind} how={action} batch={batch} serial={serial} onDone={onDone} onCancel={onLeave} />
              ) : (
                <div className={classes.buttons}>
                  {SWITCHES.filter(how => CHANGED_BY[how].includes(code.status) && may(nameOf(kind, how))).map(how => (
                    <Button
                      key={how}
                      variant={how === 'activate' ? 'filled' : 'default'}
                      onClick={() => onOpen(how, serial)}
                    >
                      {words.of[kind].actOne[how](String(serial))}
                    </Button>
                  ))}
                  <Button variant="default" onClick={onClose}>
                    {common.close}
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Asked>
    </Paper>
  );
}

type Words = ReturnType<typeof useWords>;

function factsOf(kind: Kind, code: Code, words: Words): [string, React.ReactNode][] {
  const { accountcode, balance = null, currency } = code;
  const account = accountcode === null ? words.noAccount : <AccountLink accountcode={accountcode} />;
  const money: [string, React.ReactNode][] =
    kind === 'vouchers'
      ? [
          [words.redeemedFor, account],
          [words.redeemedAt, <Instant key="redeemed" at={code.redeemed_at ?? null} />],
        ]
      : [
          [words.account, account],
          ...(balance === null
            ? []
            : [
                [words.balance, <Amount key="balance" value={balance} currency={currency} />] as [
                  string,
                  React.ReactNode,
                ],
              ]),
          [words.firstUsed, <Instant key="first" at={code.first_used_at ?? null} />],
          [words.lastUsed, <Instant key="last" at={code.last_used_at ?? null} />],
        ];
  return [
    ...money,
    [words.activatedAt, <Instant key="activated" at={code.activated_at ?? null} />],
    [words.expires, code.expires_at === null ? words.never : <Instant key="expires" at={code.expires_at} />],
  ];
}

function AccountLink({ accountcode }: { accountcode: string }) {
  return (
    <Link
      to="/accounts/$accountcode"
      params={{ accountcode }}
      className={classes.link}
      // The row would open something else.
      onClick={event => event.stopPropagation()}
    >
      <Clipped>{accountcode}</Clipped>
    </Link>
  );
}

interface CodesProps {
  kind: Kind;
  batch: Batch;
  search: BatchSearch;
  onSearch: (more: { [Name in keyof BatchSearch]?: BatchSearch[Name] | undefined }) => void;
}

function Codes({ kind, batch, search: { status }, onSearch }: CodesProps) {
  const { texts, language } = useReading();
  const { common } = texts;
  const words = useWords();
  const query = useParts<Code>([...codesKey(kind), 'list', batch.batch, status ?? ''], cursor =>
    codesOf(kind, batch.batch, status, cursor),
  );
  const states = STATUSES.filter(each => each !== 'redeemed' || kind === 'vouchers');
  const chips = Object.fromEntries(
    states.map(each => [each, `${words.status[each]} ${(batch[each] ?? 0).toLocaleString(language)}`]),
  );
  const columnsFor = (places: number): Column<Code>[] => [
    { head: words.serialHead, cell: ({ serial }) => serial },
    { head: words.state, cell: ({ status: each }) => <State mood={MOODS[each]}>{words.status[each]}</State> },
    {
      head: kind === 'cards' ? words.account : words.redeemedFor,
      cell: ({ accountcode }) => (accountcode === null ? common.none : <AccountLink accountcode={accountcode} />),
    },
    ...(kind === 'cards'
      ? ([
          {
            head: `${words.balance}, ${batch.currency}`,
            cell: ({ balance = null }) => (balance === null ? common.none : <Amount value={balance} places={places} />),
            isFigure: true,
          },
          { head: words.firstUsed, cell: ({ first_used_at: at = null }) => <Instant at={at} />, isExtra: true },
          { head: words.lastUsed, cell: ({ last_used_at: at = null }) => <Instant at={at} />, isExtra: true },
        ] satisfies Column<Code>[])
      : ([
          { head: words.redeemedAt, cell: ({ redeemed_at: at = null }) => <Instant at={at} />, isExtra: true },
        ] satisfies Column<Code>[])),
    { head: words.expires, cell: ({ expires_at: at }) => <Instant at={at} />, isExtra: true },
  ];
  return (
    <>
      <Chips<Status | 'all'>
        label={words.state}
        words={{ all: `${common.all} ${batch.count.toLocaleString(language)}`, ...chips }}
        chosen={status ?? 'all'}
        onChoose={chosen => onSearch({ status: chosen === 'all' ? undefined : chosen })}
      />
      <ListParts query={query}>
        {rows =>
          rows.length === 0 ? (
            <Empty>{words.of[kind].noneSo}</Empty>
          ) : (
            <Rows
              caption={words.of[kind].many}
              columns={columnsFor(placesOf(rows.map(({ balance }) => balance ?? '0')))}
              rows={rows}
              keyOf={({ serial }) => String(serial)}
              onOpen={({ serial }) => onSearch({ serial, do: undefined })}
            />
          )
        }
      </ListParts>
    </>
  );
}
