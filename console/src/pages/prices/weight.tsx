/** What a version changes for calls that were made: their talk of the last month, by what becomes of its price. */
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { told } from '../../api/ask';
import { type DeckMove, type DeckWeight, deckWeigh } from '../../api/operations';
import { placesOf, readable } from '../../parts/amounts';
import { Asked, Note } from '../../parts/page';
import { Amount, Instant, State } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useReading } from '../../texts/texts';
import { deckKey } from './deck-query';
import classes from './prices.module.css';
import { MOODS, Signed } from './signed';
import { useWords } from './words';

/** Those that matter. */
const SHOWN = 20;

interface WeightProps {
  deck: string;
  version: number;
  against: number;
}

/** What a version changes for calls against another one. It is asked once, however many components want it. */
export const useWeight = (deck: string, version: number, against: number, isWanted = true) =>
  useQuery({
    queryKey: [...deckKey(deck), 'weight', version, against],
    queryFn: ({ signal }) => told(deckWeigh({ deck, version, against }, { signal })),
    enabled: isWanted,
    // It reads a month of calls.
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  });

export function Weight({ deck, version, against }: WeightProps) {
  const words = useWords();
  const query = useWeight(deck, version, against);
  return (
    <section className={classes.weight} aria-label={words.weight}>
      <h2 className={classes.subhead}>{words.weight}</h2>
      <Asked query={query}>{weight => <Weighed weight={weight} />}</Asked>
    </section>
  );
}

function Weighed({ weight }: { weight: DeckWeight }) {
  const { language } = useReading();
  const words = useWords();
  const { calls, talk_seconds: seconds, weighed_seconds: weighed, effects, moves, since, currency } = weight;
  if (calls === 0) {
    return (
      <p className={classes.lead}>
        {words.noCallSince} <Instant at={since} />.
      </p>
    );
  }
  const minutes = (count: number) => Math.ceil(count / 60).toLocaleString(language);
  const closed = effects.find(({ effect }) => effect === 'closed');
  const blocked = effects.find(({ effect }) => effect === 'blocked');
  const there = effects.filter(each => each.calls > 0);
  return (
    <>
      <p className={classes.lead}>
        {words.weightLead(calls.toLocaleString(language), minutes(seconds))} <Instant at={since} />.
        {weighed < seconds && ` ${words.weighedPart(minutes(weighed))}`}
      </p>
      <dl className={classes.counts}>
        {there.map(({ effect, talk_seconds: talk, difference }) => (
          <div key={effect}>
            <dt>{words.weightOf[effect]}</dt>
            <dd>{words.minutes(minutes(talk))}</dd>
            {(effect === 'dearer' || effect === 'cheaper') && (
              <span className={classes.beside}>
                {difference.startsWith('-') ? '' : '+'}
                {readable(difference, language)} {currency}
              </span>
            )}
          </div>
        ))}
      </dl>
      {closed && closed.calls > 0 && (
        <Note mood="wrong">{words.closedCalls(closed.calls.toLocaleString(language))}</Note>
      )}
      {blocked && blocked.calls > 0 && (
        <Note mood="wrong">{words.blockedCalls(blocked.calls.toLocaleString(language))}</Note>
      )}
      {moves.length > 0 && <Moves deck={weight.deck} moves={moves.slice(0, SHOWN)} currency={currency} />}
      <p className={classes.explain}>{words.weightExplain}</p>
    </>
  );
}

function Moves({ deck, moves, currency }: { deck: string; moves: readonly DeckMove[]; currency: string }) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const price = placesOf(moves.flatMap(({ price_before: was, price_after: is }) => [was ?? '0', is ?? '0']));
  const change = placesOf(moves.map(({ difference }) => difference ?? '0'));
  const minutes = ({ talk_seconds: talk }: DeckMove) => Math.ceil(talk / 60).toLocaleString(language);
  const prefix = (text: string | null) => (text === null ? words.noRateAtAll : text || words.anyNumber);
  const prefixes = ({ rated_by_before: was, rated_by_after: is }: DeckMove) => (
    <span className={classes.prefix}>{was === is ? prefix(was) : `${prefix(was)} → ${prefix(is)}`}</span>
  );
  const amount = (value: string | null, ratedBy: string | null) =>
    value === null ? (
      <span className={classes.noRate}>{ratedBy === null ? words.noRateAtAll : words.blocked}</span>
    ) : (
      <Amount value={value} places={price} />
    );
  const difference = (move: DeckMove) =>
    move.difference === null ? common.none : <Signed amount={move.difference} places={change} />;
  const what = ({ deck: of, effect, falls_back: fallsBack, rated_by_after: is }: DeckMove) => (
    <span className={classes.what}>
      <State mood={MOODS[effect]}>{words.effects[effect]}</State>
      {of !== deck && (
        <span className={classes.beside}>
          {words.callsOf} <bdi>{of}</bdi>
        </span>
      )}
      {fallsBack && <State mood="wrong">{words.fallsBack(prefix(is))}</State>}
    </span>
  );
  const wide: Column<DeckMove>[] = [
    { head: words.prefix, cell: prefixes },
    { head: words.destination, cell: move => <Clipped>{move.destination}</Clipped> },
    { head: words.talkMinutes, cell: minutes, isFigure: true },
    { head: words.before, cell: move => amount(move.price_before, move.rated_by_before), isFigure: true },
    { head: words.after, cell: move => amount(move.price_after, move.rated_by_after), isFigure: true },
    { head: words.costsMore(currency), cell: difference, isFigure: true },
    { head: words.what, cell: what },
  ];
  const narrow: Column<DeckMove>[] = [
    {
      head: words.prefix,
      cell: move => (
        <div className={classes.card}>
          {prefixes(move)}
          <Clipped>{move.destination}</Clipped>
          {what(move)}
        </div>
      ),
    },
    {
      head: words.costsMore(currency),
      isFigure: true,
      cell: move => (
        <div className={classes.card}>
          {difference(move)}
          <span>{words.minutes(minutes(move))}</span>
        </div>
      ),
    },
  ];
  return (
    <Rows
      caption={words.weight}
      columns={isNarrow ? narrow : wide}
      rows={moves}
      keyOf={move => `${move.deck} ${move.rated_by_before} ${move.rated_by_after}`}
    />
  );
}
