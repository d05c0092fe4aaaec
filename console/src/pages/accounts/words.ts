/** The words of these pages, in the reader's language. */
import { accountsDe } from '../../texts/accounts-de';
import { type AccountTexts, accountsEn } from '../../texts/accounts-en';
import { type Language, useReading } from '../../texts/texts';

const WORDS: Record<Language, AccountTexts> = { en: accountsEn, de: accountsDe };

export const useWords = (): AccountTexts => WORDS[useReading().language];
