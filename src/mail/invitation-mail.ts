/** What a person is written who may choose a password. Pure. */
import type { Mail } from '../operator/acting';

/** Why the person gets a one-time token. */
export type Reason = 'invited' | 'reset' | 'forgotten';

const LEADS: Record<Reason, { subject: string; lead: string; otherwise: string }> = {
  invited: {
    subject: 'Your access to Ringfence',
    lead: 'You may use Ringfence. Open this link and choose a password:',
    otherwise: 'If you do not expect this, ignore this mail.',
  },
  reset: {
    subject: 'Choose a new password for Ringfence',
    lead: 'An administrator has taken your password back. Open this link and choose a new one:',
    otherwise: 'If you do not expect this, ask your administrator.',
  },
  forgotten: {
    subject: 'Choose a new password for Ringfence',
    lead: 'Someone asked for a new password for you. If it was you, open this link and choose one:',
    otherwise: 'If it was not you, ignore this mail: your password stays as it is.',
  },
};

/** Where the link's token stands. A browser sends nothing behind a # to anyone: no log, no Referer and no proxy sees it. */
export const linkOf = (consoleUrl: string, token: string): string => `${consoleUrl}/#invitation=${token}`;

/** Assumes a name, an address and a token as they are checked before they are kept. */
export function invitationMail(
  consoleUrl: string,
  {
    reason,
    operator,
    mail,
    token,
    expiresAt,
  }: { reason: Reason; operator: string; mail: string; token: string; expiresAt: Date },
): Mail {
  const { subject, lead, otherwise } = LEADS[reason];
  const until = `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const text = [
    `Hello ${operator},`,
    lead,
    linkOf(consoleUrl, token),
    `The link is good once, until ${until}. Your name for the log-in is ${operator}.`,
    otherwise,
  ].join('\n\n');
  return { to: mail, subject, text: `${text}\n` };
}
