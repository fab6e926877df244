/** What the numbers of identity papers have in common, whoever issues them: 5 to 20 letters and digits, at least four of them digits, and not one over and over. */
export function documentNumber(text: string): boolean {
  const compact = text.replace(/[ .-]/g, '');
  if (!/^[A-Za-z0-9]{5,20}$/.test(compact) || /^(.)\1*$/.test(compact)) return false;
  return compact.replace(/\D/g, '').length >= 4 && !/^(?:0?123456789?0?|987654321)$/.test(compact);
}
