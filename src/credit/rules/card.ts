/** A calling card's account, which is known by its name. What else there is to cards: src/cards/. */

const CARD_PREFIX = 'card-';

/** The account of a card. Its code is also the reference of its opening top-up. */
export const accountOfCard = (serial: number): string => `${CARD_PREFIX}${serial}`;

/** Whether this may be a card's account. An operator's account may have such a name too, without a card. */
export const mayBeOfCard = (accountcode: string): boolean => accountcode.startsWith(CARD_PREFIX);
