/** A calendar date of somebody who can be alive: year 1900 to 2030, a month, and a day that the month has. */
export function birthDate(text: string): boolean {
  const parts = text.split(/[-/.]/).map(Number);
  if (parts.length !== 3) return false;
  const yearFirst = parts[0]! > 31;
  const year = yearFirst ? parts[0]! : parts[2]!;
  const [first, second] = yearFirst ? [parts[1]!, parts[2]!] : [parts[0]!, parts[1]!];
  return year >= 1900 && year <= 2030 && (isDay(year, first, second) || (!yearFirst && isDay(year, second, first)));
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= days[month - 1]!;
}
