/** The words of these pages, in the reader's language. */
import { cardsDe } from '../../texts/cards-de';
import { type CardTexts, cardsEn } from '../../texts/cards-en';
import { type Language, useReading } from '../../texts/texts';

const WORDS: Record<Language, CardTexts> = { en: cardsEn, de: cardsDe };

export const useWords = (): CardTexts => WORDS[useReading().language];
