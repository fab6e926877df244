import { isDay } from '../calendar.js';

/** A calendar date of somebody who can be alive: year 1900 to 2030, a month, and a day that the month has. */
export function birthDate(text: string): boolean {
  const parts = text.split(/[-/.]/).map(Number);
  if (parts.length !== 3) return false;
  const yearFirst = parts[0]! > 31;
  const year = yearFirst ? parts[0]! : parts[2]!;
  const [first, second] = yearFirst ? [parts[1]!, parts[2]!] : [parts[0]!, parts[1]!];
  return year >= 1900 && year <= 2030 && (isDay(year, first, second) || (!yearFirst && isDay(year, second, first)));
}
