import { DateTime } from 'luxon';
import { invalid } from '../operator/fields';

/** The instant of an ISO 8601 text; ms since 1970. A text without a zone is in the user's zone (TZ). @throws Refused field_invalid */
export function instantOf(field: string, text: string): number {
  const time = DateTime.fromISO(text);
  if (!time.isValid) throw invalid(field, text, 'is not a time: write 2026-12-31T18:00 or 2026-12-31T18:00:00Z');
  return time.toMillis();
}
