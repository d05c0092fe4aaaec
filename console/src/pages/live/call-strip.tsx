/** What opens under a call's row: what else is known of it, and what can be done about it, in place. */
import { Button, Group, TextInput } from '@mantine/core';
import { Link, useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import {
  accountAddTime,
  accountHangup,
  accountTopup,
  callHangup,
  type LiveCall,
  type MoneyMoved,
} from '../../api/operations';
import { useMay } from '../../api/session';
import { readable, typedAmount } from '../../parts/amounts';
import { Note, RefusalNote } from '../../parts/page';
import { duration } from '../../parts/times';
import { useReading } from '../../texts/texts';
import classes from './live.module.css';
import type { Change } from './search';

/** What is being asked in the strip. */
export type Act = 'hangup' | 'hangup-all' | 'topup' | 'extend';

interface StripProps {
  call: LiveCall;
  hasEnded: boolean;
  act: Act | null;
  /** How many calls of its account are in progress. */
  ofAccount: number;
  setAct: (act: Act | null) => void;
  change: Change;
  close: () => void;
}

/** The page of a call. */
export const pathOf = (uniqueid: string): string => `/calls/${encodeURIComponent(uniqueid)}`;

/** A group of calls that the dialplan made has no account that somebody could top up. */
const isPool = ({ accountcode }: LiveCall): boolean => accountcode === '' || accountcode.startsWith('pool:');

export function CallStrip({ call, hasEnded, act, ofAccount, setAct, change, close }: StripProps) {
  const { texts, language } = useReading();
  const { live, common } = texts;
  const may = useMay();
  const { history } = useRouter();
  const { accountcode, uniqueid, currency } = call;
  const turn = (other: Act) => setAct(act === other ? null : other);
  const money = (amount: string) => readable(amount, language);
  const path = pathOf(uniqueid);
  const known = [
    uniqueid,
    live.onSwitch(call.node),
    currency &&
      live.price(
        money(call.rate_price_per_minute),
        currency,
        call.rate_initial_increment_seconds,
        call.rate_increment_seconds,
      ),
    /[1-9]/.test(call.rate_connect_fee) && live.connectFee(money(call.rate_connect_fee), currency),
    live.spentOf(money(call.spent), `${money(call.held)} ${currency}`),
    call.is_fixed && live.fixed,
  ].filter(Boolean);
  return (
    <div className={classes.open}>
      <p dir="auto">{known.join(' · ')}</p>
      <Group gap={8}>
        <Button
          component="a"
          size="xs"
          variant="default"
          href={path}
          onClick={event => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            history.push(path);
          }}
        >
          {live.openCall}
        </Button>
        {may('accountTopup') && !isPool(call) && (
          <Button size="xs" variant={act === 'topup' ? 'light' : 'default'} onClick={() => turn('topup')}>
            {live.topUp}
          </Button>
        )}
        {may('accountAddTime') && call.limited_by === 'time' && !isPool(call) && !hasEnded && (
          <Button size="xs" variant={act === 'extend' ? 'light' : 'default'} onClick={() => turn('extend')}>
            {live.addTime}
          </Button>
        )}
        {may('callHangup') && !hasEnded && (
          <Button size="xs" variant={act === 'hangup' ? 'light' : 'default'} onClick={() => turn('hangup')}>
            {live.hangUp}
          </Button>
        )}
        {may('accountHangup') && !isPool(call) && ofAccount > 1 && (
          <Button size="xs" variant={act === 'hangup-all' ? 'light' : 'default'} onClick={() => turn('hangup-all')}>
            {live.hangUpAll(ofAccount, accountcode)}
          </Button>
        )}
        {!isPool(call) && (
          <Button size="xs" variant="subtle" onClick={() => change({ account: accountcode })}>
            {live.onlyAccount(accountcode)}
          </Button>
        )}
        {may('accountShow') && !isPool(call) && (
          <Button
            size="xs"
            variant="subtle"
            renderRoot={props => <Link to="/accounts/$accountcode" params={{ accountcode }} {...props} />}
          >
            {live.openAccount}
          </Button>
        )}
        <Button size="xs" variant="subtle" ml="auto" onClick={close}>
          {common.close}
        </Button>
      </Group>
      {act === 'topup' && may('accountTopup') && !isPool(call) && <TopUp call={call} cancel={() => setAct(null)} />}
      {act === 'extend' && may('accountAddTime') && !isPool(call) && (
        <AddTime accountcode={accountcode} cancel={() => setAct(null)} />
      )}
      {act === 'hangup' && may('callHangup') && <HangUp call={call} cancel={() => setAct(null)} />}
      {act === 'hangup-all' && may('accountHangup') && (
        <HangUpAll accountcode={accountcode} count={ofAccount} cancel={() => setAct(null)} />
      )}
    </div>
  );
}

