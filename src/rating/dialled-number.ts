/** The longest number that is dialled: E.164 allows 15 digits, carriers' technical prefixes need more. */
const MAX_DIGITS = 32;
const DIALLABLE = new RegExp(`^(?:\\+|00)?([0-9]{1,${MAX_DIGITS}})$`);

/**
 * The digits of a dialled number without its international prefix (`+49301`, `0049301` and `49301` are all `49301`).
 *
 * null for anything that is not digits behind an optional `+` or `00`: `500&PJSIP/other`, a letter, a blank, nothing at
 * all. This is the one door through which a dialled number comes in: what passes is safe in a dial string, a log and SQL.
 */
export function digitsOf(dialled: string): string | null {
  return DIALLABLE.exec(dialled)?.[1] ?? null;
}

/**
 * The user of a SIP or tel URI without the one parameter that may stand behind a number and changes nothing, `npdi` (that its porting was
 * looked up: RFC 4694). With any other it stays as it is, and is no number: `112;rn=4990` is no emergency, since a carrier
 * that goes by `rn` (the routing number) connects somebody else.
 */
export const withoutNpdi = (user: string): string => user.replace(/;npdi(?:=yes)?$/i, '');

/** A number for a log line: its last three digits hidden, `49301234***`. */
export function masked(digits: string): string {
  return digits.length <= 3 ? '***' : `${digits.slice(0, -3)}***`;
}

/**
 * A caller's number, made harmless for reports, spreadsheets and terminals: the characters that SIP users are named with,
 * others dropped, 80 at most. A leading `=`, `-` or `@` cannot survive, so no spreadsheet takes it for a formula.
 */
export function harmless(caller: string): string {
  return caller
    .replace(/[^0-9A-Za-z+*#._-]/g, '')
    .replace(/^[-]+/, '')
    .slice(0, 80);
}
