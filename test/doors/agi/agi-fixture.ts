import { setTimeout as sleep } from 'node:timers/promises';
import type { AgiDoorOptions } from '../../../src/doors/agi/agi-door';
import { AGI_DOOR, AgiDoor } from '../../../src/doors/agi/agi-door';
import type { AgiSettings } from '../../../src/doors/agi/agi-settings';
import { promptsOf } from '../../../src/doors/agi/card-prompts';
import { doorNode } from '../../../src/doors/door-kind';
import { switchRecords } from '../../../src/evidence/switch-records';
import { parsePeers } from '../../../src/listeners/peers';
import { type Route, routesFor } from '../../../src/routes/route';
import { LIMITS, NOON } from '../../credit/ledger-fixture';
import type { TestDatabase } from '../../database/test-database';
import { type OpenedDoor, opened, Wire } from '../door-fixture';

/** What Asterisk 22.10.1 writes to a script, recorded. */
const ENVIRONMENT: [string, string][] = [
  ['agi_network', 'yes'],
  ['agi_network_script', 'authorize'],
  ['agi_request', 'agi://127.0.0.1:4573/authorize'],
  ['agi_channel', 'PJSIP/plain-00000000'],
  ['agi_language', 'en'],
  ['agi_type', 'PJSIP'],
  ['agi_uniqueid', 'ast1-1795732306.0'],
  ['agi_version', '22.10.1+dfsg+~cs6.17.60671434-1'],
  ['agi_callerid', 'caller'],
  ['agi_calleridname', 'unknown'],
  ['agi_callingpres', '0'],
  ['agi_callingani2', '0'],
  ['agi_callington', '0'],
  ['agi_callingtns', '0'],
  ['agi_dnid', '4930123450'],
  ['agi_rdnis', 'unknown'],
  ['agi_context', 'plain'],
  ['agi_extension', '4930123450'],
  ['agi_priority', '3'],
  ['agi_enhanced', '0.0'],
  ['agi_accountcode', 'plain'],
  ['agi_threadid', '140200150955712'],
];

/** The environment with which Asterisk begins a session, to its blank line; more names come behind the others. */
export function environment(script: string, more: Record<string, string> = {}): string {
  const values = new Map([...ENVIRONMENT, ['agi_network_script', script] as const, ...Object.entries(more)]);
  values.set('agi_request', `agi://127.0.0.1:4573/${script}`);
  return `${[...values].map(([name, value]) => `${name}: ${value}\n`).join('')}\n`;
}

/** What Asterisk answers to the first command, `GET FULL VARIABLE "<anything>"`. */
export const repeated = (command: string): string => `200 result=1 (${/"(\w+)"/.exec(command)?.[1]})\n`;

export const NODE = doorNode(AGI_DOOR, 'main');

export type TestDoor = OpenedDoor<AgiDoor>;

/** The shipped pace, but faster. */
const PACE = { sweepMs: 200, lookAtMs: [20, 60, 150, 400], earlierLookAtMs: [0, 20, 60, 150] };

export interface DoorOptions extends Partial<Pick<AgiDoorOptions, 'pace' | 'warnSound'>> {
  settings?: Partial<Omit<AgiSettings, 'listen'>>;
  startDeadlineMs?: number;
  routes?: Route[];
  pinKeys?: string[];
}

export function openDoor(test: TestDatabase, options: DoorOptions = {}): Promise<TestDoor> {
  const { startDeadlineMs = 5_000, warnSound = 'sound:beep', routes = [], pinKeys = [], pace = PACE } = options;
  const make = (parts: Pick<AgiDoorOptions, 'node' | 'ledger' | 'database' | 'emergencyNumbers' | 'log'>) =>
    new AgiDoor({
      ...parts,
      settings: {
        listen: { host: '127.0.0.1', port: 0 },
        peers: parsePeers(['127.0.0.1']),
        name: 'main',
        account: '{accountcode}',
        capSeconds: 3600,
        warnings: false,
        prompts: promptsOf([]),
        pinTries: 5,
        lockSeconds: 900,
        triesPerMinute: 60,
        ...options.settings,
      },
      records: switchRecords(test.database, new Map()),
      limits: LIMITS,
      warnSound,
      ringSeconds: 60,
      routes: { of: async digits => routesFor(routes, digits), lastOf: digits => routesFor(routes, digits) },
      pinKeys,
      pace,
    });
  return opened(test, NODE, make, { startDeadlineMs });
}

