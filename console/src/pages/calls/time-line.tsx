/** What happened in a call, with clock times, and the gaps between them drawn to scale. */
import type { CallShown } from '../../api/operations';
import { readable } from '../../parts/amounts';
import type { Mood } from '../../parts/shown';
import { duration } from '../../parts/times';
import classes from './calls.module.css';
import { gapsOf, gapText, type Moment } from './moments';
import { useCallReading } from './reading';
import { causeText, outcomeOf } from './words';

/** All gaps together; pixels. */
const HEIGHT = 240;

export function TimeLine({ call, moments }: { call: CallShown; moments: readonly Moment[] }) {
  const { texts, language } = useCallReading();
  const { calls } = texts;
  const tell = useTelling(call);
  const gaps = gapsOf(moments, HEIGHT);
  const answeredAt = call.answer_at === null ? null : Date.parse(call.answer_at);
  const endedAt = call.end_at === null ? Number.POSITIVE_INFINITY : Date.parse(call.end_at);
  const clock = new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return (
    <ol className={classes.line}>
      {moments.map((moment, index) => {
        const { mood, text, note } = tell(moment);
        const after = gaps[index + 1] ?? 0;
        const next = moments[index + 1];
        const until = 'untilAt' in moment ? moment.untilAt : moment.at;
        const gap = next ? next.at - until : 0;
        const isTalk = answeredAt !== null && moment.at >= answeredAt && moment.at < endedAt;
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: moments are only ever added behind the others
            key={index}
            data-mood={mood}
            data-talking={isTalk || undefined}
            style={{ paddingBottom: after }}
          >
            <time dateTime={new Date(moment.at).toISOString()}>{clock.format(moment.at)}</time>
            <span className={classes.dot} style={{ marginBottom: -after }} aria-hidden="true" />
            <div className={classes.what}>
              <span dir="auto">{text}</span>
              {note && <small dir="auto">{note}</small>}
              {gap >= 50 && <span className={classes.gap}>{calls.later(gapText(gap, language))}</span>}
            </div>
          </li>
        );
      })}
      {call.end_at === null && (
        <li data-mood="ours">
          <span />
          <span className={classes.dot} aria-hidden="true" />
          <div className={classes.what}>{calls.moments.goesOn}</div>
        </li>
      )}
    </ol>
  );
}

interface Telling {
  mood: Mood;
  text: string;
  note?: string;
}

function useTelling(call: CallShown): (moment: Moment) => Telling {
  const { texts, language } = useCallReading();
  const { calls } = texts;
  const { moments: words } = calls;
  const money = (amount: string) => `${readable(amount, language)} ${call.currency}`;
  return moment => {
    switch (moment.what) {
      case 'arrived':
        return { mood: 'quiet', text: call.src === '' ? words.arrivedUnknown : words.arrived(call.src) };
      case 'authorised': {
        const note = words.limits[moment.limitedBy];
        const text = words.authorised(money(moment.held), duration(moment.grantedSeconds));
        return { mood: 'quiet', text, ...(note && { note }) };
      }
      case 'refused':
        return { mood: 'attention', text: words.refused(outcomeOf(call, texts).text) };
      case 'failed':
        return { mood: 'attention', text: words.failed(moment.trunk, causeText(moment.cause, texts)) };
      case 'answered':
        return { mood: 'ours', text: words.answered(moment.trunk) };
      case 'extended':
      case 'shrunk': {
        const { times, held, grantedSeconds } = moment;
        return { mood: 'quiet', text: words[moment.what](times, money(held), duration(grantedSeconds)) };
      }
      case 'warned':
        return { mood: 'attention', text: words.warned(duration(moment.secondsLeft)) };
      case 'hangup_wanted':
        return { mood: 'attention', text: words.hangupWanted };
      case 'limit_not_kept':
        return { mood: 'wrong', text: words.limitNotKept };
      case 'settlement_refused':
        return { mood: 'wrong', text: words.settlementRefused(moment.code) };
      case 'ended': {
        const { mood, text } = outcomeOf(call, texts);
        const note = calls.cause850(causeText(call.hangup_cause, texts));
        const by = call.hangup_source ? calls.endedBy[call.hangup_source] : text;
        if (call.answer_at !== null) return { mood, text: words.ended(by), note };
        const how = call.hangup_source === 'caller' ? by : text;
        return { mood, text: words.endedUnanswered(how), note };
      }
      case 'charged':
        return /[1-9]/.test(moment.cost)
          ? { mood: 'quiet', text: words.charged(money(moment.cost)) }
          : { mood: 'quiet', text: words.notCharged };
      case 'moved': {
        const kind = calls.kinds[moment.kind as keyof typeof calls.kinds] ?? moment.kind;
        return { mood: 'quiet', text: words.moved(kind, money(moment.amount)) };
      }
    }
  };
}
