import type { SwitchPort } from './switch-port';

/** The word by which the dialplan names the INVITE that began a call: `dialog=` and a hash. docs/pools.md */
const WORD = /^dialog=([0-9a-f]{32})$/;

/** How long after its end an answered call's INVITE may come again: what a network holds back is dropped by then (64 × T1, RFC 3261). Ms. */
const REMEMBERED_MS = 32_000;

/**
 * The INVITEs of calls, by the hash that the dialplan makes of endpoint, Call-ID, From tag and CSeq.
 *
 * A copy of an INVITE that comes after the ACK is a new call to the switch. It would be dialled and charged a second time.
 */
export class Dialogs {
  private readonly live = new Map<string, string>();
  /** Of answered calls that ended, in the order of the time until which they are remembered. */
  private readonly ended = new Map<string, { channel: string; until: number }>();
  private readonly keyOf = new Map<string, string>();

  /** Whether the call of `channel` repeats one that is in progress, or that was answered and ended a moment ago; if not, it is remembered. */
  isRepeat(port: SwitchPort, channel: string, words: readonly string[]): boolean {
    const hash = words.map(word => WORD.exec(word)?.[1]).find(found => found !== undefined);
    if (hash === undefined) return false;
    const key = `${port.node} ${hash}`;
    this.forgetOld();
    const holder = this.live.get(key) ?? this.ended.get(key)?.channel;
    // The same channel again is no copy: its dialplan asks a second time.
    if (holder !== undefined) return holder !== channel;
    this.live.set(key, channel);
    this.keyOf.set(channel, key);
    return false;
  }

  /** The call is over. One that was not answered may be tried again by the same INVITE: a proxy does so on another branch. */
  over(channel: string, wasAnswered: boolean): void {
    const key = this.keyOf.get(channel);
    if (key === undefined) return;
    this.keyOf.delete(channel);
    this.live.delete(key);
    if (wasAnswered) this.ended.set(key, { channel, until: performance.now() + REMEMBERED_MS });
  }

  private forgetOld(): void {
    const now = performance.now();
    for (const [key, { until }] of this.ended) {
      if (until > now) return;
      this.ended.delete(key);
    }
  }
}

/** The words without the one that names the INVITE. */
export const withoutDialog = (words: readonly string[]): string[] => words.filter(word => !word.startsWith('dialog='));
