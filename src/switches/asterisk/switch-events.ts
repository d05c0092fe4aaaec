import type { SwitchChannel, SwitchEvent } from '../../calls/switch-port';
import type { AriBridge, AriChannel } from './ari-api';
import { parseAsteriskStamp } from './asterisk-clock';
import type { AriEvent } from './event-stream';

/** The ids of channels that the service creates begin so; Asterisk's own begin with its systemname or the time. */
export const OUR_PREFIX = 'rf-';

/** The first Stasis argument of a leg made by `createLeg`; an incoming channel cannot have both it and the prefix. */
export const CALLED_LEG = 'rf-leg';

/**
 * The only types that we request. A call without a filter gives about 70 events, 50 of them ChannelVarset with RTP figures
 * (docs/asterisk.md); with this list it gives 16.
 */
export const EVENT_TYPES = [
  'ApplicationReplaced',
  'ChannelDestroyed',
  'ChannelHangupRequest',
  'ChannelLeftBridge',
  'ChannelStateChange',
  'Dial',
  'PlaybackFinished',
  'StasisEnd',
  'StasisStart',
] as const;

/**
 * Dial statuses that mean that the called leg will not be answered, and the Q.850 cause that each stands for.
 *
 * A PJSIP leg is destroyed by its refusal and gives ChannelDestroyed with the cause. A Local channel gives one of these and then stays open
 * until the dial times out, so we must end the leg for it.
 */
export const FAILED_DIAL_CAUSES: Readonly<Record<string, number>> = {
  BUSY: 17,
  CONGESTION: 34,
  CHANUNAVAIL: 20,
  NOANSWER: 19,
};

/** AST_SOFTHANGUP_EXPLICIT: a request over ARI or on the console hung up. include/asterisk/channel.h */
const SOFTHANGUP_EXPLICIT = 32;

/**
 * What an event of ARI means for a call; null if it means nothing.
 *
 * Nothing is dropped as a duplicate: `Dial` and the channel's own events travel by different topics and may come in either order, and the
 * life of the call takes the earliest evidence. `at` is Asterisk's own stamp.
 */
export function switchEventOf(event: AriEvent, at: number): SwitchEvent | null {
  const channel = (event.channel as AriChannel | undefined)?.id ?? '';
  switch (event.type) {
    case 'StasisStart': {
      const leg = event.channel as AriChannel;
      // A snoop channel is ours too: it whispers to a leg, and is no call.
      if (leg.name.startsWith('Snoop/')) return null;
      const of = (event.replace_channel as AriChannel | undefined)?.id;
      if (of !== undefined && of !== leg.id) return { type: 'tookPlace', at, channel: leg.id, of };
      if (isCalledLeg(event)) return null;
      return { type: 'arrived', at, leg: { ...switchChannelOf(leg), args: event.args as string[] } };
    }
    case 'ChannelStateChange': {
      const { state } = event.channel as AriChannel;
      if (state === 'Ringing') return { type: 'ringing', at, channel };
      return state === 'Up' ? { type: 'answered', at, channel } : null;
    }
    case 'Dial': {
      const peer = (event.peer as AriChannel).id;
      const status = event.dialstatus as string;
      const caller = (event.caller as AriChannel | undefined)?.id;
      const isOurs = peer.startsWith(OUR_PREFIX);
      if (status === 'ANSWER') {
        return { type: 'answered', at, channel: peer, ...(caller !== undefined && !isOurs && { caller }) };
      }
      // For a leg that the dialplan calls; the caller's own end says how it failed.
      if (!isOurs && caller !== undefined)
        return status === '' ? { type: 'dials', at, channel: caller, leg: peer } : null;
      if (status === 'RINGING' || status === 'PROGRESS') return { type: 'ringing', at, channel: peer };
      return status in FAILED_DIAL_CAUSES ? { type: 'ended', at, channel: peer, byRequest: false } : null;
    }
    // Its cause is no Q.850 cause: with `soft` it is a bit mask of Asterisk's own (AST_SOFTHANGUP_…).
    case 'ChannelHangupRequest': {
      const byRequest = event.soft === true && event.cause === SOFTHANGUP_EXPLICIT;
      return { type: 'ended', at, channel, byRequest, byParty: event.soft !== true };
    }
    case 'ChannelLeftBridge': {
      const { id } = event.bridge as AriBridge;
      return id.startsWith(OUR_PREFIX) ? { type: 'apart', at, channel } : null;
    }
    case 'StasisEnd':
      return { type: 'ended', at, channel, byRequest: false, hasLeft: true };
    case 'ChannelDestroyed': {
      // tech_cause is the SIP status; Asterisk has it since 22.7. It is 0 or a success for a leg that was not refused by SIP.
      const status = event.tech_cause;
      const techCause = typeof status === 'number' && status >= 300 && status < 700 ? status : null;
      return { type: 'destroyed', at, channel, cause: event.cause as number, techCause };
    }
    case 'ApplicationReplaced':
      return { type: 'replaced' };
    default:
      return null;
  }
}

/** Whether a StasisStart is that of a leg made by `createLeg`. */
export function isCalledLeg(event: AriEvent): boolean {
  const { id } = event.channel as AriChannel;
  return id.startsWith(OUR_PREFIX) && (event.args as string[])[0] === CALLED_LEG;
}

/** Whether the channel is in `Stasis(application)` now. Asterisk also says so for a leg that ARI created. */
export function isInApplication(channel: AriChannel, application: string): boolean {
  const { app_name: app, app_data: data } = channel.dialplan;
  return app === 'Stasis' && (data === application || data?.startsWith(`${application},`) === true);
}

export function switchChannelOf(channel: AriChannel): SwitchChannel {
  return {
    channel: channel.id,
    name: channel.name,
    accountcode: channel.accountcode,
    callerNumber: channel.caller.number,
    dialledNumber: channel.dialplan.exten,
    state: STATES[channel.state] ?? 'down',
    createdAt: parseAsteriskStamp(channel.creationtime),
    args: wordsOf(channel.dialplan.app_data ?? '').slice(1),
  };
}

/**
 * The words in an application's data, as the application itself reads them: a comma in quotes, parentheses or brackets divides nothing, and
 * neither does one behind a backslash. Quotes and backslashes are left out. Source: __ast_app_separate_args() of Asterisk's main/app.c.
 */
export function wordsOf(data: string): string[] {
  if (!/["\\()[\]]/.test(data)) return data.split(',');
  const words: string[] = [];
  let [word, parentheses, brackets, isQuoted] = ['', 0, 0, false];
  for (let at = 0; at < data.length; at++) {
    const character = data[at] as string;
    if (character === ',' && parentheses === 0 && brackets === 0 && !isQuoted) {
      words.push(word);
      word = '';
    } else if (character === '\\') word += data[++at] ?? '';
    else if (character === '"') isQuoted = !isQuoted;
    else word += character;
    if (character === '(') parentheses++;
    if (character === ')') parentheses = Math.max(0, parentheses - 1);
    if (character === '[') brackets++;
    if (character === ']') brackets = Math.max(0, brackets - 1);
  }
  return [...words, word];
}

/** Asterisk's other states (Rsrved, Dialing, OffHook, Busy…) are of legs that neither ring nor talk. */
const STATES: Readonly<Record<string, SwitchChannel['state']>> = { Ring: 'ringing', Ringing: 'ringing', Up: 'up' };