let channels = 0;

/** A channel of Asterisk's in its dialplan, as far as AGI sees it: it keeps variables, and answers as Asterisk 22.10.1 does. */
export class Channel {
  readonly uniqueid: string;
  readonly variables = new Map<string, string>();
  /** The switch's own clock; ms since 1970. */
  now = NOON;
  state = 'Ring';
  linkedid: string;
  /** Every command of the last session. */
  asked: string[] = [];
  /** The caller's entries: digits, '#' for nothing, null for silence; after the last one the caller hangs up. */
  entries: (string | null)[] = [];
  /** The keys that StoreDTMF() has kept; null before it is called. */
  kept: string | null = null;
  private silentSeconds = 0;
  /** The result of `Dial()`: DIALSTATUS, when it is over. */
  dial: (endpoint: string) => string | Promise<string> = () => 'CHANUNAVAIL';
  isHungUp = false;
  /** Does something before the nth command of a session is answered, from 1. */
  before: (number: number, wire: Wire) => void | Promise<void> = () => {};

  constructor(
    private readonly port: number,
    private readonly more: Record<string, string> = {},
  ) {
    this.uniqueid = more.agi_uniqueid ?? `ast1-${NOON / 1000}.${++channels}`;
    this.linkedid = this.uniqueid;
  }

  /** `AGI(agi://host/script,arguments)`, until the door is done; returns the channel's variables of Ringfence. */
  async agi(script: string, ...args: string[]): Promise<Record<string, string>> {
    const wire = await Wire.open(this.port);
    this.asked = [];
    const given = Object.fromEntries(args.map((arg, index) => [`agi_arg_${index + 1}`, arg]));
    wire.send(environment(script, { agi_uniqueid: this.uniqueid, ...this.more, ...given }));
    for (;;) {
      const line = await wire.upTo('\n');
      if (!line.endsWith('\n')) break;
      this.asked.push(line.slice(0, -1));
      await this.before(this.asked.length, wire);
      wire.send(`${await this.answer(line.slice(0, -1))}\n`);
    }
    wire.close();
    return this.told();
  }

  /** RINGFENCE_… without the prefix, in the order in which they were first set. */
  told(): Record<string, string> {
    const mine = [...this.variables].filter(([name]) => name.startsWith('RINGFENCE_'));
    return Object.fromEntries(mine.map(([name, value]) => [name.replace('RINGFENCE_', ''), value]));
  }

