/** How a listener is written to: text/event-stream, as the HTML standard reads it. Pure. */

export const EVENT_STREAM_TYPE = 'text/event-stream';

export interface Message {
  /** A word of ours; left out for a plain message. */
  event?: string;
  /** Where a listener resumes: a number. Left out where the place stays as it is. */
  id?: bigint;
  /** JSON. It may hold any text: a line end in it cannot end the field. */
  data: string;
}

/** The bytes of a message. */
export function messageText({ event, id, data }: Message): string {
  return [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...data.split(/\r\n|\r|\n/).map(line => `data: ${line}`),
    '\n',
  ].join('\n');
}

/** How long a listener waits before it connects again, and its place from the start: one that loses its first event then resumes there. */
export const greetingText = (retryMs: number, id?: bigint): string => `retry: ${retryMs}\n${heartbeatText(id)}`;

/** A sign of life, with the place that a listener has reached: also one that wants few events then resumes near. */
export const heartbeatText = (id?: bigint): string => (id === undefined ? ':\n\n' : `:\nid: ${id}\n\n`);

/** Why a stream ends. */
export const END_REASONS = {
  too_slow: 'too much was waiting to be read',
  not_allowed: 'the key or the session has ended, or has lost its role',
  stopping: 'the service stops',
  fault: 'the database could not be read',
} as const;

export type EndReason = keyof typeof END_REASONS;

/** The last message of a stream. It has no place: the listener resumes behind the last event that it has. */
export const endText = (reason: EndReason): string =>
  messageText({ event: 'end', data: JSON.stringify({ reason, detail: END_REASONS[reason] }) });
