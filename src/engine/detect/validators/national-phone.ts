import { HARMLESS_SHAPES } from '../harmless-shapes.js';

/** A telephone number as people dial it at home: 7 to 15 digits, brackets in pairs, and no date, time, version or count up of digits. */
export function nationalPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15 || /^(\d)\1*$/.test(digits)) return false;
  if (/^(?:0?123456789?0?|9876543210)$/.test(digits)) return false;
  if ((text.match(/\(/g) ?? []).length !== (text.match(/\)/g) ?? []).length) return false;
  return !HARMLESS_SHAPES.timestamp!(text) && !/^\d{4}-\d{2}-\d{2}|^\d{1,3}(?:\.\d{1,3}){3}$/.test(text);
}
