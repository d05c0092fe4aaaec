/** One call: why it cost that, why it failed, who hung up. */
import { Button, Textarea } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Refused, told } from '../../api/ask';
import { useChange } from '../../api/change';
import {
  type CallEvidence,
  type CallShown,
  callEvidence,
  callExplain,
  callHangup,
  callLive,
  callShow,
  type LiveCall,
} from '../../api/operations';
import { useMay } from '../../api/session';
import { readable } from '../../parts/amounts';
import { Explained } from '../../parts/explained/explained';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Empty, Note, Page, RefusalNote } from '../../parts/page';
import { State } from '../../parts/shown';
import { Clipped } from '../../parts/table';
import { clockTime, duration, readersZone } from '../../parts/times';
import { callAsText } from './as-text';
import classes from './calls.module.css';
import { Compared } from './compared';
import { Entries } from './entries';
import { momentsOf } from './moments';
import { Price } from './price';
import { type CallPageTexts, useCallReading } from './reading';
import { TimeLine } from './time-line';
import { causeText, outcomeOf } from './words';

export const Route = createLazyRoute('/calls/$uniqueid')({ component: CallPage });

/** How often a call in progress is looked at again. */
const AGAIN_MS = 2_000;
/** What the switch wrote down costs the database more to find. */
const EVIDENCE_AGAIN_MS = 10_000;

function CallPage() {
  const { uniqueid } = Route.useParams();
  const { calls } = useCallReading().texts;
  const may = useMay();
  if (!may('callShow')) return <NoPermission title={calls.title} />;
  // Another call is another page: nothing that was opened or asked stays.
  return <OneCall key={uniqueid} uniqueid={uniqueid} />;
}

function OneCall({ uniqueid }: { uniqueid: string }) {
  const { calls } = useCallReading().texts;
  const call = useQuery({
    queryKey: ['call', uniqueid],
    queryFn: () => told(callShow({ uniqueid })),
    refetchInterval: ({ state }) => (state.data?.end_at === null ? AGAIN_MS : false),
  });
  const crumb = (
    <Link to="/calls" className={classes.crumb}>
      ← {calls.back}
    </Link>
  );
  if (call.error instanceof Refused && call.error.refusal === 'call_not_found') {
    return (
      <>
        {crumb}
        <NotFound uniqueid={uniqueid} />
      </>
    );
  }
  if (call.data === undefined) {
    return (
      <>
        {crumb}
        <Page title={calls.call}>
          <Asked query={call}>{() => null}</Asked>
        </Page>
      </>
    );
  }
  return (
    <>
      {crumb}
      <RefusalNote error={call.error} />
      <Shown call={call.data} />
    </>
  );
}

function NotFound({ uniqueid }: { uniqueid: string }) {
  const { calls } = useCallReading().texts;
  return (
    <Page title={calls.notFound}>
      <Empty>
        <p dir="auto">
          <code>{uniqueid}</code>
        </p>
        <p>{calls.notFoundWhy}</p>
        <Link to="/calls" search={{ text: uniqueid }} className={classes.ours}>
          {calls.searchIt}
        </Link>
      </Empty>
    </Page>
  );
}

/** A call's state in one sentence, which answers what most people came to ask. */
function verdictOf(call: CallShown, live: LiveCall | undefined, texts: CallPageTexts): string {
  const { calls } = texts;
  const { verdicts } = calls;
  const { text } = outcomeOf(call, texts);
  if (call.end_at === null) {
    if (call.answer_at !== null) {
      const talk = live?.seconds ?? Math.floor((Date.now() - Date.parse(call.answer_at)) / 1000);
      return verdicts.talking(duration(talk));
    }
    return call.granted_seconds > 0 ? verdicts.ringing : verdicts.waiting;
  }
  if (call.refusal !== null) return verdicts.refused(text);
  if (call.answer_at !== null) return verdicts.answered(duration(call.billsec), text);
  const how = call.hangup_source === 'caller' ? `${text}, ${calls.endedBy.caller}` : text;
  return verdicts.unanswered(how, causeText(call.hangup_cause, texts));
}

