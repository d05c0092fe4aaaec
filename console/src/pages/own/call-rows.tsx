/** Calls of the customer as rows. Each opens in its place. */

import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { told } from '../../api/ask';
import { type OwnCall, type OwnCallExplained, ownExplanation } from '../../api/operations';
import { turned } from '../../parts/amounts';
import { Explained } from '../../parts/explained/explained';
import { Asked } from '../../parts/page';
import { Amount, Instant } from '../../parts/shown';
import { duration } from '../../parts/times';
import type { OwnTexts } from '../../texts/own-en';
import classes from './own.module.css';
import { keyOfLine, linesOf } from './price-sum';
import { Steps, Sum, SumLine } from './sum';
import { useWords } from './words';

/** How a call came out, in words. */
export const outcomeOf = (own: OwnTexts, { refusal, disposition }: Pick<OwnCall, 'refusal' | 'disposition'>) => {
  if (refusal !== null) return own.refused(own.refusals[refusal]);
  return disposition === null ? own.inProgress : own.dispositions[disposition];
};

/** A number as it is: a stranger may have chosen it. */
export function PhoneNumber({ children }: { children: string }) {
  const own = useWords();
  return children === '' ? (
    <span>{own.hiddenNumber}</span>
  ) : (
    <span className={classes.number} dir="ltr">
      {children}
    </span>
  );
}

interface CallRowProps {
  call: OwnCall;
  isOpen: boolean;
  onToggle: () => void;
}

export function CallRow({ call, isOpen, onToggle }: CallRowProps) {
  const own = useWords();
  const id = useId();
  const { dst, rate_destination: destination, start_at: at, answer_at: answeredAt, billsec, cost } = call;
  return (
    <li>
      <button type="button" className={classes.row} aria-expanded={isOpen} aria-controls={id} onClick={onToggle}>
        <span className={classes.line}>
          <span>
            <PhoneNumber>{dst}</PhoneNumber>
            {destination !== '' && (
              <>
                {' · '}
                <span dir="auto">{destination}</span>
              </>
            )}
          </span>
          <Amount value={cost} />
        </span>
        <span className={classes.line}>
          <Instant at={at} />
          <span>{answeredAt !== null && call.end_at !== null ? duration(billsec) : outcomeOf(own, call)}</span>
        </span>
      </button>
      <div id={id} className={isOpen ? classes.opened : undefined}>
        {isOpen && <Opened uniqueid={call.uniqueid} />}
      </div>
    </li>
  );
}

/** One call, its price step by step, what it held and what it did to the balance. */
export const useOwnCall = (uniqueid: string) =>
  useQuery({ queryKey: ['own', 'call', uniqueid], queryFn: () => told(ownExplanation({ uniqueid })) });

function Opened({ uniqueid }: { uniqueid: string }) {
  return <Asked query={useOwnCall(uniqueid)}>{call => <CallFacts call={call} />}</Asked>;
}

/** A call with its price as a sum. */
function CallFacts({ call }: { call: OwnCallExplained }) {
  const own = useWords();
  const { calls } = own;
  return (
    <>
      <dl className={classes.facts}>
        <dt>{calls.caller}</dt>
        <dd>
          <PhoneNumber>{call.src}</PhoneNumber>
        </dd>
        <dt>{calls.outcome}</dt>
        <dd>{outcomeOf(own, call)}</dd>
        <dt>{calls.began}</dt>
        <dd>
          <Instant at={call.start_at} />
        </dd>
        {call.answer_at !== null && (
          <>
            <dt>{calls.answered}</dt>
            <dd>
              <Instant at={call.answer_at} />
            </dd>
          </>
        )}
        {call.end_at !== null && (
          <>
            <dt>{calls.ended}</dt>
            <dd>
              <Instant at={call.end_at} />
            </dd>
          </>
        )}
        {call.answer_at !== null && call.end_at !== null && (
          <>
            <dt>{calls.talked}</dt>
            <dd>{duration(call.billsec)}</dd>
          </>
        )}
      </dl>
      <Price call={call} />
      {call.refusal === null && <Explained call={call} reader="customer" />}
    </>
  );
}

function Price({ call }: { call: OwnCallExplained }) {
  const own = useWords();
  const { calls } = own;
  if (call.end_at === null) return <p>{calls.notEnded}</p>;
  if (call.answer_at === null) return <p>{calls.noPrice}</p>;
  const { currency, cost, corrected, refunded, revenue } = call;
  const isGiven = [corrected, refunded].filter(amount => !isNothing(amount)).length > 0;
  return (
    <>
      <h2 className={classes.sub}>{calls.priceTitle}</h2>
      <Sum caption={calls.priceTitle} currency={currency}>
        {linesOf(call, call.billsec, call.billed_seconds, cost).map(line => (
          <SumLine key={keyOfLine(line)} line={line} />
        ))}
        <tr data-total="">
          <th scope="row">{calls.cost}</th>
          <td>
            <Amount value={cost} />
          </td>
        </tr>
        {[
          { what: calls.corrected, amount: corrected },
          { what: calls.refunded, amount: refunded },
        ]
          .filter(({ amount }) => !isNothing(amount))
          .map(({ what, amount }) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>
                <Amount value={turned(amount)} />
              </td>
            </tr>
          ))}
        {isGiven && (
          <tr data-total="">
            <th scope="row">{calls.remains}</th>
            <td>
              <Amount value={revenue} />
            </td>
          </tr>
        )}
      </Sum>
      <p className={classes.small}>
        {calls.increments(call.rate_initial_increment_seconds, call.rate_increment_seconds)}
      </p>
      <Steps summary={calls.steps} steps={call.steps} />
    </>
  );
}

const isNothing = (amount: string): boolean => /^-?0*(\.0*)?$/.test(amount);
