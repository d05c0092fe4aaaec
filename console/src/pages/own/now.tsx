/** What is now: what the account has, whether calls may start, and the calls in progress. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { type OwnAccount, ownCalls } from '../../api/operations';
import { type Hearing, useStream } from '../../api/stream';
import { readable, sumOf } from '../../parts/amounts';
import { Asked, Empty, Note } from '../../parts/page';
import { Amount, BalanceBar } from '../../parts/shown';
import { clockTime, duration } from '../../parts/times';
import { useNow } from '../../parts/use-now';
import type { OwnTexts } from '../../texts/own-en';
import { useReading } from '../../texts/texts';
import { CallRow, PhoneNumber } from './call-rows';
import { ACCOUNT_KEY, WithAccount } from './own';
import classes from './own.module.css';
import {
  afterDifference,
  afterSnapshot,
  type Board,
  type Difference,
  type LiveCall,
  NO_BOARD,
  type Snapshot,
  secondsOf,
} from './own-live';
import { asMicros, notNow } from './standing';
import { useWords } from './words';

export const Route = createLazyRoute('/own/')({ component: Now });

const LAST_CALLS_KEY = ['own', 'calls', 'last'] as const;

function Now() {
  const { board, hearing } = useOwnLive();
  return (
    <WithAccount>
      {account => (
        <>
          <Standing account={account} calls={board.calls ?? []} />
          <CallsNow board={board} hearing={hearing} currency={account.currency} />
          <LastCalls currency={account.currency} />
        </>
      )}
    </WithAccount>
  );
}

/** The calls in progress; whenever one begins, changes or ends, the account has other figures. */
function useOwnLive(): { board: Board; hearing: Hearing } {
  const [board, setBoard] = useState(NO_BOARD);
  const queries = useQueryClient();
  const askAnew = () => {
    void queries.invalidateQueries({ queryKey: ACCOUNT_KEY });
    void queries.invalidateQueries({ queryKey: LAST_CALLS_KEY });
  };
  const hearing = useStream('/api/v1/own/calls/live/stream', {
    snapshot: data => {
      setBoard(afterSnapshot(data as Snapshot, Date.now()));
      askAnew();
    },
    difference: data => {
      setBoard(before => afterDifference(before, data as Difference, Date.now()));
      askAnew();
    },
    stale: () => setBoard(before => ({ ...before, isStale: true })),
  });
  return { board, hearing };
}

function Standing({ account, calls }: { account: OwnAccount; calls: readonly LiveCall[] }) {
  const { language } = useReading();
  const own = useWords();
  const { available, reserved, currency, credit_limit: limit, expires_at: expiresAt } = account;
  const why = notNow(account);
  const spent = sumOf(...calls.map(call => call.spent));
  return (
    <>
      <Note mood={why === null ? 'ours' : why === 'allHeld' ? 'attention' : 'wrong'}>
        {why !== null && own.notNow[why]}
        {why === null && (expiresAt === null ? own.mayCall : own.mayCallUntil(clockTime(expiresAt, language)))}
      </Note>
      <p className={classes.figure}>
        <b>{readable(available, language)}</b> {currency} {own.available}
      </p>
      {/* The figures of the account and of its calls were read one after the other. */}
      <BalanceBar {...account} spent={asMicros(spent) > asMicros(reserved) ? reserved : spent} />
      {asMicros(limit) > 0n && <p className={classes.small}>{own.creditLimit(readable(limit, language))}</p>}
    </>
  );
}

function CallsNow({ board, hearing, currency }: { board: Board; hearing: Hearing; currency: string }) {
  const { texts } = useReading();
  const own = useWords();
  const { common } = texts;
  const { calls, isMore } = board;
  const now = useNow(calls !== null && calls.length > 0);
  return (
    <section>
      <div className={classes.headline}>
        <h2>{own.callsNow}</h2>
        <Heard board={board} hearing={hearing} />
      </div>
      {calls === null && <p role="status">{common.loading}</p>}
      {calls?.length === 0 && <Empty>{own.noCallNow}</Empty>}
      {calls !== null && calls.length > 0 && (
        <>
          <p className={classes.currency}>
            {own.costNow}, {currency}
          </p>
          <ul className={classes.list} aria-label={own.callsNow}>
            {calls.map(call => (
              <CallNow key={call.uniqueid} call={call} now={now} />
            ))}
          </ul>
          {isMore && <p className={classes.small}>{own.moreCallsNow}</p>}
        </>
      )}
    </section>
  );
}

function Heard({ board, hearing }: { board: Board; hearing: Hearing }) {
  const { language } = useReading();
  const own = useWords();
  const said = {
    opening: () => own.opening,
    live: () => (board.isStale ? own.stale : own.live),
    lost: () => own.lost(hearing.is === 'lost' ? clockTime(new Date(hearing.since).toISOString(), language) : ''),
  };
  return (
    <span className={classes.live} data-is={hearing.is} role="status">
      {said[hearing.is]()}
    </span>
  );
}

function CallNow({ call, now }: { call: LiveCall; now: number }) {
  const { language } = useReading();
  const own = useWords();
  const seconds = secondsOf(call, now);
  return (
    <li>
      <div className={classes.row}>
        <span className={classes.line}>
          <span>
            <PhoneNumber>{call.dst}</PhoneNumber>
            {call.rate_destination !== '' && (
              <>
                {' · '}
                <span dir="auto">{call.rate_destination}</span>
              </>
            )}
          </span>
          <Amount value={call.spent} />
        </span>
        <span className={classes.line}>
          <span>{endOf(call, seconds, own)}</span>
          <span>
            {own.states[call.state]}
            {call.state === 'talking' && ` ${duration(seconds)}`} · {own.heldNow(readable(call.held, language))}
          </span>
        </span>
      </div>
    </li>
  );
}

/** When a call will end, and why; from where it is called where that is open. */
function endOf(call: LiveCall, seconds: number, own: OwnTexts): string {
  const { state, limited_by: by, granted_seconds: granted, src } = call;
  if (state !== 'talking' || by === 'slice') return own.from(src === '' ? own.hiddenNumber : src);
  return own.willEnd[by](duration(granted - seconds));
}

function LastCalls({ currency }: { currency: string }) {
  const own = useWords();
  const query = useQuery({
    queryKey: LAST_CALLS_KEY,
    queryFn: () => told(ownCalls({ limit: 3 })),
  });
  const [open, setOpen] = useState<string | null>(null);
  return (
    <section>
      <div className={classes.headline}>
        <h2>{own.lastCalls}</h2>
        <Link to="/own/calls">{own.allCalls}</Link>
      </div>
      <Asked query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{own.calls.none}</Empty>
          ) : (
            <>
              <p className={classes.currency}>{currency}</p>
              <ul className={classes.list} aria-label={own.lastCalls}>
                {items.map(call => (
                  <CallRow
                    key={call.uniqueid}
                    call={call}
                    isOpen={open === call.uniqueid}
                    onToggle={() => setOpen(open === call.uniqueid ? null : call.uniqueid)}
                  />
                ))}
              </ul>
            </>
          )
        }
      </Asked>
    </section>
  );
}
