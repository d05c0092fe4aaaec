/** Movements of money that need a second person, and what cashiers and doors may still move today. */
import { Button, TextInput } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { cashierLimitFields } from '../../api/fields';
import {
  type Approval,
  approvalApprove,
  approvalList,
  approvalRefuse,
  approvalWithdraw,
  type Cashier,
  cashierLimit,
  cashierList,
} from '../../api/operations';
import { useMay, useSession } from '../../api/session';
import { placesOf, readable, typedAmount } from '../../parts/amounts';
import { Chips } from '../../parts/chips';
import { byField, Panel } from '../../parts/form';
import { Empty, RefusalNote } from '../../parts/page';
import { ListParts, useNumberedParts } from '../../parts/parts-of-list';
import { Amount, Instant, type Mood, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading } from '../../texts/texts';
import classes from './desk.module.css';
import { APPROVALS_KEY } from './desk-query';
import { AT_ONCE, Facts, ForRoles } from './parts-of-desk';
import { type Place, usePlace } from './place';
import type { ApprovalsSearch } from './search';
import { Told } from './with-form';
import { useWords } from './words';

export const Route = createLazyRoute('/desk/approvals')({ component: ApprovalsPage });

const CASHIERS_KEY = ['desk', 'cashiers'] as const;

/** A request of another person appears by itself. Ms. */
const AGAIN_MS = 15_000;

const MOODS: Record<Approval['state'], Mood> = {
  open: 'attention',
  expired: 'quiet',
  approved: 'ours',
  refused: 'wrong',
  withdrawn: 'quiet',
};

type ApprovalsPlace = Place<ApprovalsSearch>;

function ApprovalsPage() {
  return (
    <ForRoles of="approvalList">
      <Approvals />
    </ForRoles>
  );
}

function Approvals() {
  const desk = useWords();
  const may = useMay();
  const navigate = Route.useNavigate();
  const place = usePlace<ApprovalsSearch>(
    Route.useSearch(),
    search => void navigate({ search, replace: true, resetScroll: false }),
  );
  return (
    <>
      <p className={classes.lead}>{desk.approvalsLead}</p>
      <Chips
        label={desk.state}
        words={{ open: desk.openOnes, all: desk.allOnes }}
        chosen={place.search.all ? 'all' : 'open'}
        onChoose={word => place.set({ all: word === 'all' ? true : undefined, open: undefined })}
      />
      <Told>{place.done}</Told>
      <List place={place} />
      {may('cashierList') && (
        <section>
          <h2>{desk.cashiers}</h2>
          <p className={classes.lead}>{desk.cashiersLead}</p>
          <Cashiers />
        </section>
      )}
    </>
  );
}

function List({ place }: { place: ApprovalsPlace }) {
  const desk = useWords();
  const { all, open } = place.search;
  const query = useNumberedParts<Approval>(
    [...APPROVALS_KEY, all ?? false],
    page => told(approvalList({ ...(all && { all }), limit: AT_ONCE, page })),
    AGAIN_MS,
  );
  const columnsFor = (places: number): Column<Approval>[] => [
    { head: desk.asked, cell: ({ created_at: at }) => <Instant at={at} />, isExtra: true },
    {
      head: desk.account,
      cell: ({ accountcode }) => (
        <b>
          <Clipped>{accountcode}</Clipped>
        </b>
      ),
    },
    { head: desk.what, cell: ({ operation }) => desk.movements[operation], isExtra: true },
    {
      head: desk.amount,
      cell: ({ amount, currency }) => <Amount value={amount} currency={currency} places={places} />,
      isFigure: true,
    },
    { head: desk.askedBy, cell: ({ requested_by: by }) => <Clipped>{by}</Clipped>, isExtra: true },
    { head: desk.reference, cell: ({ reference }) => <Clipped>{reference}</Clipped>, isExtra: true },
    {
      head: desk.state,
      cell: ({ state }) => <State mood={MOODS[state]}>{desk.approvalStates[state]}</State>,
      // Otherwise all of them wait.
      isExtra: !all,
    },
  ];
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          <Empty>{all ? desk.noApproval : desk.nothingWaits}</Empty>
        ) : (
          <Rows
            caption={desk.parts.approvals}
            columns={columnsFor(placesOf(rows.map(({ amount }) => amount)))}
            rows={rows}
            keyOf={({ approval }) => String(approval)}
            onOpen={({ approval }) => place.set({ open: open === approval ? undefined : approval })}
            below={row => (row.approval === open ? <OneApproval approval={row} place={place} /> : null)}
          />
        )
      }
    </ListParts>
  );
}

