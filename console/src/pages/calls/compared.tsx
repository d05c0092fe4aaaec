/** Our record of a call beside the switch's own, and what differs. */
import type { CallEvidence, CallShown } from '../../api/operations';
import { Note } from '../../parts/page';
import { Heard } from '../../parts/shown';
import { Clipped, Rows } from '../../parts/table';
import classes from './calls.module.css';
import { gapText } from './moments';
import { useCallReading } from './reading';
import { causeText } from './words';

/** The same instant in an event and in a record is some milliseconds apart. */
const SAME_MS = 100;

interface Line {
  what: string;
  ours: string;
  theirs: string;
  difference: string;
  isSame: boolean;
}

export function Compared({ call, evidence }: { call: CallShown; evidence: CallEvidence }) {
  const { texts, language } = useCallReading();
  const { calls } = texts;
  const { compare } = calls;
  const { switch_record: record, legs } = evidence;
  const how = call.evidence === null ? null : <p className={classes.soft}>{compare.evidence[call.evidence]}</p>;
  if (record === null) {
    return (
      <>
        <p className={classes.soft}>{compare.none}</p>
        {how}
      </>
    );
  }
  const clock = new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  });
  const time = (at: string | null, none: string) => (at === null ? none : clock.format(Date.parse(at)));
  const verdict = (isSame: boolean, difference: string = compare.differs) => ({
    isSame,
    difference: isSame ? compare.same : difference,
  });
  const instants = (ours: string | null, theirs: string | null) => {
    if (ours === null || theirs === null) return verdict(ours === theirs);
    const gap = Math.abs(Date.parse(ours) - Date.parse(theirs));
    return verdict(gap <= SAME_MS, compare.apart(gapText(gap, language)));
  };
  const unknown = { isSame: true, difference: compare.unknown };
  const who = (source: CallShown['hangup_source']) => (source === null ? compare.unknown : calls.endedBy[source]);
  const talk =
    record.billsec === null
      ? unknown
      : verdict(record.billsec === call.billsec, difference(record.billsec - call.billsec));
  const lines: Line[] = [
    {
      what: compare.answered,
      ours: time(call.answer_at, compare.never),
      theirs: time(record.answer_at, compare.never),
      ...instants(call.answer_at, record.answer_at),
    },
    {
      what: compare.ended,
      ours: time(call.end_at, calls.moments.goesOn),
      theirs: time(record.end_at, compare.notWritten),
      ...instants(call.end_at, record.end_at),
    },
    {
      what: compare.talk,
      ours: call.end_at === null ? texts.common.none : String(call.billsec),
      theirs: record.billsec === null ? texts.common.none : String(record.billsec),
      ...talk,
    },
    {
      what: compare.cause,
      ours: causeText(call.hangup_cause, texts),
      theirs: causeText(record.hangup_cause, texts),
      ...(record.hangup_cause === null ? unknown : verdict(record.hangup_cause === call.hangup_cause)),
    },
    {
      what: compare.who,
      ours: who(call.hangup_source),
      theirs: who(record.hangup_source),
      ...(record.hangup_source === null ? unknown : verdict(record.hangup_source === call.hangup_source)),
    },
  ];
  const number = (index: number) => legs.slice(0, index + 1).filter(leg => !leg.is_caller).length;
  return (
    <>
      {record.is_unclear && <Note mood="attention">{compare.unclear}</Note>}
      <Rows
        caption={calls.records}
        keyOf={({ what }) => what}
        rows={lines}
        columns={[
          { head: <Heard>{calls.call}</Heard>, cell: ({ what }) => what },
          { head: compare.ours, cell: ({ ours }) => ours },
          { head: `${compare.switchs}: ${compare.sources[record.source]}`, cell: ({ theirs }) => theirs },
          {
            head: compare.difference,
            cell: ({ isSame, difference: text }) => (
              <span className={isSame ? classes.soft : classes.differs}>{text}</span>
            ),
          },
        ]}
      />
      {how}
      {legs.length > 0 && (
        <details className={classes.more}>
          <summary>{compare.legs}</summary>
          <Rows
            caption={compare.legs}
            keyOf={({ leg }) => leg.leg}
            rows={legs.map((leg, index) => ({ leg, index }))}
            columns={[
              {
                head: <Heard>{calls.call}</Heard>,
                cell: ({ leg, index }) => (leg.is_caller ? compare.caller : compare.called(number(index))),
              },
              { head: compare.channel, cell: ({ leg }) => <Clipped>{leg.channel}</Clipped> },
              { head: compare.answered, cell: ({ leg }) => time(leg.answered_at, compare.never) },
              { head: compare.ended, cell: ({ leg }) => time(leg.ended_at, compare.notWritten) },
              { head: compare.cause, cell: ({ leg }) => causeText(leg.hangup_cause, texts) },
            ]}
          />
        </details>
      )}
    </>
  );
}

const difference = (seconds: number): string => `${seconds > 0 ? '+' : '−'}${Math.abs(seconds)} s`;
