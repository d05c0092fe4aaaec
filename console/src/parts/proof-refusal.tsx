/** Why a password or a code was not taken. */
import { useState } from 'react';
import { Refused } from '../api/ask';
import { useTexts } from '../texts/texts';
import { Note, RefusalNote } from './page';
import { useNow } from './use-now';

/** In the reader's words; with how long to wait, counted down. What is no matter of passwords is told as everywhere. */
export function ProofRefusal({ error }: { error: unknown }) {
  const { me } = useTexts();
  if (!(error instanceof Refused)) return <RefusalNote error={error} />;
  if (error.refusal === 'too_many_tries') return <Wait seconds={error.waitSeconds ?? 0} />;
  const said = Object.entries(me.refusals).find(([refusal]) => refusal === error.refusal)?.[1];
  return said === undefined ? <RefusalNote error={error} /> : <Note mood="wrong">{said}</Note>;
}

function Wait({ seconds }: { seconds: number }) {
  const { me } = useTexts();
  const [end] = useState(() => Date.now() + seconds * 1_000);
  const now = useNow();
  return <Note mood="attention">{me.wait(Math.max(0, Math.ceil((end - now) / 1_000)))}</Note>;
}
