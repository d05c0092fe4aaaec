/** What each setting of the service means, in German. Read with the page that shows them; English is the API's. */
import type { SettingName } from '../api/settings';

const listens = (who: string): string =>
  `wo ${who}: ein Port, dann auf Loopback, oder eine Adresse mit Port, 10.0.0.5:8000; ohne Angabe geschlossen`;
const PEERS = 'Adressen und Netze, die sich dort verbinden dürfen, etwa 10.0.0.7,10.1.0.0/16, durch Kommas getrennt';
const nameOf = (door: string, who: string): string =>
  `der Name dieser Gespräche in astcdr.node, nach ${door}:; derselbe in jedem Dienst, der ${who} antwortet`;

export const settingsDe: Record<SettingName, string> = {
  RINGFENCE_DATABASE_URL:
    'die Datenbank: mysql://user:password@host:3306/schema; bei einem Cluster alle Rechner, der bevorzugte zum Schreiben zuerst: @db1:3306,db2:3306/schema; mit TLS: ?ssl-mode=VERIFY_IDENTITY&ssl-ca=datei',
  RINGFENCE_ARI_URL:
    'die Asterisk-Knoten, durch Kommas getrennt: http://user:password@host:8088; serve und call hangup brauchen sie',
  RINGFENCE_ARI_LISTEN:
    'Adresse und Anmeldung, mit denen Asterisk sich für seine Ereignisse verbindet, ws://user:password@127.0.0.1:8099; ohne sie verbindet sich Ringfence mit Asterisk',
  RINGFENCE_APPLICATION: 'der Name, den der Wählplan aufruft: Stasis(ringfence)',
  RINGFENCE_MAX_CALL_SECONDS: 'längstes Gespräch, wenn Konto oder Preis nicht weniger erlauben; 60 bis 86400',
  RINGFENCE_RING_SECONDS: 'wie lange ein Trunk klingeln darf, bevor das Gespräch aufgegeben wird; 5 bis 300',
  RINGFENCE_TRUNK_SILENCE_SECONDS:
    'wie lange ein Trunk kein Zeichen geben darf (Klingeln, frühe Ansage), bevor die nächste Route versucht wird; 1 bis 60',
  RINGFENCE_BARRED_PREFIXES: 'Ziffern, die kein Konto wählen darf, durch Kommas getrennt',
  RINGFENCE_EMERGENCY_NUMBERS:
    'Nummern, die nichts kosten und nie abgelehnt werden, genau wie gewählt, durch Kommas getrennt; eine andere Schreibweise (+112 statt 112) wird abgelehnt',
  RINGFENCE_PROMPTS:
    'was ein abgelehnter Anrufer als frühe Ansage hört, etwa insufficient_balance=sound:not-enough-credit, durch Kommas getrennt',
  RINGFENCE_WARN_SOUND:
    'was ein Anrufer vor dem Ende hört, wenn das Konto keinen eigenen Ton hat: ein Ton, oder say für die restliche Zeit',
  RINGFENCE_START_DEADLINE_MS:
    'wie lange ein Beginn auf eine langsame Datenbank wartet, bevor das Gespräch abgelehnt wird; 50 bis 5000 ms',
  RINGFENCE_BATCH_DEADLINE_MS:
    'wie lange eine Transaktion dauern darf, bevor sie aufgegeben und noch einmal nachgesehen wird; 500 bis 60000 ms',
  RINGFENCE_LEDGER_LANES: 'Verbindungen, die zugleich Bündel von Gesprächen festschreiben; 1 bis 16',
  RINGFENCE_SWITCH_DEADLINE_MS:
    'eine Anfrage, die Asterisk bis dahin nicht beantwortet hat, gilt als unbeantwortet; 100 bis 30000 ms',
  RINGFENCE_DRAIN_SECONDS:
    'wie lange SIGTERM, SIGINT oder SIGHUP warten, bis beendete Gespräche abgerechnet sind; 0 bis 300, 0 für gar nicht',
  RINGFENCE_EVIDENCE_FILES:
    'Protokollordner von Vermittlungen auf diesem Rechner, in deren CEL- und CDR-Dateien steht, wie Gespräche endeten, etwa switch1=/var/log/asterisk, durch Kommas getrennt',
  RINGFENCE_WEBHOOK_ALLOW:
    'Rechner, zu denen Webhooks führen dürfen, obwohl ihre Adressen privat oder Loopback sind, nach Name oder Adresse, mit oder ohne Port, etwa crm.internal:8080, durch Kommas getrennt',
  RINGFENCE_EVENT_DAYS:
    'wie lange Ereignisse und zugestellte und aufgegebene Zustellungen aufbewahrt werden; 2 bis 3650 Tage',
  RINGFENCE_PIN_KEY:
    'ein Geheimnis aus mindestens 32 Zeichen, mit dem PINs von Karten und Codes von Gutscheinen gehasht und zweite Faktoren von Personen verschlüsselt werden; zum Wechseln das neue vor das alte schreiben, durch ein Komma getrennt',
  RINGFENCE_SECOND_PERSON_ABOVE:
    'account topup, refund und adjust über mehr als diesen Betrag, in welcher Währung auch immer, warten über die API, bis ein anderer admin sie freigibt; ohne Angabe wartet nichts',
  RINGFENCE_METRICS_LISTEN: listens('Prometheus unter /metrics Zahlen liest'),
  RINGFENCE_METRICS_PEERS: PEERS,
  RINGFENCE_HTTP_LISTEN: listens('Programme mit einem Schlüssel und Personen die API nutzen'),
  RINGFENCE_HTTP_PEERS: PEERS,
  RINGFENCE_HTTP_PROXIES:
    'Adressen und Netze von Proxys vor der API, deren X-Forwarded-For sagt, wer fragt, durch Kommas getrennt',
  RINGFENCE_HTTP_RATE:
    'Anfragen in einer Sekunde, die ein Schlüssel oder eine Person an die API stellen darf, auf einmal doppelt so viele; 0 für keine Grenze',
  RINGFENCE_HTTP_UPLOAD_MB: 'die größte Preisliste, die hochgeladen werden darf, in MB; 1 bis 2000',
  RINGFENCE_SMTP_URL:
    'der Server, der Mail mit Einladungen und neuen Passwörtern annimmt: smtp://user:password@mail.example.com:587 (STARTTLS) oder smtps://…:465; dazu ?ssl-ca=datei, oder ?tls=none für Klartext ohne Anmeldung; auf Loopback geht es ohne TLS; ohne Angabe wird keine Mail gesendet',
  RINGFENCE_MAIL_FROM: 'der Absender dieser Mail: billing@example.com oder Billing <billing@example.com>',
  RINGFENCE_CONSOLE_URL:
    'die öffentliche Adresse dieser Konsole, mit der die Links in dieser Mail beginnen: https://billing.example.com',
  RINGFENCE_LOG_LEVEL: 'die unwichtigsten Zeilen, die ins Protokoll kommen: debug, info, warn, error',
  RINGFENCE_AGI_LISTEN: listens('Asterisk über AGI fragt, dessen eigener Port 4573 ist'),
  RINGFENCE_AGI_PEERS: PEERS,
  RINGFENCE_AGI_NAME: nameOf('agi', 'demselben Asterisk'),
  RINGFENCE_AGI_ACCOUNT:
    'das Konto eines Gesprächs, mit dem Wort des Wählplans für {accountcode}, etwa pbx-{accountcode}',
  RINGFENCE_AGI_CAP_SECONDS:
    'längstes Gespräch über AGI, für das sein Geld von Anfang an reserviert ist; 60 bis 86400, und nie mehr als RINGFENCE_MAX_CALL_SECONDS',
  RINGFENCE_AGI_WARNINGS:
    'yes: Dial() warnt den Anrufer, wie es am Konto steht; die Vermittlung braucht dafür bridge_builtin_interval_features, sonst endet ein solches Gespräch, wenn es angenommen wird',
  RINGFENCE_AGI_PROMPTS:
    'andere Ansagen für Calling Cards, etwa pin=my/pin,voucher=my/voucher&beep, durch Kommas getrennt; die Wörter stehen in docs/doors/agi.md',
  RINGFENCE_AGI_PIN_TRIES: 'falsche PINs und Codes von einer Nummer, nach denen sie ausgesperrt wird; 1 bis 100',
  RINGFENCE_AGI_LOCK_SECONDS: 'wie lange sie ausgesperrt ist, und wie lange eine falsche zählt; 60 bis 86400',
  RINGFENCE_AGI_TRIES_PER_MINUTE:
    'falsche PINs und Codes aller Anrufer zusammen in einer Minute, denn Nummern lassen sich fälschen; 1 bis 10000',
  RINGFENCE_SEMS_LISTEN: listens('SEMS nach Guthaben fragt'),
  RINGFENCE_SEMS_PEERS: PEERS,
  RINGFENCE_SEMS_MANAGERS: 'die davon, die Guthaben auch lesen und ändern dürfen, ebenso geschrieben',
  RINGFENCE_SEMS_NAME: nameOf('sems', 'demselben SEMS'),
  RINGFENCE_SEMS_ACCOUNT: 'das Konto eines Anrufers, mit dem Namen von SEMS für {uuid}, etwa sems-{uuid}',
  RINGFENCE_SEMS_CAP_SECONDS:
    'längstes Gespräch über SEMS; ein nicht angenommenes behält sein Geld so lange und 6 Minuten; 60 bis 86400',
  RINGFENCE_SEMS_SECONDS_NUMBER:
    'die Nummer, deren Preis für eine Sekunde gilt, wenn SEMS nur die uuid sendet; ohne sie werden solche Gespräche abgelehnt',
  RINGFENCE_CALL_CONTROL_SOCKET:
    'der Socket, an dem call_control von Kamailio oder OpenSIPS nach seinen Gesprächen fragt, mit den Rechten der Datei: /run/ringfence/callcontrol oder /run/ringfence/callcontrol,0666 (sonst 0660); ohne Angabe geschlossen',
  RINGFENCE_CNXCC_LISTEN: listens('Kamailio mit den Befehlen von cnxcc fragt'),
  RINGFENCE_CNXCC_PEERS: PEERS,
  RINGFENCE_CNXCC_CUSTOMER: 'der Pool eines Kunden, mit dem Namen des Skripts für {customer}, etwa kam1-{customer}',
  RINGFENCE_RATING_LISTEN: listens('Call Control seine Rating Engine fragt, deren Port 9024 ist'),
  RINGFENCE_RATING_PEERS: PEERS,
  RINGFENCE_RATING_MANAGERS: 'die davon, die auch Guthaben ändern dürfen (AddBalance), ebenso geschrieben',
  RINGFENCE_RATING_CONTROL_SOCKET:
    'der eigene Socket von Call Control auf diesem Rechner, /run/callcontrol/socket, über den account block und hangup Gespräche beenden; ohne ihn laufen sie bis zu ihrer Grenze weiter',
  RINGFENCE_RATING_NAME: nameOf('rating', 'demselben Call Control'),
  RINGFENCE_RATING_ACCOUNT:
    'das Konto eines Anrufers, mit Nutzer und Domain des From für {user} und {domain}, etwa {user} oder voip-{user}@{domain}',
  RINGFENCE_RATING_CAP_SECONDS:
    'wie lange ein Gespräch nach jeder Antwort an Call Control dauern darf, und damit das meiste, was eins den anderen seines Kontos vorenthält; 60 bis 86400',
  RINGFENCE_REST_LISTEN: listens('Vermittlungen über REST fragen'),
  RINGFENCE_REST_PEERS: PEERS,
  RINGFENCE_REST_KEYS:
    'die Schlüssel, die eingelassen werden: Namen, jeder mit dem SHA-256 seines Schlüssels in Hex, etwa fs1=9f86d0…, durch Kommas getrennt; ohne Angabe wird jeder eingelassen, aber nur auf Loopback',
  RINGFENCE_REST_NAME: nameOf('rest', 'denselben Vermittlungen'),
  RINGFENCE_REST_ACCOUNT:
    'das Konto einer Anfrage, mit dem Wort der Vermittlung für {account} und dem Namen ihres Schlüssels für {key}, etwa {key}.{account}',
  RINGFENCE_REST_CAP_SECONDS: 'längstes Gespräch über REST, und das meiste, was auf einmal gewährt wird; 60 bis 86400',
  RINGFENCE_PROXY_RPC:
    'wo Ringfence Kamailio oder OpenSIPS nach seinen Dialogen fragt und sie beendet: kamailio+http://127.0.0.1:5062/RPC, kamailio+udp://127.0.0.1:5063 oder opensips+udp://127.0.0.1:5063; call_control und cnxcc brauchen es',
  RINGFENCE_PROXY_NAME: nameOf('proxy', 'demselben Proxy'),
  RINGFENCE_PROXY_ACCOUNT:
    'das Konto eines Anrufers, mit den Teilen seiner URI für {user} und {domain}, etwa sip-{user}',
  RINGFENCE_PROXY_LIMIT_TABLE:
    'eine Tabelle, nach der der Proxy selbst Gespräche beendet und sich merkt, was aus ihnen wurde, wenn Ringfence nicht läuft: bei Kamailio eine Hash-Tabelle, mit zwei weiteren dieses Namens mit _granted und _calls; bei OpenSIPS eine Collection von cachedb_local (docs/doors/call-control.md)',
  RINGFENCE_PROXY_ANSWER_WITHIN_MS:
    'wie lange der Proxy höchstens auf eine Antwort wartet; 100 bis 5000 ms; über 450 muss auch der Proxy länger warten (docs/doors/call-control.md)',
};
