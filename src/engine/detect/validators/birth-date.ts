import { isDay } from '../calendar.js';

/** Months by their first letters in the languages that dates are written out in most. */
const MONTHS = [
  'jan|ene|gen',
  'feb|fev|fév',
  'mar|mär|mae|mrz',
  'apr|avr|abr',
  'may|mai|mag|mei',
  'jun|jui?n|giu',
].concat(['jul|juil|lug', 'aug|ago|aoû|aou', 'sep|set', 'oct|okt|ott|out', 'nov', 'dec|dez|dic|déc']);

/** A calendar date of somebody who can be alive: year 1900 to 2030, a month, and a day that the month has. */
export function birthDate(text: string): boolean {
  const date = text.replace(/[T ]\d{2}:.*$/, '').trim();
  const written = /^(\d{1,2})(?:st|nd|rd|th)?[. ]{1,2}(?:de )?(\p{L}+)\.?,? (?:de )?(\d{4})$/u.exec(date);
  if (written !== null) return isDate(Number(written[3]), monthOf(written[2]!), Number(written[1]));
  const american = /^(\p{L}+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/u.exec(date);
  if (american !== null) return isDate(Number(american[3]), monthOf(american[1]!), Number(american[2]));
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(date);
  const parts = (compact?.slice(1) ?? date.split(/[-/.]/)).map(Number);
  if (parts.length !== 3) return false;
  const yearFirst = parts[0]! > 31;
  const year = yearFirst ? parts[0]! : parts[2]!;
  const [first, second] = yearFirst ? [parts[1]!, parts[2]!] : [parts[0]!, parts[1]!];
  return isDate(year, first, second) || (!yearFirst && isDate(year, second, first));
}

function monthOf(word: string): number {
  return MONTHS.findIndex((names) => new RegExp(`^(?:${names})`, 'i').test(word)) + 1;
}

function isDate(year: number, month: number, day: number): boolean {
  return year >= 1900 && year <= 2030 && isDay(year, month, day);
}
