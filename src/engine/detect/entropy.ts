const counts = new Map<number, number>();

/** Shannon entropy of the UTF-16 code units, in bits a unit (C. E. Shannon, 1948). */
export function entropy(text: string): number {
  counts.clear();
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  let sum = 0;
  for (const count of counts.values()) sum += count * Math.log2(count);
  return text.length === 0 ? 0 : Math.log2(text.length) - sum / text.length;
}
