/** Occurrences by UTF-16 code unit; all 0 between calls. */
const counts = new Uint32Array(65_536);

/** Shannon entropy of the UTF-16 code units, in bits a unit (C. E. Shannon, 1948). */
export function entropy(text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) counts[text.charCodeAt(i)]!++;
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const count = counts[text.charCodeAt(i)]!;
    if (count > 1) sum += count * Math.log2(count);
    counts[text.charCodeAt(i)] = 0;
  }
  return length === 0 ? 0 : Math.log2(length) - sum / length;
}