function HangUp({ call, cancel }: { call: LiveCall; cancel: () => void }) {
  const { live } = useReading().texts;
  const { mutate, isPending, error, data } = useChange({
    run: (uniqueid: string, idempotencyKey) => told(callHangup({ uniqueid, idempotencyKey })),
  });
  return (
    <Asks
      question={live.hangUpAsk(call.accountcode, call.dst)}
      go={live.hangUp}
      isPending={isPending}
      error={error}
      done={data && (data.hung_up || data.end_at === null ? live.hungUp : live.wasGone)}
      run={() => mutate(call.uniqueid)}
      cancel={cancel}
    />
  );
}

function HangUpAll({ accountcode, count, cancel }: { accountcode: string; count: number; cancel: () => void }) {
  const { live } = useReading().texts;
  // The question stays as it was asked, while the calls end.
  const [asked] = useState(count);
  const { mutate, isPending, error, data } = useChange({
    run: (account: string, idempotencyKey) => told(accountHangup({ accountcode: account, idempotencyKey })),
  });
  return (
    <Asks
      question={live.hangUpAllAsk(asked, accountcode)}
      confirm={accountcode}
      go={live.hangUpAll(asked, accountcode)}
      isPending={isPending}
      error={error}
      done={data && live.allHungUp(data.calls.length)}
      run={() => mutate(accountcode)}
      cancel={cancel}
    />
  );
}

interface AsksProps {
  question: string;
  /** What must be typed before it is done. */
  confirm?: string;
  go: string;
  isPending: boolean;
  error: unknown;
  done: string | undefined;
  run: () => void;
  cancel: () => void;
}

/** A question before something is ended; its answer takes its place. */
function Asks({ question, confirm, go, isPending, error, done, run, cancel }: AsksProps) {
  const { common } = useReading().texts;
  const [typed, setTyped] = useState('');
  if (done !== undefined) return <Done mood="ours">{done}</Done>;
  return (
    <form
      className={classes.asks}
      onSubmit={event => {
        event.preventDefault();
        run();
      }}
    >
      <p dir="auto">{question}</p>
      {confirm !== undefined && (
        <TextInput
          label={common.typeToConfirm(confirm)}
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
          autoComplete="off"
          autoFocus
        />
      )}
      <Group gap={8}>
        <Button
          size="xs"
          type="submit"
          className={classes.danger}
          loading={isPending}
          disabled={confirm !== undefined && typed.trim() !== confirm}
          autoFocus={confirm === undefined}
        >
          {go}
        </Button>
        <Button size="xs" variant="default" onClick={cancel}>
          {common.cancel}
        </Button>
      </Group>
      <RefusalNote error={error} />
    </form>
  );
}

