/** What a call cost, as a sum that can be checked. */
import type { CallShown, LiveCall } from '../../api/operations';
import { lessBy, readable, turned } from '../../parts/amounts';
import { duration } from '../../parts/times';
import { stepsIn } from '../../texts/steps';
import classes from './calls.module.css';
import { priceSum } from './price-sum';
import { type CallPageTexts, useCallReading } from './reading';
import { sumRows } from './sum-rows';

const isSome = (amount: string): boolean => /[1-9]/.test(amount);

/** The rate in words: deck, version, prefix, destination. */
function rateText(call: CallShown, { calls: { sum } }: CallPageTexts): string {
  const { rate_deck, rate_version, rate_prefix, rate_destination } = call;
  if (rate_deck === '') return sum.noDeck;
  const increments = `${call.rate_initial_increment_seconds}/${call.rate_increment_seconds}`;
  return [`${rate_deck} ${rate_version}`, rate_prefix || sum.anyNumber, rate_destination, increments]
    .filter(text => text !== '')
    .join(' · ');
}

export function Price({ call, live }: { call: CallShown; live: LiveCall | undefined }) {
  const { texts, language } = useCallReading();
  const { calls } = texts;
  const { sum: words } = calls;
  const isLive = call.end_at === null;
  const isCharged = call.answer_at !== null;
  if (call.refusal !== null) return <p>{words.refused}</p>;
  const rate = (
    <p className={classes.soft} dir="auto">
      {words.rate(rateText(call, texts))}
      {call.rate_deck !== '' && `, ${words.asItWas}`}
    </p>
  );
  const held = (
    <Row
      label={words.held}
      note={words.heldNote(duration(call.granted_seconds))}
      value={`${readable(call.max_cost, language)} ${call.currency}`}
    />
  );
  if (!isCharged) {
    return (
      <>
        {rate}
        {isLive ? (
          <table className={classes.sum}>
            <tbody>{held}</tbody>
          </table>
        ) : (
          <p>{words.unanswered}</p>
        )}
      </>
    );
  }
  const { cost, corrected, refunded, revenue, trunk_cost, trunk_currency, currency } = call;
  // A call in progress is billed when it ends; what it has cost by now is told by the service.
  const { lines, comesOut } = isLive ? { lines: [], comesOut: true } : priceSum(call);
  const total = isLive ? (live?.spent ?? cost) : cost;
  const { rows, shown } = sumRows(lines, [total], texts, language);
  const isChanged = isSome(corrected) || isSome(refunded);
  return (
    <>
      {rate}
      <table className={classes.sum} aria-label={calls.price}>
        <tbody>
          {rows.map(({ label, value, kind }) => (
            <Row key={label} label={label} value={value} kind={kind} />
          ))}
          <Row label={isLive ? words.soFar : words.cost} value={`${shown[0]} ${currency}`} kind="total" />
          {isSome(corrected) && <Row label={words.corrected} value={readable(turned(corrected), language)} />}
          {isSome(refunded) && <Row label={words.refunded} value={readable(turned(refunded), language)} />}
          {isChanged && <Row label={words.remains} value={`${readable(revenue, language)} ${currency}`} kind="total" />}
          {isLive && held}
          {trunk_cost !== null && (
            <Row label={words.carrier} value={`${readable(trunk_cost, language)} ${trunk_currency ?? ''}`} kind="sub" />
          )}
          {trunk_cost !== null && trunk_currency === currency && (
            <Row label={words.margin} value={`${readable(lessBy(revenue, trunk_cost), language)} ${currency}`} />
          )}
        </tbody>
      </table>
      {!comesOut && <p className={classes.differs}>{words.otherSum}</p>}
      {call.steps.length > 0 && (
        <details className={classes.more}>
          <summary>{calls.steps}</summary>
          <dl className={classes.facts}>
            {stepsIn(call.steps, language).map(({ subject, text }) => [
              <dt key={`${subject} name`}>{subject}</dt>,
              <dd key={subject} dir="auto">
                {text}
              </dd>,
            ])}
          </dl>
        </details>
      )}
    </>
  );
}

interface RowProps {
  label: string;
  value: string;
  note?: string;
  kind?: 'part' | 'sub' | 'total';
}

function Row({ label, value, note, kind = 'part' }: RowProps) {
  return (
    <tr data-line={kind}>
      <th scope="row">
        {label}
        {note && <small>{note}</small>}
      </th>
      <td>{value}</td>
    </tr>
  );
}
