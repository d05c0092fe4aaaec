/** The upload of this browser. It goes on while other pages are looked at, and the page that began it shows it again. */
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { isPassing, newKey, type Refused } from '../../api/ask';
import type { DeckPreview } from '../../api/operations';
import { sendFile } from '../../api/upload';
import { deckKey, staleOf } from './deck-query';

export interface Uploading {
  /** The session that began it: another person of this browser does not see it. */
  session: string;
  deck: string;
  source: string;
  bytes: number;
  sent: number;
  /** What the API made of it; null while it goes on. */
  preview: DeckPreview | null;
  error: Refused | null;
  /** The line of the carrier's sheet for a line of the file that was sent, and how it reads there. */
  originOf: (line: number) => { line: number; text: string };
}

export interface Upload extends Pick<Uploading, 'session' | 'deck' | 'source' | 'originOf'> {
  currency: string | undefined;
  /** Whether all prices of prefixes that it does not name stay. */
  namesChanges: boolean;
  body: Blob;
}

let now: Uploading | null = null;
let stopNow: (() => void) | null = null;
/** Of an upload that was not answered: the same file again under it is written once. */
let unanswered: { upload: Upload; key: string } | null = null;
const listeners = new Set<() => void>();

function tell(change: Uploading | null): void {
  now = change;
  for (const listen of listeners) listen();
}

const subscribe = (listen: () => void): (() => void) => {
  listeners.add(listen);
  return () => listeners.delete(listen);
};

/** The upload of that session that goes on, or was answered last; null for none. */
export function useUploading(session: string): Uploading | null {
  const known = useSyncExternalStore(subscribe, () => now);
  return known?.session === session ? known : null;
}

export async function beginUpload(upload: Upload, queries: QueryClient): Promise<void> {
  stopNow?.();
  const key = unanswered?.upload === upload ? unanswered.key : newKey();
  unanswered = { upload, key };
  const { session, deck, source, body, currency, namesChanges, originOf } = upload;
  const begun: Uploading = { session, deck, source, bytes: body.size, sent: 0, preview: null, error: null, originOf };
  const query = new URLSearchParams({
    source,
    ...(currency !== undefined && { currency }),
    ...(namesChanges && { changes: 'true' }),
  });
  const { answer, stop } = sendFile<DeckPreview>({
    path: `/decks/${encodeURIComponent(deck)}/versions?${query}`,
    body,
    idempotencyKey: key,
    onProgress: sent => now && stopNow === stop && tell({ ...now, sent: Math.min(sent, now.bytes) }),
  });
  stopNow = stop;
  tell(begun);
  try {
    const preview = await answer;
    queries.setQueryData([...deckKey(deck), 'preview', preview.version], preview);
    if (stopNow === stop) tell({ ...begun, sent: begun.bytes, preview });
    unanswered = null;
  } catch (error) {
    if (!isPassing(error)) unanswered = null;
    if (stopNow === stop) tell({ ...begun, error: error as Refused });
  } finally {
    if (stopNow === stop) stopNow = null;
    for (const queryKey of staleOf(deck)) void queries.invalidateQueries({ queryKey });
  }
}

/** Breaks the upload off, or forgets what was answered. */
export function forgetUpload(): void {
  const stop = stopNow;
  stopNow = null;
  stop?.();
  tell(null);
}
