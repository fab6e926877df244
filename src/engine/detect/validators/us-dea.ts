/** A registration of the US Drug Enforcement Administration: a registrant type, a letter or 9, and the last digit of (d1 + d3 + d5) + 2 (d2 + d4 + d6) (21 CFR 1301). */
export function usDea(text: string): boolean {
  if (!/^[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}$/i.test(text) || text.endsWith('0000000')) return false;
  const d = [...text.slice(2)].map(Number) as [number, number, number, number, number, number, number];
  return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 === d[6];
}
