/** The length of the longest number that is dialled: E.164 allows 15 digits, carriers' technical prefixes need more. */
const MOST_DIGITS = 32;

/** No country code begins with 0, so the digits behind `+` or `00` do not either; and `00` begins no national number. */
const DIALLABLE = new RegExp(`^(?:(?:\\+|00)([1-9][0-9]{0,${MOST_DIGITS - 1}})|((?!00)[0-9]{1,${MOST_DIGITS}}))$`);

/**
 * The digits of a dialled number without its international prefix (`+49301`, `0049301` and `49301` are all `49301`).
 *
 * The result never begins with `00`, and is its own result: prefixes of decks, bars and routes match every spelling of a number alike. null
 * for anything else than digits behind an optional `+` or `00`, with at most `;npdi` behind them: a second prefix (`+0049`, `0000`),
 * `500&PJSIP/other`, a letter, a blank, nothing at all. A dialled number enters only through this function: what passes is safe in a dial
 * string, a log and SQL.
 */
export function digitsOf(dialled: string): string | null {
  const [, international, national] = DIALLABLE.exec(withoutNpdi(dialled)) ?? [];
  return international ?? national ?? null;
}

/** A dialled number, as every door and the switch take it. */
export interface Dialled {
  /** null if the text is no number. */
  digits: string | null;
  /** Free, and never refused. */
  emergency: boolean;
}

/**
 * A dialled number, with whether it is one of `emergencyNumbers`, exactly as dialled: `112` is, `+112` only if it is listed so.
 *
 * Another spelling of an emergency number is no number, because it would reach the same callee, and be barred and charged. An emergency
 * number that begins with `00` keeps its zeros: `000`.
 */
export function readDialled(dialled: string, emergencyNumbers: readonly string[]): Dialled {
  const number = withoutNpdi(dialled);
  const digits = digitsOf(number);
  if (emergencyNumbers.includes(number)) return { digits: emergencyDigits(number), emergency: true };
  const isMisspelt = emergencyNumbers.some(listed => emergencyDigits(listed) === digits);
  return { digits: isMisspelt ? null : digits, emergency: false };
}

/** Whether a number is an emergency number as dialled. */
export const isEmergency = (dialled: string, emergencyNumbers: readonly string[]): boolean =>
  readDialled(dialled, emergencyNumbers).emergency;

const emergencyDigits = (listed: string): string => digitsOf(listed) ?? listed.replace('+', '');

/**
 * Without `npdi`, the one parameter that may stand behind a number and changes nothing (it says that the porting was looked up: RFC 4694).
 * With any other parameter the text stays as it is, and is no number: `112;rn=4990` is no emergency, because a carrier that routes by `rn`
 * (the routing number) connects another party.
 */
const withoutNpdi = (user: string): string => user.replace(/;npdi(?:=yes)?$/i, '');

/** The number of a tel URI, without the separators that RFC 3966 allows between digits. */
export const withoutSeparators = (number: string): string => number.replace(/[-.()]/g, '');

/** A number for a log line: its last three digits hidden, `49301234***`. */
export function masked(digits: string): string {
  return digits.length <= 3 ? '***' : `${digits.slice(0, -3)}***`;
}

/**
 * A caller's number, made harmless for reports, spreadsheets and terminals: only the characters of SIP user names, 80 at most. A leading
 * `=`, `-` or `@` cannot survive, so no spreadsheet takes it for a formula.
 */
export function harmless(caller: string): string {
  return caller
    .replace(/[^0-9A-Za-z+*#._-]/g, '')
    .replace(/^[-]+/, '')
    .slice(0, 80);
}
