/** How the figures of a report are written. Pure. */
import { readable } from '../../parts/amounts';
import { duration } from '../../parts/times';
import { kindOf } from './catalogue';

/** A value of that column as a person of that language reads it. Sums of counts are amounts without decimals. */
export function figureText(column: string, value: string, language: string): string {
  switch (kindOf(column)) {
    case 'money':
    case 'minutes':
      return readable(value, language);
    case 'seconds':
      return duration(Math.round(Number(value)));
    case 'percent':
      return Number(value).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    default:
      return Number(value).toLocaleString(language);
  }
}
