/** The reader's language: the words of the console, and how numbers and times are written. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { sayRefusalsBy } from '../api/ask';
import type { Problem } from '../api/operations';
import { en, type Texts } from './en';

/** English is there at once; every other language is one more file, read when it is chosen. */
export const LANGUAGES = {
  en: { name: 'English', read: async (): Promise<Texts> => en },
  de: { name: 'Deutsch', read: async (): Promise<Texts> => (await import('./de')).de },
};

export type Language = keyof typeof LANGUAGES;

const STORED = 'ringfence.language';
const isLanguage = (word: string): word is Language => Object.hasOwn(LANGUAGES, word);

function firstLanguage(): Language {
  const wanted = [localStorage.getItem(STORED) ?? '', ...navigator.languages.map(tag => tag.slice(0, 2))];
  return wanted.find(isLanguage) ?? 'en';
}

/** Read when something is refused: most visits see none of it. */
const REFUSALS = {
  en: async () => (await import('./refusals-en')).refusalsEn,
  de: async () => (await import('./refusals-de')).refusalsDe,
} satisfies Record<Language, () => Promise<unknown>>;

async function saidIn(language: Language, refusal: string, problem: Problem) {
  const [texts, { saidOf }] = await Promise.all([REFUSALS[language](), import('./refusals')]);
  return saidOf(refusal, problem, texts, language);
}

interface Reading {
  language: Language;
  choose: (language: Language) => void;
  texts: Texts;
}

const ReadingContext = createContext<Reading>({ language: 'en', choose: () => undefined, texts: en });

export function TextsProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(firstLanguage);
  const [texts, setTexts] = useState<Texts | null>(language === 'en' ? en : null);
  useEffect(() => {
    let isWanted = true;
    // A file that cannot be read leaves English.
    const read = LANGUAGES[language].read().catch(() => en);
    void read.then(words => isWanted && setTexts(words));
    sayRefusalsBy((refusal, problem) => saidIn(language, refusal, problem));
    document.documentElement.lang = language;
    return () => {
      isWanted = false;
    };
  }, [language]);
  const reading = useMemo(
    () =>
      texts && {
        language,
        texts,
        choose: (chosen: Language) => {
          localStorage.setItem(STORED, chosen);
          setLanguage(chosen);
        },
      },
    [language, texts],
  );
  return reading && <ReadingContext.Provider value={reading}>{children}</ReadingContext.Provider>;
}

export const useReading = (): Reading => useContext(ReadingContext);
export const useTexts = (): Texts => useReading().texts;
