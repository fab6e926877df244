import { isShortDay } from '../calendar.js';

/**
 * The parts of a Mexican RFC: three or four letters, then a date of birth or foundation (Código Fiscal de la
 * Federación, Art. 27; SAT).
 */
export function mxRfc(text: string): boolean {
  const date = /^[A-ZÑ&]{3,4}-?(\d\d)(\d\d)(\d\d)-?[A-Z0-9]{2}[A0-9]$/i.exec(text);
  return date !== null && isShortDay(Number(date[1]), Number(date[2]), Number(date[3]));
}
