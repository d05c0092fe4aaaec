/** The German words of the pages of cards and vouchers. */
import type { CardTexts } from './cards-en';
import type { TranslatedField } from './en';

/** How many of a batch a step left as they were. */
const unchanged = (rest: string): string =>
  rest === '0' ? '' : rest === '1' ? ' 1 blieb unverändert.' : ` ${rest} blieben unverändert.`;

interface Nouns {
  one: string;
  many: string;
  /** Behind „von“. */
  ofMany: string;
  /** Behind „Nummer“. */
  ofOne: string;
  no: string;
  /** As what is missing: „Die Karte 17 gibt es nicht“. */
  the: string;
  /** What is secret of one. */
  code: string;
  theCode: string;
  codes: string;
  command: 'card' | 'voucher';
}

/** What is said alike of cards and of vouchers. */
function ofBoth({ one, many, ofMany, ofOne, no, the, code, theCode, codes, command }: Nouns) {
  const counted = (count: string) => (count === '1' ? `1 ${one}` : `${count} ${many}`);
  return {
    many,
    batches: `Serien von ${ofMany}`,
    make: `${many} erzeugen`,
    makeSo: (count: string) => `${counted(count)} erzeugen`,
    makeLead: `Sie sehen die ${codes} einmal, auf einem Bogen zum Drucken. Die ${many} können nichts, bis sie aktiviert sind.`,
    tooMany: `Mehr als 1.000 auf einmal erzeugt die Befehlszeile, die die ${codes} in eine Datei schreibt: ringfence ${command} generate --out`,
    noneYet: `Noch ${no} ${one}. „${many} erzeugen“ macht eine Serie; mehr als 1.000 auf einmal erzeugt die Befehlszeile:`,
    noBatch: `Diese Serie von ${ofMany} gibt es nicht.`,
    noneSo: `${no.charAt(0).toUpperCase()}${no.slice(1)} ${one} dieser Serie ist in diesem Zustand.`,
    find: `Nummer ${ofOne}`,
    notFound: (serial: string) => `${the} ${serial} gibt es nicht.`,
    so: (count: string, value: string) => `${counted(count)} zu ${value}`,
    serial: (serial: string) => `${one} ${serial}`,
    code,
    sheet: (batch: string, count: string) =>
      `${batch}: ${count === '1' ? theCode : `die ${codes} von ${count} ${ofMany}`}`,
    shownOnce: `Diese ${codes} werden nur dieses eine Mal gezeigt und sind nirgends gespeichert. Drucken Sie den Bogen oder behalten Sie die Datei gleich: Sie verschwinden mit dieser Seite. Sind sie verloren, sperren Sie die Serie und erzeugen eine andere.`,
    leave: `Sie verlassen den einzigen Ort, an dem diese ${codes} stehen.`,
    save: `${codes} als Datei behalten`,
    act: { activate: `${many} aktivieren`, block: `${many} sperren`, unblock: `${many} entsperren` },
    actOne: {
      activate: (serial: string) => `${one} ${serial} aktivieren`,
      block: (serial: string) => `${one} ${serial} sperren`,
      unblock: (serial: string) => `${one} ${serial} entsperren`,
    },
  };
}

const CARD: Nouns = {
  one: 'Karte',
  many: 'Karten',
  ofMany: 'Karten',
  ofOne: 'einer Karte',
  no: 'keine',
  the: 'Die Karte',
  code: 'PIN',
  theCode: 'die PIN',
  codes: 'PINs',
  command: 'card',
};

const VOUCHER: Nouns = {
  one: 'Gutschein',
  many: 'Gutscheine',
  ofMany: 'Gutscheinen',
  ofOne: 'eines Gutscheins',
  no: 'kein',
  the: 'Den Gutschein',
  code: 'Code',
  theCode: 'der Code',
  codes: 'Codes',
  command: 'voucher',
};

