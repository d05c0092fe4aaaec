import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inLanguage } from '../../calls/announcements';
import { SwitchError } from '../../calls/switch-port';
import type { AriApi } from './ari-api';
import type { AwaitedEvents } from './awaited-events';
import type { AriEvent } from './event-stream';
import { OUR_PREFIX } from './switch-events';

export interface PlaybacksOptions {
  /** Throws while there is no connection. */
  ari: () => AriApi;
  awaited: AwaitedEvents;
  /** How long any one request may take. Ms. */
  requestDeadlineMs: number;
  /** How long a list of sounds may play. Ms. */
  withinMs: number;
}

/** How long to wait before a playback that goes on is stopped again. Ms. */
const STOP_AGAIN_MS = 100;

/** Sounds that play, or wait to play. */
interface Playing {
  channel: string;
  playback: string;
  over: Promise<unknown>;
}

/** What plays on the legs of one Asterisk. */
export class Playbacks {
  readonly #options: PlaybacksOptions;
  readonly #playing = new Set<Playing>();

  constructor(options: PlaybacksOptions) {
    this.#options = options;
  }

  /** As SwitchPort.play. */
  async play(channel: string, media: string[]): Promise<void> {
    const { ari, awaited, withinMs } = this.#options;
    const playback = `${OUR_PREFIX}${randomUUID()}`;
    const finished = awaited.expect(playback, channel, withinMs, `play ${media}`);
    const playing = { channel, playback, over: finished.arrived.catch(() => {}) };
    // Before the request: a stop that comes while the request is on its way must find the playback.
    this.#playing.add(playing);
    try {
      const said = inLanguage(media, media.some(isNumber) ? await this.#languageOf(channel) : '');
      await ari().channels.playWithId({ channelId: channel, playbackId: playback, media: said.join(',') });
      await finished.arrived;
    } finally {
      finished.forget();
      this.#playing.delete(playing);
    }
  }

  /** As SwitchPort.stopPlaying. */
  async stop(channel: string): Promise<void> {
    await Promise.all([...this.#playing].filter(playing => playing.channel === channel).map(one => this.#stop(one)));
  }

  /** Takes in Asterisk's PlaybackFinished. */
  finished({ playback }: AriEvent): void {
    const { id, state } = playback as { id: string; state: string };
    if (state === 'failed') this.#options.awaited.refused(id, 'the sound is missing, or the leg ended');
    else this.#options.awaited.met(id);
  }

  async #languageOf(channel: string): Promise<string> {
    const variable = 'CHANNEL(language)';
    return (await this.#options.ari().channels.getChannelVar({ channelId: channel, variable })).value;
  }

  /**
   * A sound stops at once. A number is spoken to its end, whatever Asterisk answered, and then the next sound of the list plays. The
   * request to play may be on its way too. So the stop is repeated until the playback has ended.
   */
  async #stop(playing: Playing): Promise<void> {
    const deadline = performance.now() + this.#options.requestDeadlineMs;
    while (this.#playing.has(playing) && performance.now() < deadline) {
      await this.#options
        .ari()
        .playbacks.stop({ playbackId: playing.playback })
        .catch(error => {
          if (!(error instanceof SwitchError) || error.kind === 'unanswered') throw error;
        });
      await Promise.race([playing.over, sleep(STOP_AGAIN_MS)]);
    }
  }
}

const isNumber = (uri: string): boolean => uri.startsWith('number:');
