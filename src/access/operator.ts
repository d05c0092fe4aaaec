/** People who use the operator's API: their names, what they may do, what they write. Pure. */
import { invalid, invalidSecret } from '../operator/fields';

/** How long a one-time token may be used. */
export const TOKEN_HOURS = 24;

/** The same of a token that a person asked for who forgot the password. No other is given before it has ended. */
export const FORGOTTEN_HOURS = 1;

/** A session ends after this long without a request, and this long after it began. */
export const IDLE_MINUTES = 30;
export const MOST_HOURS = 12;

/** The name by which a person logs in. In small letters, so that no name looks like another. @throws Refused field_invalid */
export function operatorField(field: string, text: string): string {
  if (!isOperatorName(text)) {
    throw invalid(
      field,
      text,
      'is not the name of a person: use 1 to 40 small letters, digits, _ . or -',
      'not_person_name',
    );
  }
  return text;
}

export const isOperatorName = (text: string): boolean => /^[a-z0-9][a-z0-9_.-]{0,39}$/.test(text);

/** How the audit trail names a person: as what was changed, and as who acts. */
export const objectOf = (operator: string): string => `operator ${operator}`;
export const actorOf = (operator: string): string => `operator:${operator}`;

/** Shorter passwords are guessed from a stolen hash. The longest keeps a request from being work. */
const PASSWORD_CHARACTERS = { least: 12, most: 200 };

/** A new password. Its refusal does not show it. @throws Refused field_invalid */
export function passwordField(text: string): string {
  const { least, most } = PASSWORD_CHARACTERS;
  const { length } = [...text];
  if (length < least) {
    throw invalidSecret('', `has ${length} characters: use at least ${least}`, 'too_short', { length, least });
  }
  if (length > most) {
    throw invalidSecret('', `has ${length} characters: use at most ${most}`, 'too_long', { length, most });
  }
  return text;
}

/** Any text that is not too long. What a person typed into the wrong field may be a secret: no refusal shows it. @throws Refused field_invalid */
export function typedField(text: string): string {
  const { length } = text;
  if (length > 1_000) throw invalidSecret('', 'is longer than 1000 characters', 'too_long', { length, most: 1_000 });
  return text;
}
