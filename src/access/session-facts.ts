/** How a session is shown, to administrators and to its person. Pure. */
import type { Static } from 'typebox';
import { factsOf, instantFact, textFact } from '../operator/answer-schema';
import type { Session } from './session-store';

export const SESSION = factsOf('Session', {
  session_number: textFact(),
  name: textFact('the person'),
  address: textFact('where the person logged in'),
  created_at: instantFact(),
  used_at: instantFact('to the minute'),
  ends_at: instantFact('when it ends, however much it is used'),
});

export const sessionFacts = (session: Session): Static<typeof SESSION> => ({
  session_number: session.sessionId,
  name: session.operator,
  address: session.address,
  created_at: session.createdAt,
  used_at: session.usedAt,
  ends_at: session.endsAt,
});
