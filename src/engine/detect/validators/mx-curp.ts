import { isShortDay } from '../calendar.js';
import { compact, digitsOf, valueAt, valuesIn } from '../check-digits.js';

/**
 * A Mexican CURP: a date of birth, and a check digit by weights 18 to 2 modulo 10 (Instructivo normativo para la
 * asignación de la CURP, 2021).
 */
export function mxCurp(text: string): boolean {
  const curp = compact(text);
  const d = digitsOf(curp.slice(4, 10));
  if (curp.length !== 18 || d.length !== 6 || !isShortDay(d[0]! * 10 + d[1]!, valueAt(d, 2, 2), valueAt(d, 4, 2))) {
    return false;
  }
  const values = valuesIn('0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ', curp.slice(0, 17));
  const sum = values.reduce((total, value, i) => total + value * (18 - i), 0);
  return (10 - (sum % 10)) % 10 === Number(curp[17]);
}
