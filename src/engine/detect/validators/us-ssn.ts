/**
 * A Social Security number that the SSA can have issued: area not 000, 666 or 9xx, group not 00, serial not 0000
 * (ssa.gov, "Social Security Number Randomization"), and none of the numbers that became known from advertising.
 */
export function usSsn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (digits.length !== 9) return false;
  const area = digits.slice(0, 3);
  if (area === '000' || area === '666' || area[0] === '9') return false;
  if (digits.slice(3, 5) === '00' || digits.slice(5) === '0000') return false;
  return !['078051120', '219099999', '123456789', '111111111'].includes(digits);
}
