/** The texts of the console with those of the pages of calls, which are read with these pages. */
import { useMemo } from 'react';
import { callsDe } from '../../texts/calls-de';
import { type CallTexts, callsEn } from '../../texts/calls-en';
import type { Texts } from '../../texts/en';
import { type Language, useReading } from '../../texts/texts';

const WORDS: Record<Language, CallTexts> = { en: callsEn, de: callsDe };

export interface CallPageTexts extends Texts {
  calls: Texts['calls'] & CallTexts;
}

export function useCallReading(): { texts: CallPageTexts; language: Language } {
  const { texts, language } = useReading();
  return useMemo(
    () => ({ language, texts: { ...texts, calls: { ...texts.calls, ...WORDS[language] } } }),
    [texts, language],
  );
}
