import { createHmac } from 'node:crypto';

/** An event as it is posted: a row of astoutbox, or the trial that `webhook test` sends. */
export interface ToldEvent {
  /** astoutbox.event_id; `0` for a trial. */
  eventId: string;
  kind: string;
  accountcode: string;
  /** null if it is about the whole account. */
  uniqueid: string | null;
  createdAt: Date;
  facts: Record<string, string | number | boolean | null>;
}

/** The JSON that is posted; the same in every try. */
export const bodyOf = ({ eventId, kind, accountcode, uniqueid, createdAt, facts }: ToldEvent): string =>
  JSON.stringify({ event_id: eventId, kind, accountcode, uniqueid, created_at: createdAt.toISOString(), facts });

/**
 * The headers of a try. `timestamp` is when it began, in whole seconds since 1970. It is signed too, so that a receiver can refuse a
 * recording that is posted again later.
 */
export const headersOf = (
  eventId: string,
  body: string,
  secret: string,
  timestamp: number,
): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'Ringfence',
  'ringfence-event-id': eventId,
  'ringfence-timestamp': String(timestamp),
  'ringfence-signature': signatureOf(secret, timestamp, body),
});

/** `sha256=` and the hexadecimal HMAC-SHA256 of `timestamp.body`; docs/events.md shows how a receiver verifies it. */
export const signatureOf = (secret: string, timestamp: number, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
