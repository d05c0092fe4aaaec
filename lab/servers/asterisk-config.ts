import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AsteriskPart, projectFolder } from '../parts';

/** A SIP source. Asterisk knows it only by its address, or by a password. */
export interface Customer {
  name: string;
  /** `127.0.0.2`. None for a telephone, which may call from anywhere. */
  address?: string;
  /** Makes it a telephone, which registers as `name` with this password. */
  password?: string;
  /** Only with SRTP. */
  encrypted?: boolean;
  /** The paying account. Without it the caller names the account as the user of its From header. */
  accountcode?: string;
  /** A context of the test's own, instead of the shipped ones. */
  context?: string;
}

export interface Carrier {
  /** The name that a trunk uses: `PJSIP/{number}@carrier`. */
  name: string;
  /** `127.0.0.3:5070`; null for a carrier without a contact. */
  address: string | null;
  /** How often Asterisk checks whether it is there; Asterisk calls no carrier that is not. */
  qualifySeconds?: number;
  /** Instead of the shipped setting. */
  redirectMethod?: 'user' | 'uri_core' | 'uri_pjsip';
}

/** A transport that is shipped as a comment. */
export type ExtraTransport = 'tcp' | 'tls';

/** A service to which Asterisk connects with its events. */
export interface Outbound {
  /** `ws://127.0.0.1:8099/events/ast1` */
  url: string;
  user: string;
  password: string;
}

export interface AsteriskSettings {
  dir: string;
  systemname: string;
  sipPort: number;
  httpPort: number;
  ariUser: string;
  ariPassword: string;
  application: string;
  /** Where it connects with its events; null if services connect to it, as shipped. */
  outbound: Outbound | null;
  /** Unique to the instance, so that all instances use the shipped RTP ports, and never each other's. */
  mediaAddress: string;
  runFolder: string;
  customers: Customer[];
  carriers: Carrier[];
  /** TCP on the same port as UDP, TLS on the next. */
  extraTransports: ExtraTransport[];
  rtpTimeoutSeconds: number;
  patienceSeconds: number;
  extraDialplan: string;
  /** Where it writes the journal and the call records besides the files: `mysql://user:password@host:port/schema`. */
  evidenceDatabaseUrl?: string;
}

/** The configuration that operators get. Every test runs on it. */
const shippedFolder = join(projectFolder, 'dialplan');

/** Modules look for these files at start; a missing one is a line of error. */
const emptyFiles = ['acl', 'ccss', 'pjproject', 'sorcery', 'stasis', 'udptl', 'cli_permissions'];

/** Writes the instance's folders. Every file is the shipped one. What a lab must change is changed by name, or this throws. */
export function writeAsteriskConfig(settings: AsteriskSettings, part: AsteriskPart): void {
  const { dir } = settings;
  for (const folder of ['etc', 'lib', 'spool', 'log/cdr-custom', 'log/cel-custom', 'data/sounds']) {
    mkdirSync(join(dir, folder), { recursive: true });
  }
  mkdirSync(settings.runFolder, { recursive: true });
  const etc = join(dir, 'etc');
  for (const name of emptyFiles) writeFileSync(join(etc, `${name}.conf`), '');
  copyFileSync(join(part.packageConfigFolder, 'indications.conf'), join(etc, 'indications.conf'));
  for (const name of readdirSync(shippedFolder).filter(file => file.endsWith('.conf'))) {
    const shipped = readFileSync(join(shippedFolder, name), 'utf8');
    writeFileSync(join(etc, name), changesOf(settings, part)[name]?.(shipped) ?? shipped);
  }
  if (settings.extraTransports.includes('tls')) makeCertificate(etc);
  // Asterisk reads it only if res_odbc.conf enables it.
  writeFileSync(join(etc, 'odbc.ini'), settings.evidenceDatabaseUrl ? dsnText(settings.evidenceDatabaseUrl, part) : '');
  linkData(dir, part);
}

/** /etc/odbc.ini of dialplan/README.md. Absolute paths, because the driver is not this machine's own. */
function dsnText(databaseUrl: string, part: AsteriskPart): string {
  const { hostname, port, pathname } = new URL(databaseUrl);
  return [
    '[ringfence]',
    `Driver = ${part.odbcDriver}`,
    `SERVER = ${hostname}`,
    `PORT = ${port || 3306}`,
    `DATABASE = ${decodeURIComponent(pathname.slice(1))}`,
    'CONN_TIMEOUT = 1',
    'READ_TIMEOUT = 1',
    'WRITE_TIMEOUT = 1',
    'PREPONCLIENT = 1',
    // A database of the lab has a certificate that it signed itself.
    'SSLVERIFY = 0',
    `PLUGIN_DIR = ${part.odbcPluginFolder}`,
    '',
  ].join('\n');
}

