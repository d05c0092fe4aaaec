/** What an operator may write into the fields of a trunk. @throws Refused `field_invalid`, which names the field, its value and what to do. */
import { invalid } from '../operator/fields';

const MOST_LISTED = 40;

/** Numbers with commas, in order and each once; null for the default, empty for `none`. */
export function numbersField(field: string, text: string, least: number, most: number): string | null {
  if (text === 'default') return null;
  if (text === 'none') return '';
  const words = text.split(',');
  const isWrong = (word: string) => !/^\d{1,3}$/.test(word) || Number(word) < least || Number(word) > most;
  const wrong = words.find(isWrong);
  if (wrong !== undefined) {
    const todo = `is not from ${least} to ${most}: write numbers with commas, none, or default`;
    throw invalid(field, wrong.slice(0, 40), todo, 'not_numbers', { least, most });
  }
  const numbers = [...new Set(words.map(Number))].sort((one, other) => one - other);
  if (numbers.length > MOST_LISTED) {
    throw invalid(field, text.slice(0, 40), `names more than ${MOST_LISTED}: name fewer`, 'list_too_long', {
      length: numbers.length,
      most: MOST_LISTED,
    });
  }
  return numbers.join(',');
}

/**
 * A dial string with the number in place of `{number}`. The switch dials it as it stands: a blank, a comma or an ampersand could make two
 * destinations of it, so they are refused.
 */
export function endpointField(text: string): string {
  const numbers = text.split('{number}').length - 1;
  const rest = text.replaceAll('{number}', '');
  if (numbers !== 1) {
    throw invalid('endpoint', text, 'has no single {number}: write it as PJSIP/{number}@carrier', 'not_dial_string');
  }
  if (!/^[A-Za-z0-9_]+\/[A-Za-z0-9_.:;=@/+*%~#[\]-]*$/.test(rest) || text.length > 200) {
    throw invalid(
      'endpoint',
      text.slice(0, 200),
      'is not a dial string: write it as PJSIP/{number}@carrier',
      'not_dial_string',
    );
  }
  return text;
}

export function addPrefixField(text: string): string {
  if (!/^[0-9]{0,20}$/.test(text)) {
    const todo = 'is not at most 20 digits: a + belongs into the endpoint, PJSIP/+{number}@carrier';
    throw invalid('add_prefix', text, todo, 'not_digits', { most: 20 });
  }
  return text;
}