function OneApproval({ approval: row, place }: { approval: Approval; place: ApprovalsPlace }) {
  const { language } = useReading();
  const desk = useWords();
  const may = useMay();
  const { name } = useSession();
  const { approval, accountcode, currency, reference, state } = row;
  const sum = `${readable(row.amount, language)} ${currency}`;
  const isOwn = row.requested_by === `operator:${name}`;
  const stale = [APPROVALS_KEY, ['accounts']];
  const end = (text: string) => place.end(text, { open: undefined });
  const approve = useChange({
    run: (number: number, idempotencyKey) => told(approvalApprove({ approval: number, idempotencyKey })),
    stale,
    onDone: ({ moved, balance }) =>
      end(
        moved
          ? desk.approved(sum, accountcode, `${readable(balance, language)} ${currency}`)
          : desk.movedBefore(reference),
      ),
  });
  const refuse = useChange({
    run: (number: number, idempotencyKey) => told(approvalRefuse({ approval: number, idempotencyKey })),
    stale,
    onDone: () => end(desk.refusedNow(approval)),
  });
  const withdraw = useChange({
    run: (number: number, idempotencyKey) => told(approvalWithdraw({ approval: number, idempotencyKey })),
    stale,
    onDone: () => end(desk.withdrawn(approval)),
  });
  const isBusy = approve.isPending || refuse.isPending || withdraw.isPending;
  return (
    <>
      <p className={classes.lead}>
        {desk.movements[row.operation]}: <b>{sum}</b> → <bdi>{accountcode}</bdi>.{' '}
        {row.overdraw && <>{desk.mayOverdraw} </>}
        {row.of_call && desk.refundsCall}
      </p>
      <Facts
        facts={[
          [desk.number, String(approval)],
          [desk.reference, reference],
          [desk.reason, row.reason || '–'],
          [desk.askedBy, row.requested_by],
          [desk.openUntil, <Instant key="until" at={row.expires_at} />],
          ...(row.decided_by === null
            ? []
            : ([
                [desk.decidedBy, row.decided_by],
                [desk.decidedAt, <Instant key="decided" at={row.decided_at} />],
              ] as const)),
        ]}
      />
      {[approve, refuse, withdraw].map(({ error }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the three do not change places
        <RefusalNote key={index} error={error} />
      ))}
      {state === 'open' && isOwn && <p className={classes.lead}>{desk.needsAnother}</p>}
      <div className={classes.buttons}>
        {state === 'open' && !isOwn && may('approvalApprove') && (
          <Button
            size="xs"
            loading={approve.isPending}
            disabled={isBusy && !approve.isPending}
            onClick={() => approve.mutate(approval)}
          >
            {desk.approve(sum)}
          </Button>
        )}
        {state === 'open' && !isOwn && may('approvalRefuse') && (
          <Button
            size="xs"
            variant="default"
            loading={refuse.isPending}
            disabled={isBusy && !refuse.isPending}
            onClick={() => refuse.mutate(approval)}
          >
            {desk.refuse}
          </Button>
        )}
        {state === 'open' && isOwn && may('approvalWithdraw') && (
          <Button size="xs" variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate(approval)}>
            {desk.withdraw}
          </Button>
        )}
        <Button
          size="xs"
          variant="subtle"
          renderRoot={props => <Link {...props} to="/accounts/$accountcode" params={{ accountcode }} />}
        >
          {desk.openAccount}
        </Button>
      </div>
    </>
  );
}

