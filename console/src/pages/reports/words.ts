/** The words of these pages, in the reader's language. */
import { reportsDe } from '../../texts/reports-de';
import { type ReportTexts, reportsEn } from '../../texts/reports-en';
import { type Language, useReading } from '../../texts/texts';

const WORDS: Record<Language, ReportTexts> = { en: reportsEn, de: reportsDe };

export const useWords = (): ReportTexts => WORDS[useReading().language];