function Shown({ call }: { call: CallShown }) {
  const { texts, language } = useCallReading();
  const { calls } = texts;
  const may = useMay();
  const { uniqueid, accountcode, end_at } = call;
  const isLive = end_at === null;
  const mayLookDeeper = may('callEvidence');
  const evidence = useQuery({
    // Its end brings entries and events: it is asked anew then.
    queryKey: ['call', uniqueid, 'evidence', end_at],
    queryFn: () => told(callEvidence({ uniqueid })),
    enabled: mayLookDeeper,
    refetchInterval: isLive ? EVIDENCE_AGAIN_MS : false,
    placeholderData: keepPreviousData,
  });
  const live = useQuery({
    queryKey: ['call', uniqueid, 'live'],
    queryFn: () => told(callLive({ uniqueid })),
    enabled: isLive,
    refetchInterval: AGAIN_MS,
    select: ({ items }) => items[0],
  });
  const { mood, text } = outcomeOf(call, texts);
  const verdict = verdictOf(call, live.data, texts);
  const cost = `${readable(isLive ? (live.data?.spent ?? call.cost) : call.cost, language)} ${call.currency}`;
  const [isAsking, setAsking] = useState(false);
  return (
    <Page
      title={calls.callTo(call.dst === '' ? calls.noNumber : call.dst)}
      beside={<State mood={mood}>{text}</State>}
      hasTimes
      actions={
        <>
          <CopyAsText text={() => callAsText(call, verdict, texts, language, readersZone())} />
          {isLive && may('callHangup') && !isAsking && (
            <Button variant="default" onClick={() => setAsking(true)}>
              {calls.hangUp.go}
            </Button>
          )}
        </>
      }
    >
      {isLive && isAsking && <HangUp uniqueid={uniqueid} onClose={() => setAsking(false)} />}
      {isLive && call.hangup_wanted && <Note mood="attention">{calls.hangUp.wanted}</Note>}
      <p className={classes.verdict}>
        {verdict} {(call.answer_at !== null || isLive) && <b>{cost}</b>}
      </p>
      <dl className={classes.who}>
        <Fact name={calls.account}>
          {accountcode === '' ? (
            texts.common.none
          ) : (
            <Link to="/accounts/$accountcode" params={{ accountcode }}>
              <Clipped>{accountcode}</Clipped>
            </Link>
          )}
        </Fact>
        <Fact name={calls.from}>
          <Clipped>{call.src || texts.common.none}</Clipped>
        </Fact>
        <Fact name={calls.destination}>
          <Clipped>{call.rate_destination || texts.common.none}</Clipped>
        </Fact>
        <Fact name={calls.trunk}>
          <Clipped>{call.trunk || texts.common.none}</Clipped>
        </Fact>
        <Fact name={calls.time}>{clockTime(call.start_at, language)}</Fact>
        <Fact name="uniqueid">
          <Clipped>{uniqueid}</Clipped>
        </Fact>
      </dl>
      <div className={classes.halves}>
        <section aria-labelledby="happened">
          <h2 id="happened">{calls.happened}</h2>
          <RefusalNote error={evidence.error} />
          <TimeLine call={call} moments={momentsOf(call, evidence.data ?? null)} />
          {mayLookDeeper && <p className={classes.gap}>{calls.clocks}</p>}
        </section>
        <section aria-labelledby="price">
          <h2 id="price">{calls.price}</h2>
          <Price call={call} live={live.data} />
          {call.refusal === null && may('callExplain') && <Explanation uniqueid={uniqueid} endAt={end_at} />}
        </section>
      </div>
      {mayLookDeeper ? <Deeper call={call} evidence={evidence} /> : <p className={classes.soft}>{calls.needsRole}</p>}
      <AllFacts call={call} />
    </Page>
  );
}

/** What was held, the balance before and after, and whether the price comes out when it is computed anew. */
function Explanation({ uniqueid, endAt }: { uniqueid: string; endAt: string | null }) {
  const query = useQuery({
    // Its end brings an entry and a verdict: it is asked anew then.
    queryKey: ['call', uniqueid, 'explanation', endAt],
    queryFn: () => told(callExplain({ uniqueid })),
    refetchInterval: endAt === null ? EVIDENCE_AGAIN_MS : false,
    placeholderData: keepPreviousData,
  });
  return <Asked query={query}>{call => <Explained call={call} reader="operator" />}</Asked>;
}

interface DeeperProps {
  call: CallShown;
  evidence: { data: CallEvidence | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
}

function Deeper({ call, evidence }: DeeperProps) {
  const { calls } = useCallReading().texts;
  return (
    <Asked query={{ ...evidence, error: null }}>
      {found => (
        <>
          {(call.refusal === null || found.switch_record !== null) && (
            <section aria-labelledby="records">
              <h2 id="records">{calls.records}</h2>
              <Compared call={call} evidence={found} />
            </section>
          )}
          <section aria-labelledby="entries">
            <h2 id="entries">{calls.entries}</h2>
            <Entries entries={found.entries} isLive={call.end_at === null} />
          </section>
        </>
      )}
    </Asked>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function HangUp({ uniqueid, onClose }: { uniqueid: string; onClose: () => void }) {
  const { calls, common } = useCallReading().texts;
  const hangUp = useChange({
    run: (_: null, idempotencyKey) => told(callHangup({ uniqueid, idempotencyKey })),
    stale: [['call', uniqueid]],
  });
  return (
    <section className={classes.confirm} aria-label={calls.hangUp.go}>
      {hangUp.data ? (
        <Note mood="ours">{hangUp.data.hung_up ? calls.hangUp.done : calls.hangUp.gone}</Note>
      ) : (
        <>
          <p>{calls.hangUp.sure}</p>
          <Button className={classes.danger} loading={hangUp.isPending} onClick={() => hangUp.mutate(null)} autoFocus>
            {calls.hangUp.go}
          </Button>
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <RefusalNote error={hangUp.error} />
        </>
      )}
    </section>
  );
}

/** Copies; a browser that does not let the page copy, such as one without HTTPS, shows the text. */
function CopyAsText({ text }: { text: () => string }) {
  const { calls, common } = useCallReading().texts;
  const [state, setState] = useState<'idle' | 'copied' | 'by hand'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setState('copied');
      setTimeout(() => setState(before => (before === 'copied' ? 'idle' : before)), 2_000);
    } catch {
      setState('by hand');
    }
  };
  return (
    <>
      <Button variant="default" aria-live="polite" onClick={() => void copy()}>
        {state === 'copied' ? common.copied : calls.copyAsText}
      </Button>
      {state === 'by hand' && (
        <Textarea
          className={classes.byHand}
          label={calls.copyByHand}
          value={text()}
          rows={12}
          cols={60}
          readOnly
          autoFocus
          onFocus={event => event.currentTarget.select()}
        />
      )}
    </>
  );
}

/** Every fact of the record by its own name, for those who know the table. */
function AllFacts({ call }: { call: CallShown }) {
  const { calls, common } = useCallReading().texts;
  const { steps, ...facts } = call;
  return (
    <details className={classes.more}>
      <summary>{calls.facts}</summary>
      <dl className={classes.facts}>
        {Object.entries(facts).map(([name, fact]) => [
          <dt key={`${name} name`}>{name}</dt>,
          <dd key={name} dir="auto">
            {fact === null || fact === '' ? common.none : String(fact)}
          </dd>,
        ])}
      </dl>
    </details>
  );
}
