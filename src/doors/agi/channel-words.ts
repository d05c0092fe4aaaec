import type { AgiSession } from './agi-session';
import { type ChannelWords, channelWords, TOLD_TEXT } from './told-end';

/** What a channel reports of itself now, hung up or not. @throws AgiInvalid, AgiClosed, AgiLate */
export const wordsOf = async (session: AgiSession): Promise<ChannelWords> =>
  channelWords(await session.evaluate(TOLD_TEXT), Date.now());