/** The environment of the driver manager. */
export const odbcEnvironment = (dir: string): Record<string, string> => ({
  ODBCSYSINI: join(dir, 'etc'),
  ODBCINI: join(dir, 'etc/odbc.ini'),
});

function changesOf(settings: AsteriskSettings, part: AsteriskPart): Record<string, (shipped: string) => string> {
  const { dir } = settings;
  const folders = {
    astetcdir: join(dir, 'etc'),
    astmoddir: part.modulesFolder,
    astvarlibdir: join(dir, 'lib'),
    astdbdir: join(dir, 'lib'),
    astkeydir: join(dir, 'lib'),
    astdatadir: join(dir, 'data'),
    astagidir: join(dir, 'lib'),
    astspooldir: join(dir, 'spool'),
    astrundir: settings.runFolder,
    astlogdir: join(dir, 'log'),
  };
  return {
    'asterisk.conf': shipped =>
      [
        changeSetting(shipped, 'options', 'systemname', settings.systemname),
        '[directories]',
        ...Object.entries(folders).map(([name, folder]) => `${name} => ${folder}`),
        '',
      ].join('\n'),
    'http.conf': shipped => changeSetting(shipped, 'general', 'bindport', String(settings.httpPort)),
    'ari.conf': shipped =>
      changed(settings.outbound ? enableSection(shipped, 'ringfence-outbound') : shipped, [
        ['ringfence', 'password', settings.ariPassword],
        ...(settings.outbound
          ? ([
              ['ringfence-outbound', 'apps', settings.application],
              ['ringfence-outbound', 'local_ari_user', settings.ariUser],
            ] as Change[])
          : []),
      ]).replace('[ringfence]', `[${settings.ariUser}]`),
    'websocket_client.conf': shipped =>
      settings.outbound
        ? changed(enableSection(shipped, 'ringfence'), [
            ['ringfence', 'uri', settings.outbound.url],
            ['ringfence', 'username', settings.outbound.user],
            ['ringfence', 'password', settings.outbound.password],
          ])
        : shipped,
    'pjsip.conf': shipped =>
      changed(enableTransports(shipped, settings), [
        ['transport-udp', 'bind', `127.0.0.1:${settings.sipPort}`],
        ['billed', 'media_address', settings.mediaAddress],
        ['billed', 'bind_rtp_to_media_address', 'yes'],
        // SIPp talks without sending a single RTP packet.
        ['billed', 'rtp_timeout', String(settings.rtpTimeoutSeconds)],
      ]),
    'pjsip-customers.conf': () => settings.customers.map(customerText).join('\n'),
    'pjsip-carriers.conf': () => settings.carriers.map(carrierText).join('\n'),
    'extensions.conf': shipped =>
      [
        changed(shipped, [
          ['globals', 'RINGFENCE_APPLICATION', settings.application],
          ['globals', 'RINGFENCE_PATIENCE_SECONDS', String(settings.patienceSeconds)],
        ]),
        settings.extraDialplan,
        '',
      ].join('\n'),
    'res_odbc.conf': shipped => {
      if (settings.evidenceDatabaseUrl === undefined) return shipped;
      const { username, password } = new URL(settings.evidenceDatabaseUrl);
      return [
        ['ringfence', 'enabled', 'yes'],
        ['ringfence', 'username', decodeURIComponent(username)],
        ['ringfence', 'password', decodeURIComponent(password)],
      ].reduce((text, [section, key, value]) => changeSetting(text, section!, key!, value!), shipped);
    },
    'logger.conf': shipped => changeSetting(shipped, 'logfiles', 'messages.log', 'notice,warning,error,verbose(3)'),
  };
}

type Change = [section: string, key: string, value: string];

const changed = (text: string, changes: Change[]): string =>
  changes.reduce((before, [section, key, value]) => changeSetting(before, section, key, value), text);

