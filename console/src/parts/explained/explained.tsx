/** Why a call cost what it did, beside its sum: whether the price comes out again, what was held for the call, and the balance before and after. */
import { type ReactNode, useId } from 'react';
import type { CallExplained, OwnCallExplained } from '../../api/operations';
import { explainedDe } from '../../texts/explained-de';
import { type ExplainedTexts, explainedEn } from '../../texts/explained-en';
import { type Language, useReading } from '../../texts/texts';
import { lessBy, placesOf, readable, shareOf, turned } from '../amounts';
import { Note } from '../page';
import { Amount, Instant, type Mood, State } from '../shown';
import { duration } from '../times';
import classes from './explained.module.css';

const WORDS: Record<Language, ExplainedTexts> = { en: explainedEn, de: explainedDe };

const MOODS: Record<'same' | 'corrected' | 'in_progress', Mood> = {
  same: 'ours',
  corrected: 'quiet',
  in_progress: 'quiet',
};

interface ExplainedProps {
  /** Not refused: a call that was never let through held nothing. */
  call: CallExplained | OwnCallExplained;
  /** Who reads it: what to do where amounts differ is another thing for a customer. */
  reader: 'operator' | 'customer';
}

export function Explained({ call, reader }: ExplainedProps) {
  const { language } = useReading();
  const words = WORDS[language];
  return (
    <div className={classes.explained}>
      <Verdict call={call} reader={reader} words={words} />
      <Holds call={call} words={words} />
      {'cap_seconds' in call && <p className={classes.soft}>{words.longest(duration(call.cap_seconds))}</p>}
      <Movements call={call} words={words} />
    </div>
  );
}

interface PartProps {
  call: ExplainedProps['call'];
  words: ExplainedTexts;
}

function Verdict({ call, reader, words }: PartProps & Pick<ExplainedProps, 'reader'>) {
  const { language } = useReading();
  const { verdict, currency, cost, charged } = call;
  const computed = call.computed_cost ?? '0';
  const money = (amount: string) => `${readable(amount, language)} ${currency}`;
  if (verdict === 'differs') {
    const { amounts } = words;
    const three: [string, string][] = [
      [amounts.computed, computed],
      [amounts.recorded, cost],
      [amounts.charged, charged],
    ];
    return (
      <Note mood="wrong">
        {words.differs}
        <dl className={classes.three}>
          {three.map(([name, amount]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{money(amount)}</dd>
            </div>
          ))}
        </dl>
        {words.whatToDo[reader]}
      </Note>
    );
  }
  return (
    <p>
      <State mood={MOODS[verdict]}>{words.verdicts[verdict]}</State>{' '}
      {verdict === 'in_progress' ? words.says.in_progress : words.says[verdict](money(computed))}
    </p>
  );
}

/** What was held from when on, and what became of it, each with its share of the most as a bar. */
function Holds({ call, words }: PartProps) {
  const { language } = useReading();
  const id = useId();
  const { currency, cost, returned, end_at: endAt, max_cost: last } = call;
  // Events are not kept forever; what was held last is in the record.
  const holds =
    call.holds.length > 0
      ? call.holds.map(hold => ({ ...hold, what: words.holds[hold.kind] }))
      : [{ what: words.heldLast, at: null, max_cost: last, granted_seconds: call.granted_seconds }];
  const amounts = [...holds.map(hold => hold.max_cost), cost];
  const places = placesOf(amounts);
  const most = amounts.reduce((max, amount) => (lessBy(amount, max).startsWith('-') ? max : amount));
  const bar = (part: 'held' | 'spent', amount: string) => (
    <span className={classes.bar} data-part={part} style={{ width: `${shareOf(amount, most) * 100}%` }} />
  );
  const isNoneLeft = returned === null || shareOf(returned, returned) === 0;
  return (
    <>
      <p id={id} className={classes.caption}>
        {words.held(currency)}
      </p>
      <ol className={classes.holds} aria-labelledby={id}>
        {holds.map((hold, index) => (
          <Line
            // biome-ignore lint/suspicious/noArrayIndexKey: what was held does not change places, and may be twice the same
            key={index}
            what={hold.what}
            amount={<Amount value={hold.max_cost} places={places} />}
            bar={bar('held', hold.max_cost)}
            at={hold.at}
            note={words.paysFor(duration(hold.granted_seconds))}
          />
        ))}
        {endAt !== null && (
          <Line
            what={words.atEnd}
            amount={<Amount value={cost} places={places} />}
            bar={bar('spent', cost)}
            at={endAt}
            note={isNoneLeft ? words.nothingBack : words.givenBack(readable(returned, language))}
          />
        )}
      </ol>
    </>
  );
}

interface LineProps {
  what: string;
  amount: ReactNode;
  bar: ReactNode;
  /** null where it is not known any more. */
  at: string | null;
  note: string;
}

function Line({ what, amount, bar, at, note }: LineProps) {
  return (
    <li>
      <span className={classes.line}>
        <span>{what}</span>
        {amount}
      </span>
      <span className={classes.track} aria-hidden="true">
        {bar}
      </span>
      <span className={classes.soft}>
        {at !== null && (
          <>
            <Instant at={at} /> ·{' '}
          </>
        )}
        {note}
      </span>
    </li>
  );
}

function Movements({ call: { currency, end_at: endAt, movements }, words }: PartProps) {
  const { texts, language } = useReading();
  const id = useId();
  if (movements.length === 0) return endAt === null ? null : <p className={classes.soft}>{words.noMovement}</p>;
  const change = (amount: string) =>
    amount.startsWith('-') ? `− ${readable(turned(amount), language)}` : `+ ${readable(amount, language)}`;
  return (
    <>
      <p id={id} className={classes.caption}>
        {words.balance(currency)}
      </p>
      <ol className={classes.movements} aria-labelledby={id}>
        {movements.map(({ kind, created_at: at, balance_before: before, amount, balance_after: after }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries do not change places, and two may be alike
          <li key={index}>
            <span>
              {texts.statement.kinds[kind]}
              <span className={classes.soft}>
                <Instant at={at} />
              </span>
            </span>
            <span className={classes.figures}>
              {readable(before, language)} {change(amount)} = {readable(after, language)}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