  private async answer(command: string): Promise<string> {
    const words = [...command.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) =>
      (word as string).replace(/\\(.)/g, '$1'),
    );
    if (command.startsWith('SET VARIABLE ')) {
      this.variables.set(words[0] as string, words[1] as string);
      return '200 result=1';
    }
    if (command.startsWith('GET FULL VARIABLE ')) {
      return `200 result=1 (${(words[0] as string).replace(/\$\{([^}]*)\}/g, (_, name: string) => this.value(name))})`;
    }
    if (this.isHungUp && command !== 'CHANNEL STATUS') return '511 Command Not Permitted on a dead channel';
    if (command === 'ANSWER') {
      this.state = 'Up';
      return '200 result=0';
    }
    if (command === 'CHANNEL STATUS')
      return this.isHungUp ? '511 Command Not Permitted on a dead channel' : '200 result=6';
    if (command.startsWith('STREAM FILE ')) return '200 result=0 endpos=8000';
    if (command.startsWith('SAY ')) return '200 result=0';
    if (command.startsWith('GET DATA ')) return this.reading(words[1] as string);
    if (command.startsWith('EXEC "StoreDTMF" ')) {
      this.kept ??= '';
      return '200 result=0';
    }
    if (command.startsWith('EXEC "Dial" ')) return this.dialAndWait(words[1] as string);
    // An application that is not loaded.
    if (command.startsWith('EXEC ')) return '200 result=-2';
    return '510 Invalid or unknown command';
  }

  /** The caller presses a key only if there is a second for it. */
  private async reading(ms: string): Promise<string> {
    if (ms !== '1000') {
      await sleep(1);
      return '200 result= (timeout)';
    }
    const entry = this.entries[0];
    if (entry === undefined) return this.hangUp();
    if (entry === null) {
      if (++this.silentSeconds % 5 === 0) this.entries.shift();
      return '200 result= (timeout)';
    }
    this.entries.shift();
    const digits = entry === '#' ? '' : entry;
    if (this.kept !== null) this.kept += `${digits}#`;
    return `200 result=${digits}`;
  }

  private hangUp(): string {
    this.isHungUp = true;
    return 'HANGUP\n200 result=-1';
  }

  private async dialAndWait(argument: string): Promise<string> {
    const [endpoint = ''] = argument.split(',');
    const status = await this.dial(endpoint);
    const cause = { ANSWER: '16', BUSY: '17', NOANSWER: '19', CONGESTION: '34', CHANUNAVAIL: '3' }[status];
    // Answered since the prompts, so never the time that both talked.
    this.dialled(status, status === 'ANSWER' ? 999_999 : null, cause);
    return this.isHungUp ? this.hangUp() : '200 result=0';
  }

  private value(name: string): string {
    if (name.startsWith('STRFTIME('))
      return `${Math.floor(this.now / 1000)}.${String(this.now % 1000).padStart(3, '0')}`;
    if (name === 'SHIFT(RINGFENCE_KEYS,-)') {
      const { kept } = this;
      if (kept !== null) this.kept = '';
      return kept ?? '';
    }
    if (name === 'CHANNEL(state)') return this.state;
    if (name === 'CHANNEL(linkedid)') return this.linkedid;
    return this.variables.get(name) ?? '';
  }

  /** What Dial() leaves in the channel's variables; `upMs`: how long the channel was answered, if it was. */
  dialled(status: string, upMs: number | null = null, cause = status === 'ANSWER' ? '16' : '19'): void {
    this.variables.set('DIALSTATUS', status).set('HANGUPCAUSE', cause);
    this.variables.set('ANSWEREDTIME_MS', upMs === null ? '' : String(upMs));
    this.variables.set('ANSWEREDTIME', upMs === null ? '' : String(Math.floor(upMs / 1000)));
  }
}

/** Writes into the journal, as cel_odbc does, that the nth leg which a channel dialled was answered, and ended. ms since 1970. */
export async function wrote(
  test: TestDatabase,
  caller: string,
  {
    answerAt,
    endAt,
    leg = 1,
    callerGoneAt,
  }: { answerAt?: number; endAt?: number; leg?: number; callerGoneAt?: number },
): Promise<void> {
  const callee = `${caller}9${leg}`;
  const row = (eventtype: string, at: number, uniqueid: string, extra = '') => ({
    eventtype,
    eventtime: new Date(at).toISOString().replace('T', ' ').replace(/Z$/, '000'),
    uniqueid,
    linkedid: caller,
    accountcode: 'plain',
    channame: `PJSIP/${uniqueid}`,
    extra,
  });
  const hangup = (at: number, uniqueid: string, by: string) => [
    row('HANGUP', at, uniqueid, JSON.stringify({ hangupcause: 16, hangupsource: `PJSIP/${by}`, dialstatus: '' })),
    row('CHAN_END', at, uniqueid),
  ];
  await test
    .database('astcel')
    .insert([
      ...(answerAt === undefined ? [] : [row('ANSWER', answerAt, callee), row('ANSWER', answerAt, caller)]),
      ...(endAt === undefined ? [] : [row('BRIDGE_EXIT', endAt, callee), ...hangup(endAt + 1, callee, caller)]),
      ...(callerGoneAt === undefined ? [] : hangup(callerGoneAt, caller, caller)),
    ]);
}
