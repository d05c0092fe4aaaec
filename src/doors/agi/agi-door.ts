import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { dialWarning } from '../../calls/dial-limit';
import type { SwitchRecords } from '../../calls/evidence';
import { openCallStore } from '../../calls/open-call-store';
import { accountOfCaller } from '../../cards/callers';
import { PinGuard } from '../../cards/pin-guard';
import type { CallLedger } from '../../credit/ledger';
import type { Limits } from '../../credit/rules/start';
import type { ListenAt } from '../../listeners/listen-at';
import { SocketListener } from '../../listeners/socket-listener';
import { harmless } from '../../rating/dialled-number';
import type { Routes } from '../../routes/route-table';
import { accountIn } from '../door-call';
import type { DoorNode, OwnCallsKind } from '../door-kind';
import { ListeningDoor } from '../listening-door';
import { AgiCalls, type Authorised } from './agi-calls';
import { AgiInvalid, type AgiRequest } from './agi-protocol';
import { AgiClosed, AgiLate, AgiSession } from './agi-session';
import { AGI_SETTINGS, type AgiSettings } from './agi-settings';
import { type Pace, Settlement } from './agi-settlement';
import { agiStore } from './agi-store';
import { CardLine, type CardLineParts } from './card-line';
import {
  grantedVariables,
  permittingVariables,
  refusedVariables,
  undecidedVariables,
  type Variables,
} from './channel-variables';
import { wordsOf } from './channel-words';
import { ANSWERED, type ChannelWords, NOT_ANSWERED } from './told-end';

export interface AgiDoorOptions {
  node: DoorNode;
  settings: AgiSettings & { listen: ListenAt };
  ledger: CallLedger;
  database: Knex;
  records: SwitchRecords;
  emergencyNumbers: readonly string[];
  limits: Limits;
  /** What a caller hears before the cut, if the account has no sound of its own. */
  warnSound: string;
  /** How long a trunk may ring when the card dialogue dials. */
  ringSeconds: number;
  routes: Routes;
  /** Secrets by which PINs are hashed, the newest first. */
  pinKeys: readonly string[];
  pace?: Pace;
  log: Logger;
}

const MOST_SESSIONS = 2_000;

/** A channel says nothing unless it is asked; then the session has deadlines of its own. Ms. */
const SILENT_MS = 30_000;

/** How often old wrong tries are deleted. Ms. */
const PRUNED_EVERY_MS = 3_600_000;
/** How often tries are taken back that a fault of ours ended. Ms. */
const TAKEN_BACK_EVERY_MS = 2_000;

/** The door where dialplans ask by AGI whether they may dial, and report that a call is over. */
export class AgiDoor extends ListeningDoor {
  private readonly settlement: Settlement;
  private readonly calls: AgiCalls;
  private readonly cardLine: CardLineParts;
  protected readonly listener: SocketListener;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(private readonly options: AgiDoorOptions) {
    const { node, settings, ledger, database, records, emergencyNumbers, limits, pace, log } = options;
    super(node, log);
    const { refusals } = this;
    const openCalls = openCallStore(database);
    const store = agiStore(database);
    const { pinTries: tries, lockSeconds, triesPerMinute } = settings;
    const guard = new PinGuard(database, { tries, lockSeconds, triesPerMinute });
    this.settlement = new Settlement({ node, ledger, records, openCalls, store, pace, refusals, log });
    this.calls = new AgiCalls({
      node,
      ledger,
      store,
      settlement: this.settlement,
      emergencyNumbers,
      capSeconds: Math.min(settings.capSeconds, limits.maxCallSeconds),
      limits,
      refusals,
      log,
    });
    const { routes, pinKeys, ringSeconds, warnSound } = options;
    const { prompts, warnings } = settings;
    const { calls, settlement } = this;
    const said = { prompts, warnings, warnSound, ringSeconds };
    this.cardLine = {
      actor: this.name,
      database,
      calls,
      settlement,
      store,
      routes,
      emergencyNumbers,
      guard,
      pinKeys,
      ...said,
      refusals,
      log,
    };
    this.listener = new SocketListener({
      door: node,
      variable: AGI_SETTINGS.listen.variable,
      listen: settings.listen,
      peers: settings.peers,
      mostConnections: MOST_SESSIONS,
      idleMs: SILENT_MS,
      serve: (socket, from) => this.serve(new AgiSession(socket), from),
      refusals,
      log,
    });
  }

