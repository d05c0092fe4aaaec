/** What the API refuses, in German. */
import type { Facts, RefusalTexts } from './refusals-en';

const named = (text: string | undefined): string => (text === undefined ? '' : ` „${text}“`);
const bare = (text: string | undefined): string => (text === undefined ? '' : ` ${text}`);
const money = (amount: string | undefined, { currency }: Facts): string => `${amount}${bare(currency)}`;

export const refusalsDe: RefusalTexts = {
  refusals: {
    account_closed: f => `Das Konto${named(f.accountcode)} ist geschlossen. Öffnen Sie es zuerst wieder.`,
    account_exists: f => `Das Konto${named(f.accountcode)} gibt es schon. Wählen Sie einen anderen Namen.`,
    account_is_pool: f => `Das Konto${named(f.accountcode)} ist ein Pool: Er hat kein eigenes Geld und keinen Kunden.`,
    account_not_found: f => `Das Konto${named(f.accountcode)} gibt es nicht.`,
    amount_not_positive: f =>
      f.amount === undefined ? 'Der Betrag ist zu klein.' : `Der Betrag ${f.amount} ist zu klein.`,
    answer_not_kept: () =>
      'Es wurde getan. Das Geheimnis wurde einmal gezeigt und wird nicht aufbewahrt: Erzeugen Sie ein neues.',
    answers_unread: () =>
      'Der Dienst ist mit dem Senden von Antworten ausgelastet. Versuchen Sie es gleich noch einmal.',
    api_key_exists: f =>
      `Den Schlüssel${named(f.key)} gibt es schon. Wählen Sie einen anderen Namen, oder geben Sie ihm ein neues Geheimnis.`,
    api_key_not_found: f => `Den Schlüssel${named(f.key)} oder dieses Geheimnis von ihm gibt es nicht.`,
    api_key_rotating: f => `Der Schlüssel${named(f.key)} hat schon zwei Geheimnisse. Widerrufen Sie zuerst das ältere.`,
    approval_decided: f => `Über die Anfrage${bare(f.approval)} ist schon entschieden${f.by ? `, von ${f.by}` : ''}.`,
    approval_expired: f => `Die Anfrage${bare(f.approval)} ist abgelaufen. Stellen Sie sie noch einmal.`,
    approval_not_found: f => `Die Anfrage${bare(f.approval)} gibt es nicht.`,
    approval_of_another: f =>
      `Die Anfrage${bare(f.approval)} kann nur ${f.by ?? 'die Person, die sie gestellt hat,'} zurückziehen.`,
    balance_out_of_range: f => `Der Kontostand${bare(f.balance)} würde größer, als er sein kann.`,
    batch_exists: f => `Die Serie${named(f.batch)} gibt es schon. Wählen Sie einen anderen Namen.`,
    batch_not_found: f => `In der Serie${named(f.batch)} gibt es das nicht.`,
    call_in_progress: f =>
      f.trunk === undefined
        ? `Ein Gespräch${named(f.uniqueid)} läuft noch. Warten Sie, bis es beendet ist, oder legen Sie auf.`
        : `Über den Trunk „${f.trunk}“ läuft noch ein Gespräch. Warten Sie, bis es beendet ist.`,
    call_not_found: f => `Das Gespräch${named(f.uniqueid)} gibt es nicht.`,
    caller_exists: f => `Die Nummer${bare(f.number)} gehört schon zu einem Konto.`,
    caller_not_found: f => `Die Nummer${bare(f.number)} ist nicht bekannt.`,
    card_not_found: f => `Die Karte${bare(f.card)} gibt es nicht.`,
    change_in_progress: () =>
      'Dieselbe Änderung läuft schon. Warten Sie, bis sie zu Ende ist, und versuchen Sie es dann noch einmal.',
    changed_meanwhile: () =>
      'Das hat inzwischen jemand anderes geändert. Sehen Sie es noch einmal an, und ändern Sie es dann.',
    code_missing: () => 'Es wird auch ein Code des zweiten Faktors gebraucht.',
    code_wrong: () => 'Das ist nicht der Code, den der Authenticator gerade zeigt.',
    csrf_token_invalid: () => 'Die Sitzung dieser Seite gilt nicht mehr. Laden Sie die Seite neu.',
    currency_mismatch: f =>
      f.currency === undefined || f.known === undefined
        ? 'Die Währungen sind verschieden.'
        : `Die Währungen sind verschieden: ${f.currency} und ${f.known}${f.deck === undefined ? '' : ` der Preisliste „${f.deck}“`}.`,
    daily_limit_exceeded: f =>
      f.left === undefined
        ? `${f.actor ?? 'Diese Kasse'} hat noch kein Tageslimit und bewegt kein Geld. Ein Administrator setzt eines.`
        : `${money(f.amount, f)} ist mehr, als ${f.actor ?? 'diese Kasse'} heute (UTC) noch hat: ${money(f.left, f)} von ${money(f.limit, f)}.`,
    deck_not_found: f => `Die Preisliste${named(f.deck)} gibt es nicht. Importieren Sie sie zuerst.`,
    delivery_not_found: f => `Das Ereignis${bare(f.event)} wartet nicht mehr auf eine Zustellung.`,
    field_invalid: (_, api) => `Eine Angabe ist falsch. Die API sagt: ${api}`,
    file_invalid: f => {
      if (f.most !== undefined)
        return `Die Datei entfernt mehr als ${f.most} Vorwahlen. Laden Sie eine ganze Liste ohne sie hoch.`;
      if (f.rates !== undefined)
        return 'Es bliebe kein Preis übrig. Schreiben Sie eine Zeile für jede Vorwahl, die einen hat.';
      const found = f.problems === undefined ? 'Fehler' : `${f.problems} Fehler`;
      return `Die Datei hat ${found}. Nichts davon wurde übernommen: Berichtigen Sie sie, und wählen Sie sie noch einmal.`;
    },
    hangup_not_confirmed: (f, api) => `Die Vermittlung hat das Auflegen nicht bestätigt: ${f.why ?? api}`,
    idempotency_key_missing: () => 'Der Anfrage fehlte der Idempotency-Key.',
    idempotency_key_reused: () =>
      'Mit demselben Schlüssel kam schon eine andere Anfrage. Laden Sie die Seite neu, und versuchen Sie es noch einmal.',
    internal_error: () => 'Hier hat Ringfence einen Fehler. Mehr steht in seinem Log.',
    holiday_not_found: f => `Der Kalender${named(f.calendar)} hat am ${f.day ?? 'genannten Tag'} keinen Feiertag.`,
    invitation_not_found: () => 'Das Einmal-Token wurde benutzt oder ist abgelaufen. Lassen Sie sich ein neues geben.',
    job_ended: f => `Der Auftrag${bare(f.job)} ist schon beendet.`,
    job_not_found: f => `Den Auftrag${bare(f.job)} gibt es nicht.`,
    ledger_unavailable: () => 'Die Datenbank antwortet nicht. Versuchen Sie es gleich noch einmal.',
    login_refused: () => 'Der Name, das Passwort oder der Code ist falsch.',
    mail_not_set: () => 'Dieser Dienst verschickt keine Mail.',
    money_left: f =>
      `Das Konto${named(f.accountcode)} hat noch einen Kontostand${f.balance === undefined ? '' : ` von ${money(f.balance, f)}`}. Bringen Sie ihn zuerst auf 0.`,
    more_than_at_once: f =>
      f.limit === undefined
        ? 'Das ist mehr, als diese Kasse auf einmal bewegen darf.'
        : `${money(f.amount, f)} ist mehr, als ${f.actor ?? 'diese Kasse'} auf einmal bewegen darf: ${money(f.limit, f)}.`,
    more_than_available: f =>
      f.available === undefined ? 'Das ist mehr, als verfügbar ist.' : `Verfügbar ist nur ${money(f.available, f)}.`,
    more_than_charged: f =>
      f.charged === undefined
        ? 'Das ist mehr, als von den Kosten des Gesprächs übrig ist.'
        : `Das Gespräch hat ${f.charged} gekostet: Mehr kann nicht erstattet werden.`,
    no_call_in_progress: f => `Auf dem Konto${named(f.accountcode)} läuft kein Gespräch.`,
    not_allowed: () => 'Ihre Rollen erlauben das nicht. Ein Administrator kann Ihnen eine andere geben.',
    not_authenticated: () => 'Sie sind nicht mehr angemeldet.',
    not_found: () => 'Das hat der Dienst nicht.',
    operator_exists: f => `Die Person${named(f.operator)} gibt es schon. Wählen Sie einen anderen Namen.`,
    operator_is_self: () => 'Das können Sie nicht mit sich selbst tun. Ein anderer Administrator kann es.',
    operator_not_found: f => `Die Person${named(f.operator)} gibt es nicht, oder sie ist nicht in einem Zustand dafür.`,
    password_wrong: () => 'Das Passwort oder der Code ist falsch.',
    pin_key_missing: () =>
      'Der Dienst hat keinen Schlüssel für Codes. Ein Administrator muss RINGFENCE_PIN_KEY setzen.',
    pool_not_found: f => `Der Kunde${named(f.customer)} hat keinen Pool.`,
    prefixes_gone: f =>
      f.before === undefined
        ? 'Mehr als ein Fünftel der Vorwahlen hätte keinen Preis mehr.'
        : `Von den ${f.before} Vorwahlen der Preisliste${named(f.deck)} fielen ${f.gone} weg, ${f.lapsed} hätten heute keinen Preis, und ${f.blocked} wären gesperrt: mehr als ein Fünftel.`,
    preview_outdated: f =>
      `Die Preisliste${named(f.deck)} hat inzwischen eine andere Fassung. Sehen Sie die Änderungen noch einmal an.`,
    proxy_not_named: () => 'Die Anfrage kam über einen Proxy, den RINGFENCE_HTTP_PROXIES nicht nennt.',
    reference_reused: f =>
      f.moved === undefined
        ? `Die Referenz${named(f.reference)} wurde schon für etwas anderes benutzt. Nehmen Sie eine andere.`
        : `Mit der Referenz${named(f.reference)} wurde schon ${money(f.moved, f)} gebucht. Nehmen Sie eine andere.`,
    report_not_found: f => `Den Bericht${named(f.report)} gibt es nicht.`,
    request_invalid: (_, api) => `Der Dienst kann die Anfrage nicht lesen: ${api}`,
    route_exists: f => `Die Vorwahl${named(f.prefix)} geht schon zum Trunk${named(f.trunk)}.`,
    route_not_found: f =>
      f.trunk === undefined
        ? `Die Vorwahl${named(f.prefix)} geht zu keinem Trunk.`
        : `Die Vorwahl${named(f.prefix)} geht nicht zum Trunk „${f.trunk}“.`,
    schedule_not_found: f => `Den Zeitplan${named(f.schedule)} gibt es nicht.`,
    schedule_used: f =>
      `Eine Version der Preisliste${named(f.deck)} nennt den Zeitplan${named(f.schedule)}. Löschen Sie solche Versionen zuerst.`,
    second_factor_exists: () => 'Es gibt schon einen zweiten Faktor. Entfernen Sie ihn zuerst.',
    second_factor_not_found: () => 'Es gibt keinen zweiten Faktor.',
    second_person_needed: () => 'Dem muss eine zweite Person zustimmen, sicher eine andere als die, die gefragt hat.',
    sheet_not_found: f => `Von den Dateien der Preisliste${named(f.deck)} ist nichts aufbewahrt.`,
    session_not_found: () => 'Diese Sitzung ist schon beendet.',
    stopping: () => 'Der Dienst wird gerade beendet. Versuchen Sie es gleich noch einmal.',
    time_not_limited: f =>
      `Das Konto${named(f.accountcode)} hat keine Grenze der Gesprächszeit (max_time) und braucht keine weitere Zeit.`,
    too_busy: () => 'Zu viele Menschen melden sich zugleich an. Versuchen Sie es in einigen Sekunden noch einmal.',
    too_many_approvals: f =>
      `${f.waiting ?? 'Zu viele'} Ihrer Anfragen warten auf eine zweite Person. Ziehen Sie zuerst einige zurück.`,
    too_many_in_progress: () => 'Zu viele Ihrer Anfragen laufen zugleich. Versuchen Sie es gleich noch einmal.',
    too_many_jobs: f =>
      `${f.most ?? 'Zu viele'} Aufträge warten schon. Brechen Sie einige ab, oder versuchen Sie es später.`,
    too_many_listeners: () => 'Zu viele Live-Seiten sind zugleich offen. Versuchen Sie es gleich noch einmal.',
    too_many_requests: () => 'Zu viele Anfragen in kurzer Zeit. Versuchen Sie es gleich noch einmal.',
    too_many_tables: () => 'Zu viele Berichte werden zugleich gelesen. Versuchen Sie es gleich noch einmal.',
    too_many_tries: () => 'Zu viele falsche Versuche. Warten Sie, und versuchen Sie es dann noch einmal.',
    too_many_uploads: () => 'Zu viele Dateien werden zugleich hochgeladen. Versuchen Sie es gleich noch einmal.',
    too_many_versions: f =>
      `${f.most ?? 'Zu viele'} Fassungen warten schon auf ihre Veröffentlichung. Veröffentlichen oder löschen Sie einige.`,
    too_slow: () => 'Die Antwort dauert zu lange. Fragen Sie nach weniger, etwa nach weniger Tagen.',
    trunk_exists: f => `Den Trunk${named(f.trunk)} gibt es schon. Wählen Sie einen anderen Namen.`,
    trunk_has_routes: f => `Zum Trunk${named(f.trunk)} führen noch Routen. Entfernen Sie sie zuerst.`,
    trunk_not_found: f => `Den Trunk${named(f.trunk)} gibt es nicht.`,
    version_current: f => `Fassung${bare(f.version)} der Preisliste${named(f.deck)} gilt schon, oder galt eben noch.`,
    version_incomplete: f => `Fassung${bare(f.version)} der Preisliste${named(f.deck)} ist nicht vollständig.`,
    version_not_found: f => `Fassung${bare(f.version)} der Preisliste${named(f.deck)} gibt es nicht.`,
    version_outdated: f =>
      `Fassung${bare(f.version)} der Preisliste${named(f.deck)} ist älter als die, die gilt. Laden Sie die Datei noch einmal hoch.`,
    deck_chain_too_long: f =>
      `Die Preisliste${named(f.deck)} auf${named(f.parent)} ergäbe eine Kette von${bare(f.length)} Listen. Höchstens${bare(f.most)} bauen aufeinander auf.`,
    deck_in_circle: f =>
      `Die Preisliste${named(f.parent)} baut selbst auf${named(f.deck)} auf. Nehmen Sie eine andere.`,
    version_used: f =>
      `Nach Fassung${bare(f.version)} der Preisliste${named(f.deck)} wurden Anrufe berechnet. Sie bleibt.`,
    voucher_expired: f => `Der Gutschein${bare(f.voucher)} ist abgelaufen.`,
    voucher_not_active: f => `Der Gutschein${bare(f.voucher)} ist nicht aktiv.`,
    voucher_not_found: f => `Den Gutschein${bare(f.voucher)} gibt es nicht.`,
    voucher_redeemed: f => `Der Gutschein${bare(f.voucher)} wurde schon eingelöst.`,
    webhook_exists: f => `Den Webhook${named(f.webhook)} gibt es schon. Wählen Sie einen anderen Namen.`,
    webhook_not_found: f => `Den Webhook${named(f.webhook)} gibt es nicht.`,
    webhook_not_taken: (f, api) => `Der Empfänger hat es nicht angenommen: ${f.error ?? api}`,
  },
  rules: {
    accountcode_length: () => 'Nehmen Sie 1 bis 79 Bytes: Was länger ist, schneidet Asterisk ab.',
    address_not_public: f =>
      `${quote(f)} führt zu einer Adresse, die nicht öffentlich ist. Wer den Dienst betreibt, kann sie erlauben: RINGFENCE_WEBHOOK_ALLOW=${f.allow}.`,
    amount_too_large: f => `${quote(f)} ist zu groß: höchstens 14 Stellen vor dem Komma.`,
    below_zero: f => `${quote(f)} ist kleiner als null. Schreiben Sie 0 oder mehr.`,
    control_character: () => 'Darin ist ein Zeichen, das nicht gezeigt werden kann. Lassen Sie es weg.',
    customer_alone: () => 'Die Rolle customer steht allein.',
    is_in_future: () => 'Diese Zeit kommt erst noch. Nehmen Sie eine, die vorbei ist.',
    is_in_past: () => 'Diese Zeit ist vorbei. Nehmen Sie eine, die noch kommt.',
    list_too_long: f => `Das sind ${f.length} Werte: Nehmen Sie höchstens ${f.most}.`,
    missing: () => 'Diese Angabe fehlt.',
    not_above_zero: f => `${quote(f)} ist nicht größer als null.`,
    not_amount: f => `${quote(f)} ist kein Betrag. Schreiben Sie ihn mit Ziffern, etwa 12,50.`,
    not_beginning_of_number: f => `${quote(f)} ist kein Anfang einer Nummer. Schreiben Sie 1 bis 32 Ziffern.`,
    not_currency: f => `${quote(f)} ist keine Währung. Schreiben Sie drei große Buchstaben wie EUR.`,
    not_dial_string: f => `${quote(f)} ist keine Wählzeichenfolge. Schreiben Sie sie wie PJSIP/{number}@carrier.`,
    not_digits: f => `${quote(f)} besteht nicht aus höchstens ${f.most} Ziffern.`,
    not_event_kind: f => `${quote(f)} ist keine Art von Ereignis.`,
    not_mail_address: f => `${quote(f)} ist keine Mailadresse.`,
    not_name: () =>
      'Nehmen Sie 1 bis 40 Buchstaben (ohne Umlaute), Ziffern, _ . oder -, mit Buchstabe oder Ziffer am Anfang.',
    not_number: f => `${quote(f)} ist keine Nummer. Schreiben Sie Ziffern, mit + oder 00 davor.`,
    not_numbers: f => `${quote(f)} ist keine Zahl von ${f.least} bis ${f.most}. Trennen Sie mehrere durch Kommas.`,
    not_of_customers: () => 'Ein Konto hat nur ein Kunde. Lassen Sie es weg.',
    not_person_name: () =>
      'Nehmen Sie 1 bis 40 kleine Buchstaben, Ziffern, _ . oder -, mit Buchstabe oder Ziffer am Anfang.',
    not_prefix: f => `${quote(f)} ist keine Vorwahl. Schreiben Sie höchstens 32 Ziffern, ohne + oder 00.`,
    not_secret: () => 'Nehmen Sie 16 bis 200 Buchstaben, Ziffern und Zeichen, ohne Leerzeichen.',
    not_sound: f => `${quote(f)} ist kein Ton. Schreiben Sie say, sound:beep oder default.`,
    not_time: f => `${quote(f)} ist keine Zeit.`,
    not_time_zone: f => `${quote(f)} ist keine Zeitzone. Schreiben Sie einen Namen wie Europe/Berlin.`,
    not_url: f => `${quote(f)} ist keine Webadresse. Schreiben Sie sie wie https://host/pfad.`,
    not_whole: f => `${quote(f)} ist keine ganze Zahl von ${f.least} bis ${f.most}.`,
    not_whole_or_none: f =>
      `${quote(f)} ist keine ganze Zahl von ${f.least} bis ${f.most}. Ohne Grenze bleibt das Feld leer.`,
    not_word: f => `${quote(f)} ist nicht bekannt. Bekannt sind ${f.words}.`,
    too_long: f => `Das sind ${f.length} Zeichen: Nehmen Sie höchstens ${f.most}.`,
    too_many_decimals: f => `${quote(f)} hat mehr als sechs Stellen hinter dem Komma.`,
    too_short: f => `Das sind ${f.length} Zeichen: Nehmen Sie mindestens ${f.least}.`,
    twice: () => 'Ein Wert steht zweimal da. Schreiben Sie jeden einmal.',
    unknown_field: () => 'Dieses Feld kennt der Dienst nicht.',
    wrong_kind: f => `${quote(f)} ist nicht, was hierher gehört.`,
  },
  lines: {
    blocked_and_removed: () => 'Das ist zugleich entfernt und gesperrt. Eine Vorwahl ohne Preis wird nicht gesperrt.',
    calendar_other: f =>
      `Das gehört zum Kalender ${quote(f)}, nicht zu${named(f.calendar)}. Lesen Sie es für sich ein.`,
    cell_count: f =>
      `Das sind ${f.length} Zellen, im Kopf stehen ${f.wanted}. Gleichen Sie es an. Eine Zelle mit Komma steht in Anführungszeichen.`,
    column_missing: f => `Die Spalte ${f.value} fehlt. Fügen Sie sie hinzu.`,
    column_twice: f => `Die Spalte ${f.value} ist zweimal da. Lassen Sie eine weg.`,
    column_unknown: f => `Die Spalte ${quote(f)} ist nicht bekannt. Bekannt sind ${f.words}.`,
    day_twice: f => `Der Tag ${f.value} steht schon in Zeile ${f.earlier}. Behalten Sie einen davon.`,
    days_exchanged: f =>
      `Der erste Tag ${f.from} liegt nach dem letzten Tag ${f.until}. Vertauschen oder berichtigen Sie sie.`,
    file_empty: () => 'Unter der Kopfzeile der Datei steht nichts. Schreiben Sie die Zeilen dorthin.',
    file_not_text: () =>
      'Das ist eine Arbeitsmappe oder eine gepackte Datei, kein Text. Speichern Sie das Blatt als CSV.',
    file_utf_16: () => 'Das ist UTF-16, nicht UTF-8. Speichern Sie die Datei als UTF-8.',
    last_day_of_removed: f =>
      `Diese Zeile entfernt ihre Vorwahl und hat einen letzten Tag, ${f.value}. Lassen Sie ihn weg: Die Vorwahl entfällt ab valid_from.`,
    line_too_long: f => `Das ist länger als ${f.most} Bytes. Vermutlich fehlt ein Zeilenende.`,
    not_amount: f => `${quote(f)} ist kein Betrag. Schreiben Sie ihn mit Punkt, etwa 12.50.`,
    not_day: f => `${quote(f)} ist kein Tag. Schreiben Sie ihn wie 2026-12-31.`,
    not_seconds: f => `${quote(f)} ist keine ganze Zahl von Sekunden von ${f.least} bis ${f.most}.`,
    not_step: f =>
      `${quote(f)} ist keine Stufe. Schreiben Sie 180:0.05/6 für 0,05 je Minute im Takt von 6 s ab Sekunde 180, mit Sekunden von 1 bis ${f.most}.`,
    not_utf_8: f => `${quote(f)} ist nicht UTF-8. Speichern Sie die Datei als UTF-8.`,
    not_yes_or_no: f => `${quote(f)} ist weder yes noch no. Schreiben Sie eins davon.`,
    one_column: f => `${quote(f)} ist eine einzige Spalte. Trennen Sie die Spalten durch Kommas.`,
    prefix_begins_00: f => `Die Vorwahl ${quote(f)} beginnt mit 00. Lassen Sie die 00 weg.`,
    prefix_not_digits: f =>
      `Die Vorwahl ${quote(f)} besteht nicht aus Ziffern. Schreiben Sie nur Ziffern, ohne + und Leerzeichen.`,
    prefix_too_long: f => `Die Vorwahl hat ${f.length} Ziffern: Nehmen Sie höchstens ${f.most}.`,
    schedule_alone: f =>
      `${prefixOf(f)} hat den Zeitplan${named(f.schedule)} und keine Zeile ohne Zeitplan${f.day === undefined ? '' : ` für ${f.day}`}. Fügen Sie sie hinzu, für die Stunden, in denen kein Zeitplan gilt.`,
    schedule_not_name: f => `${f.value} ist kein Name eines Zeitplans.`,
    schedule_of_blocked: f =>
      `Eine Zeile, die sperrt oder entfernt, hat keinen Zeitplan${named(f.value)}: Sie gilt zu allen Zeiten.`,
    schedule_unknown: f => `Den Zeitplan${named(f.schedule)} gibt es nicht. Legen Sie ihn zuerst an.`,
    schedules_too_many: f =>
      `${prefixOf(f)} hat mehr als ${f.most} Zeitpläne für dieselben Tage. Lassen Sie einen weg.`,
    prefix_too_often: f => `${prefixOf(f)} hat mehr als ${f.most} Zeilen. Lassen Sie weg, was vorbei ist.`,
    prefix_twice: f =>
      f.earlier === undefined
        ? `${prefixOf(f)} hat zwei Preise für dieselben Tage. Behalten Sie einen davon.`
        : `${prefixOf(f)} hat in Zeile ${f.earlier} einen Preis für dieselben Tage. Behalten Sie einen davon.`,
    quote_not_closed: () =>
      'Ein Anführungszeichen " wird in seiner Zeile nicht geschlossen. Schließen Sie es, oder schreiben Sie "" dafür.',
    quote_not_followed: () =>
      'Nach einem schließenden Anführungszeichen " fehlt das Komma. Schreiben Sie "" für eines in der Zelle.',
    quote_within: () =>
      'Mitten in einer Zelle steht ein Anführungszeichen ". Setzen Sie die ganze Zelle in Anführungszeichen, und schreiben Sie "" dafür.',
    step_too_early: f =>
      `Eine Stufe beginnt bei Sekunde ${f.from}. Sie kann frühestens bei Sekunde ${f.least} beginnen.`,
    steps_too_many: f => `Das sind ${f.length} Stufen: Nehmen Sie höchstens ${f.most}.`,
  },
  ofField: (field, sentence) => `${field}: ${sentence}`,
};

const prefixOf = ({ prefix }: Facts): string => (prefix === '' ? 'Die leere Vorwahl' : `Die Vorwahl${named(prefix)}`);

function quote({ value }: Facts): string {
  return value === undefined || value === '' ? 'Das' : `„${value}“`;
}
