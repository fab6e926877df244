/** Where a check digit stands, and the stretches of the text that it covers. */
type Check = readonly [digit: number, ...spans: readonly (readonly [number, number])[]];

/*
 * ICAO Doc 9303, parts 4 to 7, counted from the start of the lines put together: TD3 (passports, 2 × 44), TD2 (2 × 36)
 * and TD1 (cards, 3 × 30), and the second line of a TD3, which holds all check digits, alone.
 */
const FORMATS: Readonly<Record<number, readonly Check[]>> = {
  88: [
    [53, [44, 53]],
    [63, [57, 63]],
    [71, [65, 71]],
    [87, [44, 54], [57, 64], [65, 87]],
  ],
  72: [
    [45, [36, 45]],
    [55, [49, 55]],
    [63, [57, 63]],
    [71, [36, 46], [49, 56], [57, 71]],
  ],
  90: [
    [14, [5, 14]],
    [36, [30, 36]],
    [44, [38, 44]],
    [59, [5, 30], [30, 37], [38, 45], [48, 59]],
  ],
  44: [
    [9, [0, 9]],
    [19, [13, 19]],
    [27, [21, 27]],
    [43, [0, 10], [13, 20], [21, 43]],
  ],
};

/** The machine-readable zone of a passport or identity card: all its check digits with weights 7, 3, 1 (ICAO Doc 9303, part 3). */
export function mrz(text: string): boolean {
  const line = text.replace(/\\r|\\n|\s/g, '');
  const checks = FORMATS[line.length];
  if (checks === undefined || !/^[A-Z0-9<]+$/.test(line)) return false;
  return checks.every(([at, ...spans]) => checkDigit(spans.map((span) => line.slice(...span)).join('')) === line[at]);
}

function checkDigit(field: string): string {
  const sum = [...field].reduce((total, c, i) => {
    const value = c === '<' ? 0 : Number.parseInt(c, 36);
    return total + value * [7, 3, 1][i % 3]!;
  }, 0);
  return String(sum % 10);
}
