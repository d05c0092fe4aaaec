/** The questions of these pages, each under one key, so that a change knows what is old after it. */
import { useQuery } from '@tanstack/react-query';
import { told } from '../../api/ask';
import { deckList, deckPreview, deckShow } from '../../api/operations';

/** Begins the key of everything that is shown of decks. */
export const DECKS_KEY = ['decks'] as const;
export const deckKey = (deck: string) => [...DECKS_KEY, 'one', deck] as const;

/** What a change of a deck's versions makes old. Not what compares two of them: versions do not change. */
export const staleOf = (deck: string) =>
  [
    [...DECKS_KEY, 'list'],
    [...DECKS_KEY, 'names'],
    [...deckKey(deck), 'versions'],
  ] as const;

/** As many as a person will look through. */
const MOST_VERSIONS = 100;

export const useDeckList = () =>
  useQuery({ queryKey: [...DECKS_KEY, 'list'], queryFn: () => told(deckList({ limit: 1_000 })) });

/** The newest versions of a deck. */
export const useVersions = (deck: string, isWanted = true) =>
  useQuery({
    queryKey: [...deckKey(deck), 'versions'],
    queryFn: () => told(deckShow({ deck, limit: MOST_VERSIONS })),
    enabled: isWanted && deck !== '',
  });

export const usePreview = (deck: string, version: number | undefined, isWanted: boolean) =>
  useQuery({
    queryKey: [...deckKey(deck), 'preview', version],
    queryFn: () => told(deckPreview({ deck, version: version ?? 0 })),
    enabled: isWanted && version !== undefined,
    // What is published is what stands here: it does not change under the reader.
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