function Cashiers() {
  const desk = useWords();
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  const query = useNumberedParts<Cashier>(CASHIERS_KEY, page => told(cashierList({ limit: AT_ONCE, page })));
  const columns: Column<Cashier>[] = [
    { head: desk.cashier, cell: ({ actor }) => <Clipped>{actor}</Clipped> },
    { head: desk.dailyLimit, cell: ({ daily_limit: most }) => <Amount value={most} />, isFigure: true },
    {
      head: desk.atOnceLimit,
      cell: ({ at_once_limit: most }) => (most === null ? '–' : <Amount value={most} />),
      isFigure: true,
      isExtra: true,
    },
    {
      head: desk.toppedUp,
      cell: ({ topped_up: sum, currency }) => <Amount value={sum} {...(currency !== null && { currency })} />,
      isFigure: true,
      isExtra: true,
    },
    { head: desk.leftToday, cell: ({ left }) => <Amount value={left} />, isFigure: true },
  ];
  return (
    <>
      {may('cashierLimit') && (
        <Button size="xs" variant="default" mb={12} aria-expanded={isOpen} onClick={() => setOpen(before => !before)}>
          {desk.setLimit}
        </Button>
      )}
      {isOpen && <Limit onClose={() => setOpen(false)} />}
      <ListParts query={query}>
        {rows =>
          rows.length === 0 ? (
            <Empty command="ringfence cashier limit operator:carl 500.00">{desk.noCashier}</Empty>
          ) : (
            <Rows
              caption={desk.cashiers}
              columns={columns}
              rows={rows}
              keyOf={({ actor, currency }) => `${actor} ${currency}`}
            />
          )
        }
      </ListParts>
    </>
  );
}

function Limit({ onClose }: { onClose: () => void }) {
  const { texts, language } = useReading();
  const { common } = texts;
  const desk = useWords();
  const [actor, setActor] = useState('');
  const [typed, setTyped] = useState('');
  const [typedAtOnce, setTypedAtOnce] = useState('');
  const [unread, setUnread] = useState<readonly string[]>([]);
  const limit = useChange({
    run: ({ who, most, atOnce }: { who: string; most: string; atOnce: string | null }, idempotencyKey) =>
      told(cashierLimit({ actor: who, idempotencyKey, body: { daily_limit: most, at_once: atOnce } })),
    stale: [CASHIERS_KEY],
    onDone: onClose,
  });
  const { at, error } = byField(limit.error, ['actor', 'daily_limit', 'at_once']);
  const go = () => {
    const most = typedAmount(typed, language);
    const isAny = typedAtOnce.trim() === '';
    const atOnce = isAny ? null : typedAmount(typedAtOnce, language);
    const isUnread = !isAny && atOnce === null;
    setUnread([...(most === null ? ['daily_limit'] : []), ...(isUnread ? ['at_once'] : [])]);
    if (most !== null && !isUnread) limit.mutate({ who: actor.trim(), most, atOnce });
  };
  return (
    <Panel
      title={desk.setLimit}
      lead={desk.limitLead}
      go={common.save}
      isBusy={limit.isPending}
      error={error}
      onGo={go}
      onCancel={onClose}
    >
      <div className={classes.fields}>
        <TextInput
          name="actor"
          label={desk.cashier}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          description={desk.cashierHelp}
          placeholder={cashierLimitFields.actor.example}
          autoComplete="off"
          autoFocus
          error={at.actor}
          value={actor}
          onChange={event => setActor(event.currentTarget.value)}
        />
        <TextInput
          name="daily_limit"
          label={desk.dailyLimit}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          description={desk.dailyLimitHelp}
          inputMode="decimal"
          autoComplete="off"
          error={at.daily_limit ?? (unread.includes('daily_limit') ? common.amountUnclear : undefined)}
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
        />
        <TextInput
          name="at_once"
          label={desk.atOnceLimit}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          description={desk.atOnceLimitHelp}
          inputMode="decimal"
          autoComplete="off"
          error={at.at_once ?? (unread.includes('at_once') ? common.amountUnclear : undefined)}
          value={typedAtOnce}
          onChange={event => setTypedAtOnce(event.currentTarget.value)}
        />
      </div>
    </Panel>
  );
}
