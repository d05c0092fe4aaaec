/** The steps of a price, in German. */
import type { StepFacts, StepTexts } from './steps-en';

const validity = ({ from, until }: StepFacts): string => {
  if (from === undefined) return until === undefined ? '' : `, gültig bis ${until}`;
  return until === undefined ? `, gültig ab ${from}` : `, gültig von ${from} bis ${until}`;
};
const anyNumber = ({ prefix }: StepFacts): string => prefix || 'jede Nummer';
const overdue = ({ others, day }: StepFacts): string =>
  others === undefined ? '' : `; am ${day} nicht gültig: ${others}`;

export const stepsDe: StepTexts = {
  number_invalid: f => ['Nummer', `„${f.dialled}“ ist keine Nummer. Schreiben Sie Ziffern, mit + oder 00 davor.`],
  number: f => ['Nummer', f.digits ?? ''],
  number_stripped: f => ['Nummer', `${f.dialled} ist ohne die internationale Vorwahl ${f.digits}`],
  emergency: () => ['Notruf', 'eine Notrufnummer: kostenlos und nie abgewiesen'],
  deck: f => ['Preisliste', `${f.deck}, Fassung ${f.version}, in ${f.currency}`],
  day: f => ['Tag', `${f.day} in ${f.zone}, der Zeitzone des Kontos`],
  rate: f => [
    'Preis',
    `${f.deck === undefined ? '' : `${f.deck}, Fassung ${f.version}, `}${f.destination === undefined ? '' : `${anyNumber(f)}, ${f.destination}, `}wie er bei Beginn des Gesprächs war`,
  ],
  prefix: f => ['Vorwahl', `${anyNumber(f)}, ${f.destination}, die längste, die passt${validity(f)}${overdue(f)}`],
  prefix_none: () => ['Vorwahl', 'kein Preis für diese Nummer: Ein solches Gespräch wird abgewiesen'],
  prefix_not_valid: f => [
    'Vorwahl',
    `am ${f.day} gilt kein Preis (${f.others?.replace('any number', 'jede Nummer')}): Ein solches Gespräch wird abgewiesen`,
  ],
  prefix_of_other_currency: f => ['Vorwahl', `der Preis ist in ${f.known}, nicht in ${f.currency}`],
  blocked: () => ['Gesperrt', 'Anrufe zu diesen Nummern werden abgewiesen, was auch immer eine kürzere Vorwahl kostet'],
  markup: f => [
    'Aufschlag',
    `${f.deck === undefined ? '' : `die Zeile ist aus ${f.deck}, Fassung ${f.version}; `}zu ihren Beträgen kommt ${f.markups || 'nichts'}`,
  ],
  talk: f => ['Gespräch', `${f.seconds} s, ganze Sekunden ohne den Rest, wie Asterisk zählt`],
  grace_none: () => ['Freie Zeit', 'keine'],
  grace_passed: f => ['Freie Zeit', `${f.seconds} s sind nicht weniger als die freien ${f.grace} s`],
  grace_within: f => [
    'Freie Zeit',
    `${f.seconds} s sind weniger als die freien ${f.grace} s: Das Gespräch kostet nichts`,
  ],
  schedule: f => ['Tageszeit', `${f.schedule}: seine Zeile gilt, wenn der Anruf beginnt`],
  schedule_none: () => ['Tageszeit', 'kein Zeitplan gilt, wenn der Anruf beginnt: es gilt die Zeile ohne Zeitplan'],
  answered_within: f => [
    'Annahme',
    `binnen ${f.seconds} s möglich: der längste Anruf und was zurückgehalten wird, gelten für jede dieser Sekunden`,
  ],
  period: f => [`ab ${f.from} s`, `andere Preise nach der Tageszeit, um ${f.at}`],
  free_seconds: f => ['Freie Sekunden', `die ersten ${f.seconds} s werden nicht berechnet`],
  free_seconds_whole: f => ['Freie Sekunden', `die ersten ${f.seconds} s werden nicht berechnet: das ganze Gespräch`],
  increments_from: f => [`Takt ab ${f.from} s`, `${f.initial}/${f.increment}: ${f.seconds} s`],
  increments_cut: f => [
    `Takt ab ${f.from} s`,
    `${f.initial}/${f.increment}: ${f.seconds} s, bis zum Beginn des nächsten Preises`,
  ],
  increments: f => [
    'Takt',
    `${f.initial}/${f.increment}: die ersten ${f.initial} s ganz${f.more === '0' ? '' : `, dann ${f.more}-mal ${f.increment} s`}`,
  ],
  billed: f => ['Berechnet', `${f.seconds} s`],
  talk_price: f => ['Gesprächspreis', `${f.price} je Minute × ${f.seconds} / 60 = ${f.amount}`],
  talk_price_from: f => [`Gesprächspreis ab ${f.from} s`, `${f.price} je Minute × ${f.seconds} / 60 = ${f.amount}`],
  connect_fee: f => ['Verbindungsgebühr', `${f.fee}, zusammen ${f.amount}`],
  rounding_even: f => ['Rundung', `geht auf: ${f.amount}`],
  rounded_up: f => ['Rundung', `einmal auf zum Millionstel: ${f.amount}`],
  minimum_none: () => ['Mindestpreis', 'keiner'],
  minimum_not_more: f => ['Mindestpreis', `${f.minimum} ist nicht mehr`],
  minimum_charged: f => ['Mindestpreis', `${f.minimum} ist mehr und wird berechnet`],
  cost: f => ['Kosten', `${f.amount} ${f.currency}`],
  charged_as_held: f => ['Abgebucht', `${f.amount} ${f.currency}: nie mehr, als für das Gespräch zurückgelegt war`],
  longest_of_service: f => ['Längstes Gespräch', `${f.seconds} s, die Grenze des Dienstes`],
  longest_of_account: f => ['Längstes Gespräch', `${f.seconds} s, die eigene Grenze des Kontos`],
  longest_of_rate: f => ['Längstes Gespräch', `${f.seconds} s, die eigene Grenze des Preises`],
  longest_of_max_time: f => ['Längstes Gespräch', `${f.seconds} s, was von der Gesprächszeit des Kontos übrig ist`],
  longest_of_money: f => [
    'Längstes Gespräch',
    `${f.seconds} s, so lange reichen die verfügbaren ${f.available} ${f.currency}`,
  ],
  longest_none_money: f => [
    'Längstes Gespräch',
    `keines: Verfügbar ist ${f.available} ${f.currency}, und die ersten ${f.initial} s kosten ${f.amount}`,
  ],
  longest_none_time: () => [
    'Längstes Gespräch',
    'keines: Was von der Gesprächszeit des Kontos übrig ist, halten die laufenden Gespräche',
  ],
  held: f => ['Zurückgelegt', `${f.amount} ${f.currency}, die Kosten von ${f.seconds} s ohne freie Zeit`],
  held_slice: f => [
    'Zurückgelegt',
    `${f.amount} ${f.currency}, die Kosten von ${f.seconds} s ohne freie Zeit, ein erster Teil; mehr folgt, bevor er aufgebraucht ist, soweit andere Gespräche es übrig lassen`,
  ],
};
