/** The German words of how a call’s price was checked, what was held for it, and the balance before and after. */
import type { ExplainedTexts } from './explained-en';

export const explainedDe: ExplainedTexts = {
  verdicts: {
    same: 'geht auf',
    corrected: 'später berichtigt',
    in_progress: 'im Gange',
  },
  says: {
    same: cost => `Aus seinem eigenen Datensatz neu berechnet kostet das Gespräch ${cost}, und das wurde berechnet.`,
    corrected: cost =>
      `Aus seinem eigenen Datensatz neu berechnet kostet das Gespräch ${cost}, und das wurde am Ende berechnet. Eine Berichtigung hat es später geändert.`,
    in_progress: 'Es wird berechnet, wenn es geendet hat.',
  },
  differs: 'Diese drei müssten ein Betrag sein und sind es nicht.',
  amounts: { computed: 'Neu berechnet', recorded: 'Im Datensatz des Gesprächs', charged: 'Vom Guthaben genommen' },
  whatToDo: {
    operator:
      'Prüfen Sie die Bücher: „ringfence verify“ oder eine neue Prüfung in der Verwaltung sagt, was noch nicht stimmt.',
    customer: 'Sagen Sie es Ihrem Anbieter.',
  },
  held: currency => `Dafür zurückgehalten, ${currency}`,
  holds: {
    authorised: 'Am Anfang',
    extended: 'Verlängert',
    shrunk: 'Gab anderen Gesprächen etwas ab',
  },
  heldLast: 'Zurückgehalten',
  paysFor: talk => `reicht für ${talk}`,
  atEnd: 'Am Ende: berechnet',
  givenBack: amount => `${amount} zurückgegeben`,
  nothingBack: 'nichts mehr zurückzugeben',
  longest: talk => `Wie viel Geld auch da ist, es darf ${talk} dauern: nach Dienst, Konto und Tarif.`,
  balance: currency => `Das Guthaben vorher und nachher, ${currency}`,
  noMovement: 'Kein Geld hat sich bewegt.',
};
