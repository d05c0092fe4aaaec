/** The words of these pages, in the reader's language. */
import { type Language, useReading } from '../../texts/texts';
import { trunksDe } from '../../texts/trunks-de';
import { type TrunkTexts, trunksEn } from '../../texts/trunks-en';

const WORDS: Record<Language, TrunkTexts> = { en: trunksEn, de: trunksDe };

export const useWords = (): TrunkTexts => WORDS[useReading().language];
