import { isWarnSound, SOUND } from './calls/announcements';
import {
  asWritten,
  listenSettings,
  listOf,
  matching,
  type Setting,
  type SettingsTable,
  type ShownSetting,
  shownSetting,
  whole,
} from './config/setting';
import { isRefusal, type Refusal } from './credit/refusal';
import { DatabaseUrlError, parseDatabaseUrl, shownDatabaseUrl } from './database/database-url';
import type { DoorTable } from './doors/door-kind';
import { DOORS, type DoorSettings, settingsTables } from './doors/doors';
import type { ListenAt } from './listeners/listen-at';
import { type PeerList, type Peers, parsePeers } from './listeners/peers';
import { parseSender, type Sender } from './mail/mail-address';
import { parseConsoleUrl, parseSmtpUrl, type SmtpServer, shownSmtpUrl } from './mail/smtp-url';
import { type Micros, parseAmount, ZERO } from './money/micros';
import { digitsOf } from './rating/dialled-number';
import {
  type AriAddress,
  type ListenAddress,
  parseAriUrl,
  parseListenUrl,
  shownListenUrl,
} from './switches/asterisk/ari-address';
import { type AllowedTarget, parseAllowedTarget } from './webhooks/target';

/** The settings of the service itself, without its doors. */
interface CoreSettings {
  databaseUrl: string;
  switches: AriAddress[];
  ariListen: ListenAddress | null;
  application: string;
  maxCallSeconds: number;
  ringSeconds: number;
  trunkSilenceSeconds: number;
  barredPrefixes: string[];
  emergencyNumbers: string[];
  prompts: Partial<Record<Refusal, string>>;
  warnSound: string;
  startDeadlineMs: number;
  batchDeadlineMs: number;
  ledgerLanes: number;
  switchDeadlineMs: number;
  drainSeconds: number;
  /** The name of a switch on this machine → its log folder. */
  evidenceFiles: ReadonlyMap<string, string>;
  /** Hosts that webhooks may point to although their addresses are not public. */
  webhookAllow: AllowedTarget[];
  eventDays: number;
  /** Secrets by which PINs and voucher codes are hashed, the newest first. */
  pinKeys: readonly string[];
  /** Above this, money that the API moves needs a second person; null for never. */
  secondPersonAbove: Micros | null;
  metrics: ListenAt | null;
  metricsPeers: Peers;
  http: ListenAt | null;
  httpPeers: Peers;
  /** Proxies in front of the operator's API, whose X-Forwarded-For is believed. */
  httpProxies: PeerList;
  /** Requests a second of one key or person; 0 for no bound. */
  httpRate: number;
  /** The largest file that the operator's API takes. */
  httpUploadMb: number;
  /** The server that takes mail to people; null for no mail. Then the sender and the console's address are null too. */
  smtp: SmtpServer | null;
  mailFrom: Sender | null;
  /** The public address of the console, `https://billing.example.com`. */
  consoleUrl: string | null;
  logLevel: string;
}

export interface Settings extends CoreSettings {
  doors: DoorSettings;
  /** Every setting, as an administrator may see it. */
  shownSettings: readonly ShownSetting[];
}

const HTTP = listenSettings('RINGFENCE_HTTP', "programs with a key, and people, use the operator's API");

const METRICS = listenSettings('RINGFENCE_METRICS', 'Prometheus reads figures at /metrics');

/** Shorter keys could be found by trying. */
const SHORTEST_KEY = 32;

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'];

