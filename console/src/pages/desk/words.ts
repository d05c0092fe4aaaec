/** The words of the desk, in the reader's language. */
import { deskDe } from '../../texts/desk-de';
import { type DeskTexts, deskEn } from '../../texts/desk-en';
import { type Language, useReading } from '../../texts/texts';

const WORDS: Record<Language, DeskTexts> = { en: deskEn, de: deskDe };

export const useWords = (): DeskTexts => WORDS[useReading().language];