  override async open(): Promise<void> {
    await super.open();
    this.settlement.start();
    const { guard } = this.cardLine;
    const every = (ms: number, work: () => Promise<void>) =>
      this.timers.push(setInterval(() => void work().catch(() => undefined), ms).unref());
    every(PRUNED_EVERY_MS, () => guard.prune());
    every(TAKEN_BACK_EVERY_MS, () => guard.takeBackOwed());
  }

  /** Ends that are not durable yet. */
  override get waiting(): number {
    return this.settlement.waiting;
  }

  /** Gives up what is not settled yet: the next process settles it from the journal. */
  override abandon(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.settlement.stop();
  }

  private async serve(session: AgiSession, from: string): Promise<void> {
    try {
      const request = await session.request();
      await this.run(session, request, from);
      this.listener.countAnswer();
    } catch (error) {
      const { name, message } = error as Error;
      const reason = REASON_OF_ERROR[name];
      if (reason === undefined) throw error;
      this.refusals.note(reason, { peer: from, detail: message });
    }
  }

  private async run(session: AgiSession, request: AgiRequest, from: string): Promise<void> {
    switch (request.script) {
      case 'authorize':
        return this.authorize(session, request, this.accountOf(request));
      case 'authorize-caller':
        return this.authorize(session, request, await this.accountOfCaller(request));
      case 'settle':
        return this.settle(session, request);
      case 'card':
        return new CardLine(this.cardLine, session, request, from).run();
      default:
        this.refusals.note('script_unknown', { peer: from, todo: 'write agi://host/authorize, settle or card' });
    }
  }

  /** The payer: the account that the dialplan names, else the channel's. null if no account can have that name. */
  private accountOf({ args, accountcode }: AgiRequest): string | null {
    return accountIn(this.options.settings.account, { accountcode: args[0] || accountcode });
  }

  /** The payer by the caller's number alone; null for an unknown caller. */
  private async accountOfCaller({ callerid }: AgiRequest): Promise<string | null> {
    return accountOfCaller(this.options.database, callerid).catch(error => {
      this.options.log.warn({ event: 'agi_callers_not_read', error: String(error) });
      return null;
    });
  }

  /** The arguments are the payer, unless the script names it otherwise, and the dialled number. */
  private async authorize(session: AgiSession, request: AgiRequest, accountcode: string | null): Promise<void> {
    await setAll(session, undecidedVariables());
    const words = await wordsOf(session);
    const { args, extension, uniqueid: channel, callerid } = request;
    const outcome = await this.calls.authorise({
      channel,
      accountcode,
      number: args[1] || extension,
      src: harmless(callerid),
      words,
    });
    if ('refusal' in outcome) return setAll(session, refusedVariables(outcome.refusal));
    await this.grant(session, outcome, words);
  }

  /** Lets the channel dial. If its caller has gone, or the channel could not be told, takes the call back. */
  private async grant(session: AgiSession, call: Authorised, words: ChannelWords): Promise<void> {
    const { settings, warnSound } = this.options;
    const warning = settings.warnings ? dialWarning(call.grant.terms, call.grant.grantedSeconds, warnSound) : null;
    try {
      await session.setVariable('RINGFENCE_OWN_ANSWER', words.isUp ? ANSWERED : NOT_ANSWERED);
      await setAll(session, grantedVariables(call, warning));
    } catch (error) {
      await this.calls.takeBack(call);
      throw error;
    }
    // If the connection breaks from here on, the channel may dial: the journal shows whether it did.
    await setAll(session, permittingVariables(call.grant, warning));
    if (session.isHungUp) await this.calls.takeBack(call);
  }

  /** In a hangup handler: the call is over. Asterisk holds the rest of the hang-up until we are done, so nothing waits here. */
  private async settle(session: AgiSession, { uniqueid }: AgiRequest): Promise<void> {
    this.settlement.over(uniqueid, await wordsOf(session));
  }
}

export const AGI_DOOR: OwnCallsKind<AgiSettings> = {
  settings: AGI_SETTINGS,
  page: 'agi',
  node: 'agi',
  hears: 'ended by the limit, as a dialplan cannot be told',
  make: (settings, parts) => new AgiDoor({ ...parts, settings }),
};

const REASON_OF_ERROR: Record<string, string> = {
  [AgiInvalid.name]: 'message_invalid',
  [AgiClosed.name]: 'connection_lost',
  [AgiLate.name]: 'switch_too_slow',
};

async function setAll(session: AgiSession, variables: Variables): Promise<void> {
  for (const [name, value] of variables) await session.setVariable(name, value);
}