function TopUp({ call: { accountcode, currency }, cancel }: { call: LiveCall; cancel: () => void }) {
  const { texts, language } = useReading();
  const { live, common } = texts;
  const [amount, setAmount] = useState('');
  const [reference, setReference] = useState('');
  const typed = typedAmount(amount, language);
  const [isUnclear, setUnclear] = useState(false);
  const { mutate, isPending, error, data } = useChange({
    run: (body: { amount: string; reference: string }, idempotencyKey) =>
      told(accountTopup({ accountcode, idempotencyKey, body })),
    stale: [['account', accountcode]],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // What could be two amounts, such as 1.000 in German, is none.
    setUnclear(typed === null);
    if (typed !== null) mutate({ amount: typed, reference: reference.trim() });
  };
  if (data) return <ToppedUp moved={data} currency={currency} />;
  return (
    <form className={classes.asks} onSubmit={submit}>
      <div className={classes.fields}>
        <TextInput
          label={live.amount(currency)}
          error={isUnclear && typed === null ? common.amountUnclear : undefined}
          value={amount}
          onChange={event => setAmount(event.currentTarget.value)}
          inputMode="decimal"
          autoComplete="off"
          required
          autoFocus
        />
        <TextInput
          label={live.reference}
          description={live.referenceHelp}
          inputWrapperOrder={['label', 'input', 'description']}
          value={reference}
          onChange={event => setReference(event.currentTarget.value)}
          autoComplete="off"
          required
        />
      </div>
      <Group gap={8}>
        <Button size="xs" type="submit" loading={isPending}>
          {typed === null ? live.topUp : live.topUpBy(accountcode, `${readable(typed, language)} ${currency}`)}
        </Button>
        <Button size="xs" variant="default" onClick={cancel}>
          {common.cancel}
        </Button>
      </Group>
      <RefusalNote error={error} />
    </form>
  );
}

/** The longest that can be added at once: a day. */
const MOST_MINUTES = 1440;

/** More of the account's max_time for the calls that are in progress. */
function AddTime({ accountcode, cancel }: { accountcode: string; cancel: () => void }) {
  const { live, common } = useReading().texts;
  const [minutes, setMinutes] = useState('5');
  const { mutate, isPending, error, data } = useChange({
    run: (seconds: number, idempotencyKey) => told(accountAddTime({ accountcode, idempotencyKey, body: { seconds } })),
    stale: [['account', accountcode]],
  });
  if (data) return <Done mood="ours">{live.timeAdded(duration(data.seconds), duration(data.time_left))}</Done>;
  return (
    <form
      className={classes.asks}
      onSubmit={event => {
        event.preventDefault();
        mutate(Number(minutes) * 60);
      }}
    >
      <p dir="auto">{live.addTimeAsk(accountcode)}</p>
      <TextInput
        label={live.minutes}
        type="number"
        min={1}
        max={MOST_MINUTES}
        step={1}
        value={minutes}
        onChange={event => setMinutes(event.currentTarget.value)}
        autoComplete="off"
        required
        autoFocus
      />
      <Group gap={8}>
        <Button size="xs" type="submit" loading={isPending}>
          {live.addTime}
        </Button>
        <Button size="xs" variant="default" onClick={cancel}>
          {common.cancel}
        </Button>
      </Group>
      <RefusalNote error={error} />
    </form>
  );
}

function ToppedUp({ moved, currency }: { moved: MoneyMoved; currency: string }) {
  const { texts, language } = useReading();
  const { live } = texts;
  if (moved.approval !== null) return <Done mood="attention">{live.waits(moved.approval)}</Done>;
  if (!moved.moved) return <Done mood="attention">{live.movedBefore}</Done>;
  const [amount, available] = [readable(moved.amount, language), readable(moved.available, language)];
  return <Done mood="ours">{live.toppedUp(amount, currency, available)}</Done>;
}

/** What was done. It takes the focus of the form that stood there: the keys go on where they were. */
function Done({ mood, children }: { mood: 'ours' | 'attention'; children: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus({ preventScroll: true }), []);
  return (
    <div ref={place} tabIndex={-1} className={classes.done}>
      <Note mood={mood}>{children}</Note>
    </div>
  );
}
