/** Whether a year has the day, by the Gregorian calendar. */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= days[month - 1]!;
}

/** As `isDay`, for a year of two digits of the 20th or 21st century; only of 1900 and 2000 does it matter which. */
export function isShortDay(year: number, month: number, day: number): boolean {
  return isDay(2000 + year, month, day);
}