/** The settings of the service itself, as docs/settings.md shows them; each door has its own (DOORS). */
export const SETTINGS: SettingsTable<CoreSettings> = {
  databaseUrl: {
    variable: 'RINGFENCE_DATABASE_URL',
    meaning:
      'the database: mysql://user:password@host:3306/schema; for a cluster all hosts, the preferred writer first: @db1:3306,db2:3306/schema; with TLS: ?ssl-mode=VERIFY_IDENTITY&ssl-ca=file',
    fallback: null,
    shows: shownDatabaseUrl,
    parse: text => {
      try {
        parseDatabaseUrl(text);
        return text;
      } catch (error) {
        if (error instanceof DatabaseUrlError) throw new Error(error.message);
        throw error;
      }
    },
  },
  switches: {
    variable: 'RINGFENCE_ARI_URL',
    meaning: 'the Asterisk nodes, separated by commas: http://user:password@host:8088; needed by serve and call hangup',
    fallback: '',
    shows: (_, switches) => switches.map(({ origin }) => origin).join(','),
    parse: switchAddresses,
  },
  ariListen: {
    variable: 'RINGFENCE_ARI_LISTEN',
    meaning:
      'the address and the login for Asterisk to connect with its events, ws://user:password@127.0.0.1:8099; without it, Ringfence connects to Asterisk',
    fallback: '',
    shows: (_, at) => (at === null ? '' : shownListenUrl(at)),
    parse: text => (text === '' ? null : parseListenUrl(text)),
  },
  application: {
    variable: 'RINGFENCE_APPLICATION',
    meaning: 'the name that the dialplan calls: Stasis(ringfence)',
    fallback: 'ringfence',
    shows: asWritten,
    parse: text => matching(text, /^[A-Za-z0-9_-]{1,40}$/, 'letters, digits, _ and -'),
  },
  maxCallSeconds: {
    variable: 'RINGFENCE_MAX_CALL_SECONDS',
    meaning: 'longest call, unless account or rate allow less; 60 to 86400',
    fallback: '3600',
    shows: asWritten,
    parse: text => whole(text, 60, 86_400),
  },
  ringSeconds: {
    variable: 'RINGFENCE_RING_SECONDS',
    meaning: 'how long a trunk may ring before the call is given up; 5 to 300',
    fallback: '60',
    shows: asWritten,
    parse: text => whole(text, 5, 300),
  },
  trunkSilenceSeconds: {
    variable: 'RINGFENCE_TRUNK_SILENCE_SECONDS',
    meaning: 'how long a trunk may give no sign (ringing, early media) before the next route is tried; 1 to 60',
    fallback: '8',
    shows: asWritten,
    parse: text => whole(text, 1, 60),
  },
  barredPrefixes: {
    variable: 'RINGFENCE_BARRED_PREFIXES',
    meaning: 'digits that no account may dial, separated by commas',
    fallback: '',
    shows: asWritten,
    parse: text => listOf(text).map(barredPrefix),
  },
  emergencyNumbers: {
    variable: 'RINGFENCE_EMERGENCY_NUMBERS',
    meaning:
      'numbers that are free and never refused, exactly as dialled, separated by commas; another spelling (+112 for 112) is refused',
    fallback: '112,911',
    shows: asWritten,
    parse: text =>
      listOf(text).map(number =>
        matching(number, /^\+?[0-9]{2,32}$/, 'digits separated by commas, behind a + if so dialled'),
      ),
  },
  prompts: {
    variable: 'RINGFENCE_PROMPTS',
    meaning:
      'what a refused caller hears as early media, such as insufficient_balance=sound:not-enough-credit, separated by commas',
    fallback: '',
    shows: asWritten,
    parse: promptTable,
  },
  warnSound: {
    variable: 'RINGFENCE_WARN_SOUND',
    meaning:
      'what a caller hears before the cut if the account has no sound of its own: a sound, or say for the time left',
    fallback: 'sound:beep',
    shows: asWritten,
    parse: text => {
      if (!isWarnSound(text)) throw new Error(`${JSON.stringify(text)} is not a sound: write sound:beep, or say`);
      return text;
    },
  },
  startDeadlineMs: {
    variable: 'RINGFENCE_START_DEADLINE_MS',
    meaning: 'how long a start waits for a slow database before the call is refused; 50 to 5000 ms',
    fallback: '2000',
    shows: asWritten,
    parse: text => whole(text, 50, 5_000),
  },
  batchDeadlineMs: {
    variable: 'RINGFENCE_BATCH_DEADLINE_MS',
    meaning: 'how long a transaction may take before it is given up and looked up again; 500 to 60000 ms',
    fallback: '5000',
    shows: asWritten,
    parse: text => whole(text, 500, 60_000),
  },
  ledgerLanes: {
    variable: 'RINGFENCE_LEDGER_LANES',
    meaning: 'connections that commit batches of calls at once; 1 to 16',
    fallback: '2',
    shows: asWritten,
    parse: text => whole(text, 1, 16),
  },
  switchDeadlineMs: {
    variable: 'RINGFENCE_SWITCH_DEADLINE_MS',
    meaning: 'a request that Asterisk has not answered by then counts as unanswered; 100 to 30000 ms',
    fallback: '2000',
    shows: asWritten,
    parse: text => whole(text, 100, 30_000),
  },
  drainSeconds: {
    variable: 'RINGFENCE_DRAIN_SECONDS',
    meaning: 'how long SIGTERM, SIGINT or SIGHUP waits for ended calls to be settled; 0 to 300, 0 for not at all',
    fallback: '10',
    shows: asWritten,
    parse: text => whole(text, 0, 300),
  },
  evidenceFiles: {
    variable: 'RINGFENCE_EVIDENCE_FILES',
    meaning:
      'log folders of switches on this machine, to read from their CEL and CDR files how calls ended, such as switch1=/var/log/asterisk, separated by commas',
    fallback: '',
    shows: asWritten,
    parse: logFolders,
  },
  webhookAllow: {
    variable: 'RINGFENCE_WEBHOOK_ALLOW',
    meaning:
      'hosts that webhooks may point to although their addresses are private or loopback, by name or address, with or without a port, such as crm.internal:8080, separated by commas',
    fallback: '',
    shows: asWritten,
    parse: text => listOf(text).map(parseAllowedTarget),
  },
  eventDays: {
    variable: 'RINGFENCE_EVENT_DAYS',
    meaning: 'how long events, delivered and dead deliveries are kept; 2 to 3650 days',
    fallback: '30',
    shows: asWritten,
    parse: text => whole(text, 2, 3_650),
  },
  pinKeys: {
    variable: 'RINGFENCE_PIN_KEY',
    meaning:
      'a secret of 32 characters or more, to hash PINs of cards and codes of vouchers, and to encrypt second factors of people; to change it, write the new one before the old one, separated by a comma, then run pin-key renew',
    fallback: '',
    parse: text => {
      const keys = listOf(text);
      if (keys.some(key => key.length < SHORTEST_KEY)) {
        throw new Error(`it holds a secret of fewer than ${SHORTEST_KEY} characters: write a longer one`);
      }
      return keys;
    },
  },
  secondPersonAbove: {
    variable: 'RINGFENCE_SECOND_PERSON_ABOVE',
    meaning:
      'account topup, refund and adjust of more than this amount, of whatever currency, over the API wait until another admin approves them; without it none does',
    fallback: '',
    shows: asWritten,
    parse: text => {
      if (text === '') return null;
      const amount = parseAmount(text);
      if (amount < ZERO) throw new Error(`${JSON.stringify(text)} is below zero: write 0 or more`);
      return amount;
    },
  },
  metrics: METRICS.listen,
  metricsPeers: METRICS.peers,
  http: HTTP.listen,
  httpPeers: HTTP.peers,
  httpProxies: {
    variable: 'RINGFENCE_HTTP_PROXIES',
    meaning:
      "addresses and networks of proxies in front of the operator's API, whose X-Forwarded-For says who asks, separated by commas",
    fallback: '',
    shows: asWritten,
    parse: text => parsePeers(listOf(text)),
  },
  httpRate: {
    variable: 'RINGFENCE_HTTP_RATE',
    meaning:
      "requests a second that one key or person may make of the operator's API, and twice as many at once; 0 for no bound",
    fallback: '300',
    shows: asWritten,
    parse: text => whole(text, 0, 100_000),
  },
  httpUploadMb: {
    variable: 'RINGFENCE_HTTP_UPLOAD_MB',
    meaning: "the largest price list that may be uploaded to the operator's API, in MB; 1 to 2000",
    fallback: '200',
    shows: asWritten,
    parse: text => whole(text, 1, 2_000),
  },
  smtp: {
    variable: 'RINGFENCE_SMTP_URL',
    meaning:
      'the server that takes mail with invitations and new passwords: smtp://user:password@mail.example.com:587 (STARTTLS) or smtps://…:465; options ?ssl-ca=file, ?tls=none for clear text without a login; on loopback it needs no TLS; without it no mail is sent',
    fallback: '',
    shows: (_, server) => (server === null ? '' : shownSmtpUrl(server)),
    parse: text => (text === '' ? null : parseSmtpUrl(text)),
  },
  mailFrom: {
    variable: 'RINGFENCE_MAIL_FROM',
    meaning: 'the sender of that mail: billing@example.com or Billing <billing@example.com>',
    fallback: '',
    shows: asWritten,
    parse: text => (text === '' ? null : parseSender(text)),
  },
  consoleUrl: {
    variable: 'RINGFENCE_CONSOLE_URL',
    meaning: "the console's public address, with which the links in that mail begin: https://billing.example.com",
    fallback: '',
    shows: (_, origin) => origin ?? '',
    parse: text => (text === '' ? null : parseConsoleUrl(text)),
  },
  logLevel: {
    variable: 'RINGFENCE_LOG_LEVEL',
    meaning: `least important lines that are logged: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
    shows: asWritten,
    parse: text => {
      if (!LOG_LEVELS.includes(text)) throw new Error(`${JSON.stringify(text)} is none of ${LOG_LEVELS.join(', ')}`);
      return text;
    },
  },
};

/** The problem of a service without a switch and without a door. */
export const NOTHING_TO_SERVE =
  'RINGFENCE_ARI_URL is missing: set it to the switches, http://user:password@host:8088, or open a door for other systems (docs/doors.md) or the API (RINGFENCE_HTTP_LISTEN)';

/** Everything that is wrong with the settings, one line each. */
export class SettingsError extends Error {
  override name = 'SettingsError';
  constructor(readonly problems: string[]) {
    super(problems.join('; '));
  }
}

/** Variables that begin with RINGFENCE_ and belong to the lab and the tests. */
const FOREIGN = /^RINGFENCE_(LAB|TEST)_/;

/**
 * The settings in the environment, of the service and of these doors.
 * @throws SettingsError that names every variable that is unknown, missing or wrong, and says what to do. It shows no secret.
 */
export function readSettings(environment: Record<string, string | undefined>, doors: DoorTable = DOORS): Settings {
  const problems: string[] = [];
  const tables = settingsTables(doors);
  const known = [SETTINGS, ...Object.values(tables)].flatMap(variablesOf);
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('RINGFENCE_') || FOREIGN.test(variable) || known.includes(variable)) continue;
    problems.push(`${variable} is not a setting: docs/settings.md lists them`);
  }
  const shown: ShownSetting[] = [];
  const read = (table: object) => readTable(table, environment, { problems, shown });
  const settings = {
    ...read(SETTINGS),
    doors: Object.fromEntries(Object.entries(tables).map(([door, table]) => [door, read(table)])),
    shownSettings: shown,
  };
  problems.push(...mailProblems(settings as unknown as Partial<CoreSettings>));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings as unknown as Settings;
}

/** What is missing of the settings for mail, which belong together. A wrong one has told so itself: then it is not there. */
function mailProblems(settings: Partial<CoreSettings>): string[] {
  const parts = ['smtp', 'mailFrom', 'consoleUrl'] as const;
  const given = parts.find(part => settings[part] != null);
  if (given === undefined) return [];
  return parts
    .filter(part => settings[part] === null)
    .map(part => `${SETTINGS[part].variable} is missing: ${SETTINGS[given].variable} needs it, to send mail`);
}

/** The names of the variables of a table. */
export const variablesOf = (table: object): string[] =>
  (Object.values(table) as Setting<unknown>[]).map(({ variable }) => variable);

/** The values of one table, each also added to `shown`. A missing or wrong value is left out, and added to `problems`. */
function readTable(
  table: object,
  environment: Record<string, string | undefined>,
  { problems, shown }: { problems: string[]; shown: ShownSetting[] },
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table) as [string, Setting<unknown>][]) {
    const { variable, meaning, fallback, parse } = setting;
    const given = environment[variable];
    const text = (given ?? fallback)?.trim();
    if (text === undefined) {
      problems.push(`${variable} is missing: set it to ${meaning}`);
      continue;
    }
    try {
      const value = parse(text);
      settings[name] = value;
      shown.push(shownSetting(setting, { text, value, isGiven: given !== undefined }));
    } catch (error) {
      problems.push(`${variable} is wrong: ${(error as Error).message}`);
    }
  }
  return settings;
}

function barredPrefix(text: string): string {
  if (digitsOf(text) !== text) {
    throw new Error(`${JSON.stringify(text)} is not digits separated by commas, without + or 00`);
  }
  return text;
}

function switchAddresses(text: string): AriAddress[] {
  const addresses = listOf(text).map(parseAriUrl);
  const hosts = addresses.map(({ host }) => host);
  const twice = hosts.find((host, index) => hosts.indexOf(host) !== index);
  // A second connection to one switch would take the application over from the first.
  if (twice) throw new Error(`${twice} is there twice: name each switch once`);
  return addresses;
}

function logFolders(text: string): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  for (const pair of listOf(text)) {
    const [node, folder, ...more] = pair.split('=').map(word => word.trim());
    if (!node || !folder?.startsWith('/') || more.length > 0) {
      throw new Error(`${JSON.stringify(pair)} is no switch with its log folder: write switch1=/var/log/asterisk`);
    }
    if (folders.has(node)) throw new Error(`${node} is there twice: name each switch once`);
    folders.set(node, folder);
  }
  return folders;
}

function promptTable(text: string): Partial<Record<Refusal, string>> {
  return Object.fromEntries(
    listOf(text).map(pair => {
      const [refusal = '', media = ''] = pair.split('=');
      if (!isRefusal(refusal)) throw new Error(`${JSON.stringify(refusal)} is not a refusal: see docs/refusals.md`);
      if (!SOUND.test(media)) {
        throw new Error(`${JSON.stringify(media)} is not a sound: write ${refusal}=sound:not-enough-credit`);
      }
      return [refusal, media];
    }),
  );
}
