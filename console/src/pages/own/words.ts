/** The words of these pages, in the reader's language. */
import { ownDe } from '../../texts/own-de';
import { type OwnTexts, ownEn } from '../../texts/own-en';
import { type Language, useReading } from '../../texts/texts';

const WORDS: Record<Language, OwnTexts> = { en: ownEn, de: ownDe };

export const useWords = (): OwnTexts => WORDS[useReading().language];
