/** The door that docs/doors/writing-a-door.md builds: each part of it is shown there. */
import type { Logger } from 'pino';
import { uniqueidOf } from '../../src/calls/call-id';
import { type ListenSettings, listenSettings, nameSetting, type SettingsTable } from '../../src/config/setting';
import type { CallLedger } from '../../src/credit/ledger';
import { endAfterTalk } from '../../src/doors/door-call';
import type { DoorNode, Opened, OwnCallsKind } from '../../src/doors/door-kind';
import { fixedOutcome, fixedStart } from '../../src/doors/fixed-call';
import { ListeningDoor } from '../../src/doors/listening-door';
import { isFromPage } from '../../src/listeners/from-page';
import { type HttpAnswer, HttpListener, type HttpQuestion } from '../../src/listeners/http-listener';
import { formatAmount } from '../../src/money/micros';
import { masked, readDialled } from '../../src/rating/dialled-number';

/** Where the toy switch asks, and what its calls are called. */
export interface ToySettings extends ListenSettings {
  name: string;
}

export const TOY_SETTINGS: SettingsTable<ToySettings> = {
  ...listenSettings('RINGFENCE_TOY', 'the toy switch asks'),
  name: nameSetting('RINGFENCE_TOY', 'toy:', 'toy switch'),
};

export interface ToyDoorOptions {
  node: DoorNode;
  settings: Opened<ToySettings>;
  ledger: CallLedger;
  emergencyNumbers: readonly string[];
  maxCallSeconds: number;
  log: Logger;
}

/** Where the toy switch asks for its calls: `start <call> <account> <number>`, `end <call> <account> <seconds>`. */
export class ToyDoor extends ListeningDoor {
  protected readonly listener: HttpListener;
  private ending = 0;

  constructor(private readonly options: ToyDoorOptions) {
    const { node, settings, log } = options;
    super(node, log);
    this.listener = new HttpListener({
      door: node,
      variable: TOY_SETTINGS.listen.variable,
      listen: settings.listen,
      peers: settings.peers,
      methods: ['POST'],
      answer: question => this.answer(question),
      busy: inText(503, 'busy'),
      refusals: this.refusals,
      log,
    });
  }

  /** Ends that are not durable yet: a service that stops waits for them. */
  override get waiting(): number {
    return this.ending;
  }

  private async answer({ headers, body, from }: HttpQuestion): Promise<HttpAnswer> {
    if (isFromPage(headers)) return this.refuse(403, 'origin_not_allowed', { peer: from });
    const [, what, callId = '', accountcode = '', word = ''] =
      /^(start|end) ([!-~]{1,80}) (\S{1,79}) (\S{1,40})$/.exec(String(body)) ?? [];
    if (what === 'start') return this.start(callId, accountcode, word);
    if (what === 'end' && /^\d{1,6}$/.test(word)) return this.end(callId, accountcode, Number(word));
    return this.refuse(400, 'message_invalid', { peer: from });
  }

  private async start(callId: string, accountcode: string, number: string): Promise<HttpAnswer> {
    const { node, ledger, emergencyNumbers, maxCallSeconds } = this.options;
    const { digits: dst, emergency } = readDialled(number, emergencyNumbers);
    const request = fixedStart({
      uniqueid: uniqueidOf(node, callId),
      accountcode,
      node,
      src: '',
      dst,
      startAt: Date.now(),
      emergency,
      mostSeconds: maxCallSeconds,
    });
    const outcome = fixedOutcome(request, await ledger.start(request));
    // An emergency call is let through even if the ledger refuses it, because the database is away for example.
    if ('refusal' in outcome && emergency) return inText(200, `granted ${maxCallSeconds}`);
    const refusal = 'refusal' in outcome ? outcome.refusal : null;
    if ('refusal' in outcome || outcome.startedBy === 'other') {
      return this.refuse(402, refusal ?? 'call_id_reused', { accountcode, dst: masked(dst ?? '') });
    }
    return inText(200, `granted ${outcome.grant.grantedSeconds}`);
  }

  private async end(callId: string, accountcode: string, seconds: number): Promise<HttpAnswer> {
    const { node, ledger } = this.options;
    const uniqueid = uniqueidOf(node, callId);
    this.ending++;
    const ended = ledger.end({ uniqueid, accountcode, trunk: '', end: endAfterTalk(seconds * 1000) });
    const call = await ended.finally(() => this.ending--);
    if (!call) return this.refuse(404, 'call_unknown', { accountcode });
    return inText(200, `charged ${formatAmount(call.cost)} ${call.currency}`);
  }

  private refuse(status: number, reason: string, facts: Record<string, unknown>): HttpAnswer {
    this.refusals.note(reason, facts);
    return inText(status, `refused ${reason}`);
  }
}

const inText = (status: number, text: string): HttpAnswer => ({ status, type: 'text/plain', text });

export const TOY_DOOR: OwnCallsKind<ToySettings> = {
  settings: TOY_SETTINGS,
  page: 'toy',
  node: 'toy',
  hears: 'ended by the limit, as the toy switch cannot be told',
  make: (settings, parts) => new ToyDoor({ ...parts, settings }),
};
