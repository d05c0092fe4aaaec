/** Sends mail to people, one at a time for each. */
import type { Mail, Mailer, MailFailure } from '../operator/acting';
import type { Sender } from './mail-address';
import { placeOfServer, type SmtpServer } from './smtp-url';

/** A whole conversation with the server. Ms. */
export const SEND_MS = 10_000;

/** Conversations at once: of all, and of those that strangers caused, who must not take all. */
const MOST = { all: 4, ofStrangers: 2 };

export interface SmtpMailerOptions {
  server: SmtpServer;
  sender: Sender;
  consoleUrl: string;
  /** SEND_MS if not given. */
  deadlineMs?: number;
}

/** Text mail by SMTP. Each mail is a conversation of its own: people are invited seldom. */
export class SmtpMailer implements Mailer {
  private readonly sending = { operator: 0, stranger: 0 };

  constructor(private readonly options: SmtpMailerOptions) {}

  get consoleUrl(): string {
    return this.options.consoleUrl;
  }

  async send(mail: Mail, by: 'operator' | 'stranger', signal?: AbortSignal): Promise<MailFailure | null> {
    const { operator, stranger } = this.sending;
    if (operator + stranger >= MOST.all || (by === 'stranger' && stranger >= MOST.ofStrangers)) {
      return { why: 'too many mails are being sent at once', isCertain: true };
    }
    this.sending[by]++;
    try {
      await this.deliver(mail, signal);
      return null;
    } catch (error) {
      const isCertain = isRefusal(error as SmtpError);
      const why = signal?.aborted ? `${this.where} was left, as the service stops` : this.whyNot(error as SmtpError);
      return { why: isCertain ? why : `${why}: the mail may still arrive`, isCertain };
    } finally {
      this.sending[by]--;
    }
  }

  private get where(): string {
    return `the mail server at ${placeOfServer(this.options.server)}`;
  }

  private async deliver({ to, subject, text }: Mail, signal?: AbortSignal): Promise<void> {
    const { server, sender, deadlineMs = SEND_MS } = this.options;
    // Loaded with the first mail: a command line, which mostly sends none, starts sooner.
    const { createTransport } = require('nodemailer') as typeof import('nodemailer');
    const transport = createTransport({
      host: server.host,
      port: server.port,
      secure: server.tls === 'at once',
      requireTLS: server.tls === 'starttls',
      ignoreTLS: server.tls === 'none',
      // Otherwise NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the proof off.
      tls: { rejectUnauthorized: true, ...(server.ca && { ca: server.ca.pem }) },
      ...(server.login && { auth: { user: server.login.user, pass: server.login.password } }),
      connectionTimeout: deadlineMs,
      greetingTimeout: deadlineMs,
      socketTimeout: deadlineMs,
      dnsTimeout: deadlineMs,
      // The text is ours, and nothing of it names a file or a page to fetch.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), deadlineMs);
    try {
      await transport.sendMail({
        // As parts, so that no text of them is read for further addresses.
        from: { name: sender.name, address: sender.address },
        to: { name: '', address: to },
        envelope: { from: sender.address, to: [to] },
        subject,
        text,
        headers: { 'Auto-Submitted': 'auto-generated' },
        xMailer: false,
        signal: signal ? AbortSignal.any([late.signal, signal]) : late.signal,
      });
    } finally {
      clearTimeout(timer);
      transport.close();
    }
  }

  /** Without a word of the server: what it says may hold what it was told. */
  private whyNot({ code, originalCode, command, responseCode }: SmtpError): string {
    const { where } = this;
    const reply = typeof responseCode === 'number' ? ` (${responseCode})` : '';
    switch (code) {
      case 'EAUTH':
      case 'ENOAUTH':
        return `${where} refused the login${reply}: correct RINGFENCE_SMTP_URL`;
      case 'EENVELOPE':
        if (command === 'MAIL FROM') return `${where} refused the sender${reply}: correct RINGFENCE_MAIL_FROM`;
        if (command === 'RCPT TO') return `${where} refused the person's address${reply}`;
        return `${where} refused the mail${reply}`;
      case 'EMESSAGE':
        return `${where} refused the mail${reply}`;
      case 'ETIMEDOUT':
      case 'EABORT':
        return `${where} did not answer in time`;
      case 'ETLS':
        return `no TLS with ${where}${why(originalCode)}: it must offer it, with a certificate of its name`;
      default:
        return `cannot talk to ${where}${why(originalCode ?? code)}${reply}`;
    }
  }
}

/** What the connection fails by before anything is said on it: the port is closed, or the certificate is not believed. */
const AT_THE_START = /^(ECONNREFUSED|ENOTFOUND|ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/** Whether the server said no, or could not be talked to at all. A connection that was lost may have been lost after the text. */
function isRefusal({ code = '', originalCode = '', responseCode = 0 }: SmtpError): boolean {
  if (['ETIMEDOUT', 'EABORT'].includes(code)) return false;
  if (['EAUTH', 'ENOAUTH', 'EENVELOPE', 'EMESSAGE', 'ETLS', 'EDNS'].includes(code)) return true;
  return responseCode >= 400 || AT_THE_START.test(originalCode) || AT_THE_START.test(code);
}

interface SmtpError {
  code?: string;
  /** Of the system, or of TLS, where `code` is nodemailer's. */
  originalCode?: string;
  command?: string;
  responseCode?: number;
}

/** ` (ECONNREFUSED)`; nothing for what is no such word. */
const why = (code: string | undefined): string =>
  code !== undefined && /^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : '';

/** The mailer of these settings; null where they name no server. Assumes that they name the other two where they name one. */
export const mailerOf = ({
  smtp,
  mailFrom,
  consoleUrl,
}: {
  smtp: SmtpServer | null;
  mailFrom: Sender | null;
  consoleUrl: string | null;
}): Mailer | null =>
  smtp && mailFrom && consoleUrl !== null ? new SmtpMailer({ server: smtp, sender: mailFrom, consoleUrl }) : null;