export const cardsDe: CardTexts = {
  title: 'Karten und Gutscheine',
  kind: 'Art',
  batch: 'Serie',
  value: 'Wert',
  count: 'Anzahl',
  serials: 'Nummern',
  fromTo: (from, to) => `${from} bis ${to}`,
  deck: 'Preisliste',
  currency: 'Währung',
  made: 'Erzeugt',
  never: 'nie',
  state: 'Zustand',
  account: 'Konto',
  noAccount: 'noch keins',
  accountHelp: 'der Code des Kontos',
  balance: 'Guthaben',
  firstUsed: 'Zuerst benutzt',
  lastUsed: 'Zuletzt benutzt',
  activatedAt: 'Aktiviert',
  expiresDays: 'Nach der ersten Nutzung',
  days: days => (days === 1 ? '1 Tag' : `${days} Tage`),
  redeemedFor: 'Eingelöst für',
  redeemedAt: 'Eingelöst',
  serialHead: 'Nummer',
  status: { generated: 'nicht aktiviert', active: 'aktiv', blocked: 'gesperrt', redeemed: 'eingelöst' },
  act: { activate: 'Aktivieren', block: 'Sperren', unblock: 'Entsperren' },
  open: 'Öffnen',
  newestOnly: (shown, total) =>
    `Das sind die neuesten ${shown} von ${total} Serien. Zu älteren führt die Nummer einer Karte oder eines Gutscheins.`,
  fromSerial: 'Von Nummer',
  fromSerialHelp: 'leer: ab der ersten der Serie',
  toSerial: 'Bis Nummer',
  toSerialHelp: 'leer: bis zur letzten der Serie',
  progress: (done, count) =>
    `${done} von ${count}. Verlassen Sie die Seite, wird nur der begonnene Teil noch fertig; führen Sie es noch einmal aus, geht es dort weiter.`,
  making: 'Die Codes werden gehasht. Tausend dauern etwa zehn Sekunden.',
  fields: {
    batch: { label: 'Name der Serie', help: 'ein neuer Name' },
    count: { label: 'Wie viele', help: 'höchstens 1.000 auf einmal' },
    value: { label: 'Wert je Stück', help: 'Guthaben, das jede bringt' },
    deck: { label: 'Preisliste', help: 'nach der die Gespräche berechnet werden' },
    currency: { label: 'Währung', help: 'die des Wertes; das Konto muss dieselbe haben' },
    pin_digits: { label: 'Ziffern der PIN', help: '10 bis 16; leer: 12' },
    code_digits: { label: 'Ziffern des Codes', help: '10 bis 16; leer: 12' },
    expires: { label: 'Verfällt', help: 'ab dann unbrauchbar' },
    expires_days: {
      label: 'Tage nach der ersten Nutzung',
      help: 'so viele Tage nach der ersten Nutzung beginnt kein Gespräch mehr',
    },
  } satisfies Record<string, TranslatedField>,
  print: 'Drucken',
  sheetName: 'Ihr Name',
  sheetNameHelp: 'steht auf jedem Stück',
  sheetHow: 'So wird es benutzt',
  goodUntil: day => `gültig bis ${day}`,
  goodDays: days => `${days === 1 ? 'einen Tag' : `${days} Tage`} ab der ersten Nutzung gültig`,
  redeem: 'Gutschein einlösen',
  redeemGo: 'Einlösen',
  redeemLead: 'Schreibt den Wert eines Gutscheins einem Konto gut, einmal, wenn ein Kunde Ihnen den Code vorliest.',
  codeHelp: 'wie er gedruckt ist; Leerzeichen sind gleichgültig',
  redeemed: (serial, sum, balance, available) =>
    `Gutschein ${serial} brachte ${sum}. Guthaben ${balance}, verfügbar ${available}. Konto:`,
  expires: 'Verfällt',
  kept: 'Ich habe sie behalten',
  switched: {
    activate: (changed, rest) => `${changed} aktiviert.${unchanged(rest)}`,
    block: (changed, rest) => `${changed} gesperrt.${unchanged(rest)}`,
    unblock: (changed, rest) => `${changed} entsperrt.${unchanged(rest)}`,
  },
  of: {
    cards: {
      ...ofBoth(CARD),
      lead: 'Die PIN einer Karte steht für ein Konto. Eine neue Karte kann noch nichts: Drucken und verkaufen Sie sie, und aktivieren Sie sie dann; das eröffnet ihr Konto mit ihrem Wert.',
      worth: sum => `Wenn alle aktiviert sind, haben ihre Konten zusammen ${sum}.`,
      command: 'ringfence card generate --batch summer --count 5000 --value 10.00 --deck retail --out summer.csv',
      sheetHowHelp: 'eine Zeile für den Anrufer: welche Nummer er wählt',
      sheetHowExample: '030 1234567 anrufen, PIN eingeben, dann die Nummer.',
      means: {
        generated: 'Ihre PIN wird noch nicht angenommen. Aktivieren Sie sie, wenn sie verkauft ist.',
        active: 'Ihre PIN wird angenommen, und ihr Konto bezahlt die Gespräche.',
        blocked: 'Ihre PIN wird nicht angenommen, und ihr Konto beginnt kein Gespräch.',
        redeemed: '',
      },
      effect: {
        activate: (count, isExact, sum) =>
          `Eröffnet ${isExact ? '' : 'höchstens '}${count === '1' ? '1 Konto' : `${count} Konten`} mit zusammen ${sum}. Führen Sie es noch einmal aus, wird nichts doppelt gutgeschrieben. Rückgängig machen lässt es sich nicht, die Karten lassen sich aber sperren.`,
        block: (count, isExact) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 PIN wird' : `${count} PINs werden`} ab sofort nicht mehr angenommen. ${count === '1' ? 'Das Konto dazu wird' : 'Die Konten dazu werden'} gesperrt, laufende Gespräche werden beendet. „Entsperren“ macht die Sperre rückgängig; beendete Gespräche bleiben beendet.`,
        unblock: (count, isExact) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 PIN wird' : `${count} PINs werden`} wieder angenommen, und ${count === '1' ? 'das Konto, das mit ihr gesperrt wurde, ist' : 'die Konten, die mit ihnen gesperrt wurden, sind'} wieder offen. Konten, die jemand von Hand gesperrt hat, bleiben gesperrt.`,
      },
    },
    vouchers: {
      ...ofBoth(VOUCHER),
      lead: 'Der Code eines Gutscheins schreibt einem Konto seinen Wert gut, einmal. Ein neuer Gutschein kann noch nichts: Drucken und verkaufen Sie ihn, und aktivieren Sie ihn dann.',
      worth: sum => `Wenn alle aktiviert sind, können sie Konten zusammen ${sum} gutschreiben.`,
      command: 'ringfence voucher generate --batch top-10 --count 5000 --value 10.00 --currency EUR --out top-10.csv',
      sheetHowHelp: 'eine Zeile für den Kunden: wo er ihn einlöst',
      sheetHowExample: '030 1234567 anrufen, 2 wählen und den Code eingeben.',
      means: {
        generated: 'Er kann noch nicht eingelöst werden. Aktivieren Sie ihn, wenn er verkauft ist.',
        active: 'Er kann eingelöst werden, einmal.',
        blocked: 'Er kann nicht eingelöst werden.',
        redeemed: 'Sein Geld ist auf dem Konto.',
      },
      effect: {
        activate: (count, isExact, sum) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 Gutschein kann' : `${count} Gutscheine können`} ab sofort eingelöst werden, für zusammen ${sum}. Was noch nicht eingelöst ist, lässt sich sperren.`,
        block: (count, isExact) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 Gutschein kann' : `${count} Gutscheine können`} ab sofort nicht mehr eingelöst werden; schon eingelöste bleiben, wie sie sind. „Entsperren“ macht die Sperre rückgängig.`,
        unblock: (count, isExact) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 Gutschein ist' : `${count} Gutscheine sind`} wieder so wie vor der Sperre.`,
      },
    },
  },
};
