/** The German words of the pages of cards and vouchers. */
import type { CardTexts } from './cards-en';

/** How many of a batch a step left as they were. */
const unchanged = (rest: string): string =>
  rest === '0' ? '' : rest === '1' ? ' 1 blieb unverändert.' : ` ${rest} blieben unverändert.`;

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
  },
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
  of: {
    cards: {
      many: 'Karten',
      batches: 'Serien von Karten',
      lead: 'Die PIN einer Karte steht für ein Konto. Eine neue Karte kann noch nichts: Drucken und verkaufen Sie sie, und aktivieren Sie sie dann; das eröffnet ihr Konto mit ihrem Wert.',
      make: 'Karten erzeugen',
      makeSo: count => (count === '1' ? '1 Karte erzeugen' : `${count} Karten erzeugen`),
      makeLead:
        'Sie sehen die PINs einmal, auf einem Bogen zum Drucken. Die Karten können nichts, bis sie aktiviert sind.',
      worth: sum => `Wenn alle aktiviert sind, haben ihre Konten zusammen ${sum}.`,
      tooMany:
        'Mehr als 1.000 auf einmal erzeugt die Befehlszeile, die die PINs in eine Datei schreibt: ringfence card generate --out',
      noneYet:
        'Noch keine Karte. „Karten erzeugen“ macht eine Serie; mehr als 1.000 auf einmal erzeugt die Befehlszeile:',
      command: 'ringfence card generate --batch summer --count 5000 --value 10.00 --deck retail --out summer.csv',
      noBatch: 'Diese Serie von Karten gibt es nicht.',
      noneSo: 'Keine Karte dieser Serie ist in diesem Zustand.',
      find: 'Nummer einer Karte',
      notFound: serial => `Die Karte ${serial} gibt es nicht.`,
      so: (count, value) => `${count === '1' ? '1 Karte' : `${count} Karten`} zu ${value}`,
      serial: serial => `Karte ${serial}`,
      expires: 'Verfällt',
      code: 'PIN',
      sheet: (batch, count) => `${batch}: ${count === '1' ? 'die PIN' : `die PINs von ${count} Karten`}`,
      shownOnce:
        'Diese PINs werden nur dieses eine Mal gezeigt und sind nirgends gespeichert. Drucken Sie den Bogen oder behalten Sie die Datei gleich: Sie verschwinden mit dieser Seite und mit dem Ende Ihrer Sitzung. Sind sie verloren, sperren Sie die Serie und erzeugen eine andere.',
      leave: 'Sie verlassen den einzigen Ort, an dem diese PINs stehen.',
      save: 'PINs als Datei behalten',
      kept: 'Ich habe sie behalten',
      sheetHowHelp: 'eine Zeile für den Anrufer: welche Nummer er wählt',
      sheetHowExample: '030 1234567 anrufen, PIN eingeben, dann die Nummer.',
      means: {
        generated: 'Ihre PIN wird noch nicht angenommen. Aktivieren Sie sie, wenn sie verkauft ist.',
        active: 'Ihre PIN wird angenommen, und ihr Konto bezahlt die Gespräche.',
        blocked: 'Ihre PIN wird nicht angenommen, und ihr Konto beginnt kein Gespräch.',
        redeemed: '',
      },
      act: { activate: 'Karten aktivieren', block: 'Karten sperren', unblock: 'Karten entsperren' },
      actOne: {
        activate: serial => `Karte ${serial} aktivieren`,
        block: serial => `Karte ${serial} sperren`,
        unblock: serial => `Karte ${serial} entsperren`,
      },
      effect: {
        activate: (count, isExact, sum) =>
          `Eröffnet ${isExact ? '' : 'höchstens '}${count === '1' ? '1 Konto' : `${count} Konten`} mit zusammen ${sum}. Führen Sie es noch einmal aus, wird nichts doppelt gutgeschrieben. Rückgängig machen lässt es sich nicht, die Karten lassen sich aber sperren.`,
        block: (count, isExact) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 PIN wird' : `${count} PINs werden`} ab sofort nicht mehr angenommen. ${count === '1' ? 'Das Konto dazu wird' : 'Die Konten dazu werden'} gesperrt, laufende Gespräche werden beendet. „Entsperren“ macht die Sperre rückgängig; beendete Gespräche bleiben beendet.`,
        unblock: (count, isExact) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 PIN wird' : `${count} PINs werden`} wieder angenommen, und ${count === '1' ? 'das Konto, das mit ihr gesperrt wurde, ist' : 'die Konten, die mit ihnen gesperrt wurden, sind'} wieder offen. Konten, die jemand von Hand gesperrt hat, bleiben gesperrt.`,
      },
      switched: {
        activate: (changed, rest) => `${changed} aktiviert.${unchanged(rest)}`,
        block: (changed, rest) => `${changed} gesperrt.${unchanged(rest)}`,
        unblock: (changed, rest) => `${changed} entsperrt.${unchanged(rest)}`,
      },
    },
    vouchers: {
      many: 'Gutscheine',
      batches: 'Serien von Gutscheinen',
      lead: 'Der Code eines Gutscheins schreibt einem Konto seinen Wert gut, einmal. Ein neuer Gutschein kann noch nichts: Drucken und verkaufen Sie ihn, und aktivieren Sie ihn dann.',
      make: 'Gutscheine erzeugen',
      makeSo: count => (count === '1' ? '1 Gutschein erzeugen' : `${count} Gutscheine erzeugen`),
      makeLead:
        'Sie sehen die Codes einmal, auf einem Bogen zum Drucken. Die Gutscheine können nichts, bis sie aktiviert sind.',
      worth: sum => `Wenn alle aktiviert sind, können sie Konten zusammen ${sum} gutschreiben.`,
      tooMany:
        'Mehr als 1.000 auf einmal erzeugt die Befehlszeile, die die Codes in eine Datei schreibt: ringfence voucher generate --out',
      noneYet:
        'Noch kein Gutschein. „Gutscheine erzeugen“ macht eine Serie; mehr als 1.000 auf einmal erzeugt die Befehlszeile:',
      command: 'ringfence voucher generate --batch top-10 --count 5000 --value 10.00 --currency EUR --out top-10.csv',
      noBatch: 'Diese Serie von Gutscheinen gibt es nicht.',
      noneSo: 'Kein Gutschein dieser Serie ist in diesem Zustand.',
      find: 'Nummer eines Gutscheins',
      notFound: serial => `Den Gutschein ${serial} gibt es nicht.`,
      so: (count, value) => `${count === '1' ? '1 Gutschein' : `${count} Gutscheine`} zu ${value}`,
      serial: serial => `Gutschein ${serial}`,
      expires: 'Verfällt',
      code: 'Code',
      sheet: (batch, count) => `${batch}: ${count === '1' ? 'der Code' : `die Codes von ${count} Gutscheinen`}`,
      shownOnce:
        'Diese Codes werden nur dieses eine Mal gezeigt und sind nirgends gespeichert. Drucken Sie den Bogen oder behalten Sie die Datei gleich: Sie verschwinden mit dieser Seite und mit dem Ende Ihrer Sitzung. Sind sie verloren, sperren Sie die Serie und erzeugen eine andere.',
      leave: 'Sie verlassen den einzigen Ort, an dem diese Codes stehen.',
      save: 'Codes als Datei behalten',
      kept: 'Ich habe sie behalten',
      sheetHowHelp: 'eine Zeile für den Kunden: wo er ihn einlöst',
      sheetHowExample: '030 1234567 anrufen, 2 wählen und den Code eingeben.',
      means: {
        generated: 'Er kann noch nicht eingelöst werden. Aktivieren Sie ihn, wenn er verkauft ist.',
        active: 'Er kann eingelöst werden, einmal.',
        blocked: 'Er kann nicht eingelöst werden.',
        redeemed: 'Sein Geld ist auf dem Konto.',
      },
      act: { activate: 'Gutscheine aktivieren', block: 'Gutscheine sperren', unblock: 'Gutscheine entsperren' },
      actOne: {
        activate: serial => `Gutschein ${serial} aktivieren`,
        block: serial => `Gutschein ${serial} sperren`,
        unblock: serial => `Gutschein ${serial} entsperren`,
      },
      effect: {
        activate: (count, isExact, sum) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 Gutschein kann' : `${count} Gutscheine können`} ab sofort eingelöst werden, für zusammen ${sum}. Was noch nicht eingelöst ist, lässt sich sperren.`,
        block: (count, isExact) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 Gutschein kann' : `${count} Gutscheine können`} ab sofort nicht mehr eingelöst werden; schon eingelöste bleiben, wie sie sind. „Entsperren“ macht die Sperre rückgängig.`,
        unblock: (count, isExact) =>
          `${isExact ? '' : 'Höchstens '}${count === '1' ? '1 Gutschein ist' : `${count} Gutscheine sind`} wieder so wie vor der Sperre.`,
      },
      switched: {
        activate: (changed, rest) => `${changed} aktiviert.${unchanged(rest)}`,
        block: (changed, rest) => `${changed} gesperrt.${unchanged(rest)}`,
        unblock: (changed, rest) => `${changed} entsperrt.${unchanged(rest)}`,
      },
    },
  },
};
