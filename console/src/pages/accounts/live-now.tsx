/** The calls of the account that are in progress. */
import { Button } from '@mantine/core';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { callHangup } from '../../api/operations';
import { useMay } from '../../api/session';
import { Empty, Note, RefusalNote } from '../../parts/page';
import { Amount, Heard, Instant, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { clockTime, duration } from '../../parts/times';
import { useNow } from '../../parts/use-now';
import { useReading } from '../../texts/texts';
import { accountKey } from './account-query';
import { CallLink } from './call-link';
import { type HeardCall, knownUntil, type LiveCalls, secondsOf } from './live-calls';
import { useWords } from './words';

interface LiveNowProps {
  live: LiveCalls;
  accountcode: string;
  currency: string;
}

export function LiveNow({ live, accountcode, currency }: LiveNowProps) {
  const { calls, isMore } = live;
  const { texts } = useReading();
  const words = useWords();
  const { common } = texts;
  const may = useMay();
  const now = knownUntil(live, useNow(calls !== null && calls.length > 0));
  const hangUp = useChange({
    run: (uniqueid: string, idempotencyKey) => told(callHangup({ uniqueid, idempotencyKey })),
    stale: [accountKey(accountcode)],
  });
  const columns: Column<HeardCall>[] = [
    { head: words.from, cell: ({ src }) => <Clipped>{src}</Clipped>, isExtra: true },
    { head: words.to, cell: call => <CallLink call={call} /> },
    { head: words.destination, cell: call => <Clipped>{call.rate_destination}</Clipped>, isExtra: true },
    { head: words.trunk, cell: ({ trunk }) => <Clipped>{trunk || common.none}</Clipped>, isExtra: true },
    {
      head: words.state,
      cell: ({ state, hangup_wanted: isWanted }) => (
        <State mood={isWanted ? 'attention' : state === 'talking' ? 'ours' : 'quiet'}>
          {isWanted ? words.ending : words.callStates[state]}
        </State>
      ),
    },
    { head: words.since, cell: ({ start_at: at }) => <Instant at={at} />, isExtra: true },
    { head: words.talk, cell: call => duration(secondsOf(call, now)), isFigure: true },
    { head: `${words.cost} ${currency}`, cell: ({ spent }) => <Amount value={spent} />, isFigure: true },
    { head: `${words.held} ${currency}`, cell: ({ held }) => <Amount value={held} />, isFigure: true, isExtra: true },
  ];
  if (may('callHangup')) {
    columns.push({
      head: <Heard>{words.actions}</Heard>,
      cell: ({ uniqueid, dst, hangup_wanted: isWanted }) => (
        <Button
          size="compact-xs"
          variant="default"
          disabled={isWanted}
          loading={hangUp.isPending && hangUp.variables === uniqueid}
          aria-label={words.hangUpOne(dst)}
          onClick={() => hangUp.mutate(uniqueid)}
        >
          {words.hangUpShort}
        </Button>
      ),
    });
  }
  return (
    <>
      <RefusalNote error={hangUp.error} />
      {calls !== null &&
        (calls.length === 0 ? (
          <Empty>{words.noCallNow}</Empty>
        ) : (
          <Rows caption={words.tabs.live} columns={columns} rows={calls} keyOf={({ uniqueid }) => uniqueid} />
        ))}
      {isMore && <p>{words.oldestOnly}</p>}
    </>
  );
}

/** Since when what the page says of calls is old, and why; nothing while it is heard. */
export function NotHeard({ live: { hearing, staleSince } }: { live: LiveCalls }) {
  const { texts, language } = useReading();
  const words = useWords();
  const clock = (at: number) => clockTime(new Date(at).toISOString(), language);
  if (hearing.is === 'lost') return <Note mood="attention">{words.notHeardSince(clock(hearing.since))}</Note>;
  return staleSince === null ? null : <Note mood="attention">{texts.live.staleSince(clock(staleSince))}</Note>;
}