function enableTransports(shipped: string, { dir, extraTransports, sipPort }: AsteriskSettings): string {
  const changes: Record<ExtraTransport, Change[]> = {
    tcp: [['transport-tcp', 'bind', `127.0.0.1:${sipPort}`]],
    tls: [
      ['transport-tls', 'bind', `127.0.0.1:${sipPort + 1}`],
      ['transport-tls', 'cert_file', join(dir, 'etc/cert.pem')],
      ['transport-tls', 'priv_key_file', join(dir, 'etc/key.pem')],
    ],
  };
  return extraTransports.reduce(
    (text, name) => changed(enableSection(text, `transport-${name}`), changes[name]),
    shipped,
  );
}

/** A certificate that only its own key has signed. */
function makeCertificate(folder: string): void {
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  execFileSync('openssl', ['req', ...kind, ...files], { stdio: 'pipe' });
}

function customerText(customer: Customer): string {
  const { name, password } = customer;
  const template = password !== undefined ? 'phone' : customer.accountcode === undefined ? 'trusted-proxy' : 'customer';
  return [
    `[${name}](${template}${customer.encrypted ? '-encrypted' : ''})`,
    ...(customer.accountcode === undefined ? [] : [`accountcode = ${customer.accountcode}`]),
    ...(customer.context === undefined ? [] : [`context = ${customer.context}`]),
    ...(password === undefined ? knownByAddress(customer) : knownByPassword(name, password)),
    '',
  ].join('\n');
}

const knownByAddress = ({ name, address }: Customer): string[] => [
  `[${name}]`,
  'type = identify',
  `endpoint = ${name}`,
  `match = ${address}`,
];

const knownByPassword = (name: string, password: string): string[] => [
  `auth = ${name}`,
  `aors = ${name}`,
  `[${name}]`,
  'type = auth',
  'auth_type = userpass',
  `username = ${name}`,
  `password = ${password}`,
  `[${name}](phone-address)`,
];

function carrierText(carrier: Carrier): string {
  return [
    `[${carrier.name}](carrier)`,
    `aors = ${carrier.name}`,
    ...(carrier.redirectMethod === undefined ? [] : [`redirect_method = ${carrier.redirectMethod}`]),
    `[${carrier.name}](carrier-address)`,
    ...(carrier.address === null ? [] : [`contact = sip:${carrier.address}`]),
    ...(carrier.qualifySeconds === undefined ? [] : [`qualify_frequency = ${carrier.qualifySeconds}`]),
    '',
  ].join('\n');
}

/**
 * The text with one setting of one section given another value, also if it is shipped as a comment. Throws if it is not there exactly once:
 * then the shipped file was changed, and the lab would run on an unintended configuration.
 */
export function changeSetting(text: string, section: string, key: string, value: string): string {
  let current = '';
  let changes = 0;
  const lines = text.split('\n').map(line => {
    const header = /^;?\[([^\]]+)\]/.exec(line);
    if (header) current = header[1]!;
    const setting = /^;?([\w.-]+)\s*=>?/.exec(line);
    if (current !== section || setting?.[1] !== key) return line;
    changes++;
    return line.replace(/^;?([\w.-]+\s*=>?).*$/, (_, left) => `${left} ${value}`);
  });
  if (changes !== 1) throw new Error(`the shipped configuration has ${changes} settings ${key} in [${section}], not 1`);
  return lines.join('\n');
}

/**
 * The text with a section that is shipped as a comment, from its header to the next empty line, in force. Throws if it is not there exactly
 * once.
 */
export function enableSection(text: string, section: string): string {
  const blocks = text.split('\n\n');
  const header = `;[${section}]\n`;
  let found = 0;
  const changed = blocks.map(block => {
    const at = `\n${block}`.indexOf(`\n${header}`);
    if (at < 0) return block;
    found++;
    return block.slice(0, at) + block.slice(at).replace(/^;(?=\[|\w+ = )/gm, '');
  });
  if (found !== 1) throw new Error(`the shipped configuration has ${found} commented sections [${section}], not 1`);
  return changed.join('\n\n');
}

/** The package's data by links, with its sounds under the name of their language: the package's own links lead out of the part. */
function linkData(dir: string, part: AsteriskPart): void {
  const data = join(dir, 'data');
  const voice = readdirSync(join(part.dataFolder, 'sounds')).find(name => /^en_US_\w+$/.test(name));
  const links: [string, string][] = [
    [join(part.dataFolder, 'documentation'), join(data, 'documentation')],
    [join(part.dataFolder, 'rest-api'), join(data, 'rest-api')],
    ...(voice ? ([[join(part.dataFolder, 'sounds', voice), join(data, 'sounds/en')]] as [string, string][]) : []),
  ];
  for (const [target, link] of links) {
    try {
      symlinkSync(target, link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
