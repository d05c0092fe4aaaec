/** The words of these pages, in the reader's language. */
import { pricesDe } from '../../texts/prices-de';
import { type PriceTexts, pricesEn } from '../../texts/prices-en';
import { type Language, useReading } from '../../texts/texts';

const WORDS: Record<Language, PriceTexts> = { en: pricesEn, de: pricesDe };

export const useWords = (): PriceTexts => WORDS[useReading().language];
