/** Addresses of mail: the few forms that cannot mean two things to two programs. Pure. */
import { invalid } from '../operator/fields';

/** Source: RFC 5321, 4.5.3.1; the address within `<>`. */
const MOST = { whole: 254, local: 64 };

/** RFC 5322's dot-atom without % and !, by which old servers send mail on to other hosts. What needs quotes is refused: no person needs it, and a quote begins something else in a header. */
const LOCAL = /^[A-Za-z0-9#$&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9#$&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** Whether it is `local@domain` in ASCII. */
export function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  return at > 0 && text.length <= MOST.whole && local.length <= MOST.local && LOCAL.test(local) && DOMAIN.test(domain);
}

/** A person's address. @throws Refused field_invalid */
export function mailAddressField(field: string, text: string): string {
  if (!isMailAddress(text)) {
    throw invalid(
      field,
      text.slice(0, 100),
      'is no address of mail: write name@example.com, in ASCII',
      'not_mail_address',
    );
  }
  return text;
}

/** A sender: an address, with a name if it has one. */
export interface Sender {
  name: string;
  address: string;
}

/** Letters, digits and what is plain in a header in every language; no quote, bracket, comma or line end. */
const NAME = /^[\p{L}\p{M}\p{N} .'&+-]{1,60}$/u;

/** `Ringfence <billing@example.com>`, or the address alone. @throws Error that says what is wrong */
export function parseSender(text: string): Sender {
  const [, name = '', bracketed] = /^([^<>]*)<([^<>]*)>$/.exec(text) ?? [];
  const sender = { name: name.trim(), address: bracketed ?? text };
  if (!isMailAddress(sender.address) || (sender.name !== '' && !NAME.test(sender.name))) {
    throw new Error(
      `${JSON.stringify(text.slice(0, 100))} is no sender: write billing@example.com or Billing <billing@example.com>`,
    );
  }
  return sender;
}

export const shownSender = ({ name, address }: Sender): string => (name === '' ? address : `${name} <${address}>`);
