/** Batches of cards and of vouchers: which there are, what is left of each, and what is made, found and redeemed. */
import { Button, TextInput } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useMay } from '../../api/session';
import { placesOf } from '../../parts/amounts';
import { Chips } from '../../parts/chips';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Empty, Note, Page, RefusalNote } from '../../parts/page';
import { Amount, Instant } from '../../parts/shown';
import { useOnce } from '../../parts/shown-once';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading } from '../../texts/texts';
import classes from './cards.module.css';
import { type Batch, codeNumbered, useBatches } from './codes';
import { type Issued, Make } from './make';
import { Redeem } from './redeem';
import type { Kind, ListSearch } from './search';
import { Sheet } from './sheet';
import { useWords } from './words';

export const Route = createLazyRoute('/cards')({ component: CardsPage });

function CardsPage() {
  const words = useWords();
  const may = useMay();
  if (!may('cardBatches')) return <NoPermission title={words.title} />;
  return <Cards />;
}

function Cards() {
  const words = useWords();
  const may = useMay();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const kind: Kind = search.kind ?? 'cards';
  const once = useOnce<Issued>(kind);
  const [issued] = once.made;
  const mayMake = may(kind === 'cards' ? 'cardGenerate' : 'voucherGenerate');
  const mayRedeem = kind === 'vouchers' && may('voucherRedeem');
  const set = (action: ListSearch['do']) =>
    void navigate({ search: { ...(search.kind && { kind: search.kind }), ...(action && { do: action }) } });
  if (issued) {
    const open = () => {
      once.keep(issued);
      void navigate({
        to: '/cards/$batch',
        params: { batch: issued.batch },
        search: kind === 'vouchers' ? { kind } : {},
        ignoreBlocker: true,
      });
    };
    return <Sheet kind={kind} issued={issued} onKept={open} />;
  }
  return (
    <Page
      title={words.title}
      hasTimes
      actions={
        <>
          {mayRedeem && search.do !== 'redeem' && (
            <Button variant="default" onClick={() => set('redeem')}>
              {words.redeem}
            </Button>
          )}
          {mayMake && search.do !== 'make' && <Button onClick={() => set('make')}>{words.of[kind].make}</Button>}
        </>
      }
    >
      <Chips
        label={words.kind}
        words={{ cards: words.of.cards.many, vouchers: words.of.vouchers.many }}
        chosen={kind}
        onChoose={chosen => void navigate({ search: chosen === 'vouchers' ? { kind: chosen } : {} })}
      />
      <p className={classes.lead}>{words.of[kind].lead}</p>
      {search.do === 'make' && mayMake && <Make key={kind} kind={kind} once={once} onClose={() => set(undefined)} />}
      {search.do === 'redeem' && mayRedeem && <Redeem account={search.account} onClose={() => set(undefined)} />}
      <Find key={`find ${kind}`} kind={kind} />
      <List kind={kind} />
    </Page>
  );
}

/** A caller who has trouble reads the serial aloud: it leads to that card, in its batch. */
function Find({ kind }: { kind: Kind }) {
  const words = useWords();
  const navigate = Route.useNavigate();
  const [typed, setTyped] = useState('');
  const [missing, setMissing] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const find = async () => {
    setMissing(null);
    setError(null);
    const text = typed.trim();
    try {
      const found = /^[1-9]\d{0,8}$/.test(text) ? await codeNumbered(kind, Number(text)) : null;
      if (found === null) setMissing(text);
      else
        void navigate({
          to: '/cards/$batch',
          params: { batch: found.batch },
          search: { ...(kind === 'vouchers' && { kind }), serial: found.serial },
        });
    } catch (refused) {
      setError(refused);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() !== '') void find();
  };
  return (
    <>
      <form className={classes.find} onSubmit={submit} noValidate>
        <TextInput
          type="search"
          name="serial"
          label={words.of[kind].find}
          placeholder="17"
          inputMode="numeric"
          autoComplete="off"
          error={missing !== null && words.of[kind].notFound(missing)}
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          {words.open}
        </Button>
      </form>
      <RefusalNote error={error} />
    </>
  );
}

function List({ kind }: { kind: Kind }) {
  const { texts, language } = useReading();
  const { common } = texts;
  const words = useWords();
  const navigate = Route.useNavigate();
  const query = useBatches(kind);
  const number = (some: number) => some.toLocaleString(language);
  const linkTo = (batch: string) =>
    ({ to: '/cards/$batch', params: { batch }, search: kind === 'vouchers' ? { kind } : {} }) as const;
  const columnsFor = (places: number): Column<Batch>[] => [
    {
      head: words.batch,
      cell: ({ batch }) => (
        <Link {...linkTo(batch)} tabIndex={-1} className={classes.name} onClick={event => event.stopPropagation()}>
          <Clipped>{batch}</Clipped>
        </Link>
      ),
    },
    {
      head: words.value,
      cell: ({ value }) => <Amount value={value} places={places} />,
      isFigure: true,
    },
    { head: words.currency, cell: ({ currency }) => currency },
    { head: words.count, cell: ({ count }) => number(count), isFigure: true, isExtra: true },
    { head: words.status.generated, cell: ({ generated }) => number(generated), isFigure: true, isExtra: true },
    { head: words.status.active, cell: ({ active }) => number(active), isFigure: true },
    ...(kind === 'vouchers'
      ? [
          {
            head: words.status.redeemed,
            cell: ({ redeemed = 0 }: Batch) => number(redeemed),
            isFigure: true,
            isExtra: true,
          },
        ]
      : []),
    { head: words.status.blocked, cell: ({ blocked }) => number(blocked), isFigure: true, isExtra: true },
    { head: words.serials, cell: ({ from, to }) => words.fromTo(String(from), String(to)), isExtra: true },
    ...(kind === 'cards'
      ? [{ head: words.deck, cell: ({ deck = common.none }: Batch) => <Clipped>{deck}</Clipped>, isExtra: true }]
      : []),
    { head: words.made, cell: ({ created_at: at }) => <Instant at={at} />, isExtra: true },
  ];
  return (
    <Asked query={query}>
      {({ items, total }) =>
        items.length === 0 ? (
          <Empty command={words.of[kind].command}>{words.of[kind].noneYet}</Empty>
        ) : (
          <>
            <Rows
              caption={words.of[kind].batches}
              columns={columnsFor(placesOf(items.map(({ value }) => value)))}
              rows={items}
              keyOf={({ batch }) => batch}
              onOpen={({ batch }) => void navigate(linkTo(batch))}
            />
            {total > items.length && (
              <Note mood="attention">{words.newestOnly(number(items.length), number(total))}</Note>
            )}
          </>
        )
      }
    </Asked>
  );
}
