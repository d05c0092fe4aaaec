import type { SwitchChannel } from '../../calls/switch-port';
import type { AriChannel } from './ari-api';
import { parsed } from './ari-transport';
import { isInApplication, switchChannelOf } from './switch-events';

/** Between two channels of ARI's list: each begins with its id. Within a text the quotes would be escaped. */
const BETWEEN = '},{"id":"';

/**
 * Reads lists of one switch's channels. A channel whose text is the same as in the last list is not parsed again: of thousands that talk,
 * some change between two lists. To parse 6,000 at once held the event loop for 50 ms, every 5 s.
 */
export class ChannelTexts {
  /** What the texts of the last list say. */
  #known = new Map<string, SwitchChannel>();

  readonly #application: string;

  constructor(application: string) {
    this.#application = application;
  }

  /** The channels in ARI's answer. @throws SwitchError `unanswered` if it is no JSON. */
  read(data: string): SwitchChannel[] {
    const said = new Map<string, SwitchChannel>();
    const channels = textsIn(data).map(text => {
      const channel = this.#known.get(text) ?? this.#parse(text);
      if (channel) said.set(text, channel);
      return channel;
    });
    // It is written in another way than we know, as with `pretty` in ari.conf.
    if (channels.some(channel => channel === null)) return (parsed('GET', data) as AriChannel[]).map(this.#channelOf);
    this.#known = said;
    return channels as SwitchChannel[];
  }

  /** null for a text that is not that of one channel. */
  #parse(text: string): SwitchChannel | null {
    try {
      return this.#channelOf(JSON.parse(text) as AriChannel);
    } catch {
      return null;
    }
  }

  readonly #channelOf = (channel: AriChannel): SwitchChannel => ({
    ...switchChannelOf(channel),
    isElsewhere: !isInApplication(channel, this.#application),
  });
}

/** The texts of the objects in a list. */
function textsIn(list: string): string[] {
  const end = list.lastIndexOf(']');
  const texts: string[] = [];
  if (list[0] !== '[' || end === 1) return list[0] === '[' ? [] : [''];
  for (let from = 1; ; ) {
    const at = list.indexOf(BETWEEN, from);
    if (at < 0) return [...texts, list.slice(from, end)];
    texts.push(list.slice(from, at + 1));
    from = at + 2;
  }
}
