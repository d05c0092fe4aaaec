/** The German words of the pages of prices. */
import type { PriceTexts } from './prices-en';

export const pricesDe: PriceTexts = {
  title: 'Preise',
  importList: 'Preisliste einlesen',
  exportAll: 'Als CSV ausgeben',
  deck: 'Preisliste',
  currency: 'Währung',
  rates: 'Preise',
  version: 'Fassung',
  currentSince: 'gültig seit',
  file: 'Datei',
  waits: 'wartet auf Sie',
  state: 'Zustand',
  actions: 'Aktionen',
  show: 'Zeigen',
  noDeck:
    'Noch keine Preisliste. Eine Preisliste hat eine Währung; nach einer werden Konten abgerechnet, nach einer anderen die Kosten eines Carriers.',
  noVersion: 'Diese Preisliste hat keine Fassung, nach der Gespräche abgerechnet werden.',
  versionNumber: version => `Fassung ${version}`,
  currentIs: (version, rates) => `Fassung ${version} gilt: ${rates} Preise`,
  isWaiting: version => `Fassung ${version} ist hochgeladen und wartet. Noch wird kein Gespräch nach ihr abgerechnet:`,
  goOn: 'Weiter',
  tabs: { rates: 'Preise', versions: 'Fassungen', differences: 'Unterschiede' },
  states: {
    current: 'gilt',
    waiting: 'wartet',
    earlier: 'früher',
    outdated: 'nie gültig, veraltet',
    incomplete: 'wird geladen oder gelöscht',
  },
  versionAs: (version, state) =>
    `${version} (${{ current: 'gilt', waiting: 'wartet', earlier: 'früher', outdated: 'veraltet', incomplete: 'unvollständig' }[state]})`,
  prefix: 'Vorwahl',
  anyNumber: 'jede Nummer',
  destination: 'Ziel',
  blocked: 'gesperrt',
  perMinute: 'je Minute',
  fee: 'je Verbindung',
  plusFee: fee => `+ ${fee} je Verbindung`,
  increments: 'Takt, s',
  minimum: 'mindestens',
  grace: 'frei unter, s',
  firstFree: 'anfangs frei, s',
  stepsLater: 'spätere Preise',
  stepFrom: (from, price, each) => `${price} ab ${from} s, je ${each} s`,
  longest: 'längstens',
  days: 'Tage',
  always: 'immer',
  fromDay: day => `ab ${day}`,
  untilDay: day => `bis ${day}`,
  betweenDays: (from, until) => `${from} bis ${until}`,
  ofVersion: 'Fassung',
  prefixOrName: 'Vorwahl oder Ziel',
  furtherHelp: 'Unter den durchgesehenen ist keiner. Es gibt weitere.',
  noRate: 'Diese Fassung hat keinen Preis.',
  noRateFound: 'Kein Preis ist so.',
  compare: 'Vergleichen',
  compareOf: version => `Fassung ${version} vergleichen`,
  restore: 'Wieder gültig machen',
  restoreOf: version => `Fassung ${version} wieder gültig machen`,
  restoreLead: (version, rates, current) =>
    `Fassung ${version} mit ${rates} Preisen ersetzt Fassung ${current}. Gespräche, die dann beginnen, werden nach ihr abgerechnet; laufende behalten ihren Preis. Fassung ${current} bleibt, Sie können also zurück. Das ändert sich:`,
  restoreGo: version => `Fassung ${version} gültig machen`,
  restored: (version, replaced) =>
    `Fassung ${version} gilt wieder. Fassung ${replaced} bleibt und kann ebenso wieder gültig werden.`,
  takeBack: 'Löschen',
  takeBackOf: version => `Fassung ${version} löschen`,
  takenBack: version => `Fassung ${version} ist gelöscht. Kein Gespräch wurde nach ihr abgerechnet.`,
  from: 'Von Fassung',
  to: 'Zu Fassung',
  exchange: 'Tauschen',
  oneVersion: 'Es gibt eine Fassung. Nach dem nächsten Einlesen sehen Sie hier, was sich ändert.',
  before: 'vorher',
  after: 'nachher',
  difference: 'Unterschied',
  what: 'was',
  kinds: {
    all: 'Alle',
    dearer: 'Teurer',
    cheaper: 'Billiger',
    new: 'Neu',
    gone: 'Entfallen',
    closed: 'Kein Preis mehr',
    blocked: 'Gesperrt',
    fallback: 'Fällt auf eine billigere Vorwahl zurück',
    other: 'Anderes',
  },
  changes: { new: 'neu', gone: 'entfallen', changed: 'geändert' },
  effects: {
    dearer: 'teurer',
    cheaper: 'billiger',
    same: 'gleicher Preis',
    opened: 'hat nun einen Preis',
    closed: 'kein Preis mehr',
    blocked: 'nun gesperrt',
  },
  fallsBack: prefix => `fällt auf ${prefix} zurück, billiger`,
  ratedBy: prefix => `Preis von ${prefix}`,
  feeChange: (before, after) => `je Verbindung ${before} → ${after}`,
  minimumChange: (before, after) => `mindestens ${before} → ${after}`,
  incrementsChange: (before, after) => `Takt ${before} → ${after}`,
  elseChanged: 'Name, Tage, Freizeit, freie Sekunden, spätere Preise oder längstes Gespräch',
  noRateAtAll: 'kein Preis',
  noDifference: 'Beide Fassungen haben dieselben Preise.',
  noDifferenceOfKind: 'In dieser Art unterscheidet sich nichts.',
  leave: 'Verlassen',
  another: 'Weitere Liste einlesen',
  steps: { file: '1 Datei', columns: '2 Spalten', changes: '3 Was sich ändert', done: '4 Fertig' },
  intoDeck: 'In welche Preisliste',
  intoDeckHelp: 'Aus der Datei wird eine neue Fassung dieser Liste.',
  fileIs: 'Was die Datei ist',
  fileIsFirst: 'Zuerst sagen, was die Datei ist',
  filesAre: {
    whole: 'Die ganze Liste: Was ihr fehlt, entfällt',
    changes: 'Nur Änderungen: Alle anderen Preise bleiben',
  },
  newDeck: 'Eine neue Preisliste',
  deckName: 'Name der neuen Preisliste',
  deckCurrency: 'Währung',
  deckCurrencyHelp: 'Etwa EUR. Sie kann sich später nicht ändern.',
  theFile: 'Die Datei',
  fileHelp:
    'Text mit getrennten Spalten (CSV), auch mit gzip gepackt. Speichern Sie eine Arbeitsmappe zuerst als CSV. Nichts wird gesendet, bevor Sie sehen, wie die Datei verstanden wurde, und kein Gespräch wird nach ihr abgerechnet, bevor Sie bestätigen.',
  nameFirst: 'Erst die Preisliste benennen',
  upload: deck => `In ${deck} hochladen`,
  sending: (sent, all) => `${sent} von ${all} kB gesendet:`,
  checking: 'Gesendet. Der Dienst vergleicht alle Zeilen:',
  mayLeave:
    'Sie können inzwischen andere Seiten ansehen. Nur was ganz ankommt, bleibt: Wird dieses Fenster geschlossen, bricht es ab.',
  stop: 'Abbrechen',
  linesWrong:
    'Nichts von der Datei wurde übernommen. Diese Zeilen sind falsch; berichtigen Sie sie und wählen Sie die Datei erneut.',
  line: line => `Zeile ${line}`,
  noText:
    'Das ist eine Arbeitsmappe oder eine gepackte Datei, kein Text. Speichern Sie das Blatt als CSV und wählen Sie dieses.',
  unreadable:
    'Diese Datei kann nicht gelesen werden. Vielleicht wurde sie verschoben, oder ein anderes Programm hat sie geöffnet. Prüfen Sie das, und wählen Sie sie noch einmal.',
  tooLarge:
    'Die Datei ist zu groß, um hier gezeigt zu werden. Sie wird gesendet, wie sie ist, und muss daher die Spalten von Ringfence haben: prefix, destination, price_per_minute, connect_fee, initial_increment, increment.',
  isOurs:
    'Die Spalten heißen wie die von Ringfence. Die Datei wird gesendet, wie sie ist; ist eine Zeile falsch, sehen Sie das hier.',
  emptyFile: 'Die Datei ist leer.',
  separator: 'Spalten sind getrennt durch',
  separators: { ';': 'Semikolon ;', '\t': 'Tabulator', '|': 'Strich |', ',': 'Komma ,' },
  header: 'Namen der Spalten',
  noHeader: 'nirgends: die erste Zeile ist ein Preis',
  headerLine: (line, text) => `Zeile ${line}: ${text}`,
  notices: count => (count === 1 ? '1 Zeile über der Tabelle' : `${count} Zeilen über der Tabelle`),
  columnsUnderstood: 'Spalten, wie sie verstanden wurden',
  column: place => `Spalte ${place}`,
  leaveOut: '– nicht verwendet –',
  choose: '– wählen –',
  meanings: {
    code: 'Vorwahlen',
    countryCode: 'Landesvorwahl, vor der Vorwahl',
    name: 'Ziel',
    price: 'Preis je Minute',
    secondPrice: 'ein zweiter Preis (muss derselbe sein)',
    fee: 'Preis je Verbindung',
    increments: 'Takt, etwa 60/1',
    initial: 'erster Takt, Sekunden',
    next: 'weitere Takte, Sekunden',
    minimum: 'Mindestpreis',
    grace: 'frei unter so vielen Sekunden',
    longest: 'längstes Gespräch, Sekunden',
    from: 'erster Tag',
    until: 'letzter Tag',
    change: 'Änderung (closed, removed …)',
    blocked: 'gesperrt (yes oder 1)',
    removed: 'gelöscht (yes oder 1)',
  },
  defaultIncrements: 'Takt, wo die Datei keinen hat',
  defaultIncrementsHelp: 'Erster Takt und die weiteren, in Sekunden: 60/1, 1/1, 60/60',
  incrementsUnclear: 'Schreiben Sie zwei Zahlen von Sekunden, etwa 60/1',
  hyphen: '999-71 heißt',
  hyphens: { range: 'ein Bereich, von bis', pair: 'Land und Ort, eine Vorwahl' },
  mark: 'Dezimalzeichen',
  marks: { '.': 'Punkt: 0.123', ',': 'Komma: 0,123' },
  order: '1/12/2026 ist der',
  orders: { dmy: '1. Dezember', mdy: '12. Januar' },
  otherEncoding: encoding => `Die Datei wurde als ${encoding} gelesen. Sehen Sie nach, ob ihre Namen stimmen.`,
  questions: {
    code: 'Wählen Sie die Spalte mit den Vorwahlen.',
    price: 'Wählen Sie die Spalte mit dem Preis je Minute.',
    hyphen: 'Striche zwischen Ziffern könnten Bereiche sein oder Land und Ort. Wählen Sie oben.',
    mark: 'Die Preise könnten einen Dezimalpunkt oder ein Dezimalkomma haben. Wählen Sie oben.',
    order: 'Jeder Tag könnte auch ein Monat sein. Wählen Sie oben, was zuerst steht.',
    increments: 'Manche Zeilen haben keinen Takt. Schreiben Sie oben, was für sie gilt.',
  },
  doubts: {
    currency: {
      found: 'Die Datei nennt eine andere Währung als die Preisliste:',
      todo: currency =>
        `Die Preisliste ist in ${currency}. Wählen Sie eine in der Währung der Datei, oder bestätigen Sie:`,
      confirm: currency => `Alle Preise dieser Datei sind in ${currency}`,
    },
    unit: {
      found: 'Die Datei könnte ihre Preise in einer anderen Einheit haben:',
      todo: currency =>
        `Die Preise werden als ${currency} je Minute gelesen, nicht als Cent und nicht je Sekunde oder Stunde. Rechnen Sie sie in der Datei um, oder bestätigen Sie:`,
      confirm: currency => `Alle Preise dieser Datei sind in ${currency} je Minute`,
    },
    status: {
      found: 'Diese Wörter sagen nicht klar, ob eine Zeile geschlossen ist:',
      todo: () => 'Schreiben Sie in der Datei „closed“ in geschlossene Zeilen, oder bestätigen Sie:',
      confirm: () => 'Die Preise dieser Zeilen gelten',
    },
  },
  readAsKept: 'Die Spalten werden so gelesen, wie es für diese Preisliste aufbewahrt ist, von',
  keptIsOther: 'Diese Datei hat keine der Spalten, die für diese Preisliste aufbewahrt sind, von',
  keptIsMissing: 'Nicht in dieser Datei:',
  keepFirst: 'Diese Bedeutung für die nächste Datei dieser Liste aufbewahren',
  keepThis: 'Stattdessen diese Bedeutung aufbewahren',
  forget: 'Das Aufbewahrte vergessen',
  later: count =>
    count === '1'
      ? '1 Preis beginnt an einem späteren Tag. Bis dahin bleibt der Preis, den seine Vorwahl jetzt hat. Hat sie keinen, gilt der Preis einer kürzeren Vorwahl, oder keiner: Sehen Sie in Schritt 3 unter „Fällt auf eine billigere Vorwahl zurück“ und „Kein Preis mehr“ nach.'
      : `${count} Preise beginnen an einem späteren Tag. Bis dahin bleiben die Preise, die ihre Vorwahlen jetzt haben. Wo es keinen gibt, gilt der Preis einer kürzeren Vorwahl, oder keiner: Sehen Sie in Schritt 3 unter „Fällt auf eine billigere Vorwahl zurück“ und „Kein Preis mehr“ nach.`,
  leftOut: {
    noCode: count =>
      count === 1 ? '1 Zeile hat keine Vorwahl und entfällt' : `${count} Zeilen haben keine Vorwahl und entfallen`,
    noPrice: count =>
      count === 1
        ? '1 Zeile hat keinen Preis und entfällt: Ihre Nummern haben den Preis einer kürzeren Vorwahl, wenn es eine gibt'
        : `${count} Zeilen haben keinen Preis und entfallen: Ihre Nummern haben den Preis einer kürzeren Vorwahl, wenn es eine gibt`,
    removed: count =>
      count === 1
        ? '1 Zeile ist gelöscht: Von ihrem Tag an haben ihre Nummern den Preis einer kürzeren Vorwahl, wenn es eine gibt'
        : `${count} Zeilen sind gelöscht: Von ihren Tagen an haben ihre Nummern den Preis einer kürzeren Vorwahl, wenn es eine gibt`,
    over: count =>
      count === 1 ? '1 Zeile ist abgelaufen und entfällt' : `${count} Zeilen sind abgelaufen und entfallen`,
  },
  blockedLines: count =>
    count === 1
      ? '1 Zeile ist geschlossen oder gesperrt: Anrufe dorthin werden abgelehnt, was auch immer eine kürzere Vorwahl kostet'
      : `${count} Zeilen sind geschlossen oder gesperrt: Anrufe dorthin werden abgelehnt, was auch immer eine kürzere Vorwahl kostet`,
  problems: (count, shown) =>
    count === 1
      ? '1 Zeile kann nicht gelesen werden. Berichtigen Sie sie in der Datei, oder geben Sie ihrer Spalte eine andere Bedeutung.'
      : `${shown} Zeilen können nicht gelesen werden. Berichtigen Sie sie in der Datei, oder geben Sie ihrer Spalte eine andere Bedeutung. Das sind die ersten:`,
  cellProblems: {
    exponent:
      'ist eine Zahl, die eine Tabellenkalkulation gekürzt hat: Ihre Ziffern sind verloren. Bitten Sie um die Liste als Text.',
    noDigits: 'ist keine Vorwahl: Schreiben Sie Ziffern',
    leadingZero: 'beginnt mit 0, wie keine Landesvorwahl: Schreiben Sie die Vorwahl mit der des Landes',
    halfList: 'hat Leerzeichen in der ersten Vorwahl und keine in einer späteren: Schreiben Sie jede ganz aus',
    tooLong: 'ergibt mehr als 15 Ziffern',
    rangeBackwards: 'ist kein Bereich: Die kleinere Zahl steht zuerst, mit ebenso vielen Ziffern',
    rangeTooWide: 'hat mehr als 10.000 Nummern: Schreiben Sie eine kürzere Vorwahl',
    noAmount: 'ist kein Preis',
    negative: 'ist kleiner als 0',
    tooManyDecimals: 'hat mehr als sechs Nachkommastellen',
    otherCurrency: 'ist nicht in der Währung der Preisliste',
    increments: 'ist kein Takt: Schreiben Sie etwa 60/1, ab 1',
    noSeconds: 'sind keine ganzen Sekunden',
    noDay: 'ist kein Tag',
    noYear: 'hat kein Jahr',
    twoPrices: 'sind zwei Preise, die sich unterscheiden; eine Vorwahl hat einen. Wählen Sie die Spalte, die gilt.',
    noPrice: 'hat keinen Preis',
  },
  understood: (lines, rates) => `${lines} Zeilen wurden gelesen; sie ergeben ${rates} Preise.`,
  versionOf: (version, rates) => `Fassung ${version} mit ${rates} Preisen`,
  versionGone: version =>
    `Es gibt keine Fassung ${version} dieser Preisliste: Sie wurde gelöscht oder hat länger als einen Tag gewartet.`,
  notWaiting: 'Diese Fassung wartet nicht mehr.',
  comparing:
    'Der Dienst vergleicht sie mit der gültigen Fassung. Bei einer Million Preisen dauert das etwa zehn Sekunden.',
  comparedWith: version =>
    `Verglichen mit Fassung ${version}, die gilt. Was Sie sehen, wird gültig: Wird vorher eine andere gültig, so wird das abgelehnt.`,
  isFirst: 'Sie ist die erste Fassung dieser Preisliste.',
  waitsUntil: 'Sie wartet bis',
  fates: { new: 'neue Vorwahlen', changed: 'geändert', gone: 'entfallen', unchanged: 'unverändert' },
  ratesAnyNumber: line => `Zeile ${line} hat keine Vorwahl: Sie gilt für jede Nummer, zu der keine andere passt.`,
  manyGone: ({ gone, lapsed, blocked }, shown) =>
    `${[
      gone > 0 &&
        `${gone === 1 ? '1 Vorwahl der gültigen Fassung fehlt' : `${shown(gone)} Vorwahlen der gültigen Fassung fehlen`} in dieser Datei`,
      lapsed > 0 &&
        `${lapsed === 1 ? '1 Vorwahl hat' : `${shown(lapsed)} Vorwahlen haben`} jetzt einen Preis und in dieser Datei heute keinen`,
      blocked > 0 &&
        `${blocked === 1 ? '1 Vorwahl hat' : `${shown(blocked)} Vorwahlen haben`} jetzt einen Preis und ${blocked === 1 ? 'ist' : 'sind'} in dieser Datei gesperrt`,
    ]
      .filter(part => part !== false)
      .join(
        ', und ',
      )}: mehr als ein Fünftel.${gone + lapsed > 0 ? ' Gespräche zu Vorwahlen ohne Preis haben den einer kürzeren Vorwahl. Wo es keine gibt, werden sie abgelehnt, wenn es die Preisliste eines Kontos ist; ist es die eines Trunks, sind ihre Kosten unbekannt.' : ''}${blocked > 0 ? ' Anrufe zu gesperrten Vorwahlen werden abgelehnt.' : ''}`,
  weightUnknown: 'Was sie für die Gespräche des letzten Monats ändert, ist nicht bekannt.',
  lookAnew: 'Ansehen, was sich nun ändert',
  publish: version => `Fassung ${version} gültig machen`,
  published: version => `Fassung ${version} gilt. Gespräche, die von jetzt an beginnen, werden nach ihr abgerechnet.`,
  isEarlier: version => `Fassung ${version} galt; nun gilt eine andere.`,
  undo: version => `Zurück: wieder Fassung ${version}`,
  showDeck: 'Preisliste zeigen',
  weight: 'Für die Gespräche des letzten Monats',
  byPrefix: 'Vorwahl für Vorwahl',
  noCallSince: 'Kein Gespräch wurde nach dieser Preisliste abgerechnet seit',
  weightLead: (calls, minutes) => `${calls} angenommene Gespräche mit ${minutes} Minuten seit`,
  weighedPart: minutes => `${minutes} davon wurden nachgesehen; der Rest geht an sehr viele verschiedene Nummern.`,
  weightOf: {
    dearer: 'teurer',
    cheaper: 'billiger',
    same: 'gleicher Preis',
    opened: 'hat nun einen Preis',
    closed: 'kein Preis mehr',
    blocked: 'gesperrt',
  },
  minutes: count => `${count} min`,
  talkMinutes: 'Minuten',
  costsMore: currency => `kostet mehr, ${currency}`,
  closedCalls: calls =>
    `Die Nummern von ${calls} dieser Gespräche haben keinen Preis mehr: Sie werden abgelehnt, wo es die Preisliste eines Kontos ist, und ihre Kosten sind unbekannt, wo es die eines Trunks ist.`,
  blockedCalls: calls =>
    `Die Nummern von ${calls} dieser Gespräche sind nun gesperrt: Sie werden abgelehnt, wo es die Preisliste eines Kontos ist, und ihre Kosten sind unbekannt, wo es die eines Trunks ist.`,
  weightExplain:
    'Gespräche, die nach dieser Preisliste abgerechnet wurden, und solche über Trunks, deren Kostenliste sie ist. Jedes wird nach seiner Nummer in beiden Fassungen nachgesehen, zu den Preisen von heute (UTC). Was es mehr kostet, ist das Gespräch nach dem Preis je Minute allein, ohne Verbindungspreis und Takt.',
  columnsDone: 'Verstanden und hochgeladen.',
  ratesCount: rates => `${rates} Preise`,
  comparedToday:
    'Preise je Minute, wie sie heute (UTC) sind, für eine Nummer, die mit der Vorwahl beginnt. Eine Vorwahl ohne eigenen Preis hat den der längsten kürzeren.',
};
