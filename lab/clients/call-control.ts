/** The messages of AG Projects' Call Control to its rating engine, byte by byte: Debian has no Call Control that could write them here. */

/** The words of a request beside its call. */
interface More {
  to?: string;
  /** The end of the line: nothing at all for 4.x. */
  end?: string;
  state?: 'Connected';
  duration?: number | string;
}

const callWords = (callId: string, from: string, { to = 'sip:0049301234567@example.com' }: More): string =>
  `CallId=${callId} From=sip:${from} To=${to} Gateway=10.0.0.1`;

/** MaxSessionTime as Call Control 4.x with OpenSIPS writes it. */
export const maxSessionTime = (callId: string, from: string, more: More = {}): string =>
  `MaxSessionTime ${callWords(callId, from, more)} Duration=${more.duration ?? 36000} Application=${
    more.state ? ` State=${more.state}` : ''
  }${more.end ?? ''}`;

export const debitBalance = (callId: string, from: string, duration: number | string, more: More = {}): string =>
  `DebitBalance ${callWords(callId, from, more)} Duration=${duration} Application=${more.end ?? ''}`;
