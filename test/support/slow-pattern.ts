/** Has too many states for a DFA of RE2's, which falls back to its slowest way; linear, but hundreds of times slower. */
export const SLOW_PATTERN = 'slow (?:[ab]*a[ab]{300}){3}c';

/** A value that keeps it busy. */
export function slowValue(length: number): string {
  let state = 12_345;
  const letters = Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) & 1 ? 'a' : 'b';
  });
  return `slow ${letters.join('')}`;
}

/** A rule document with that pattern, gated by a keyword or by shape alone. */
export function slowDocument(gate: 'keywords' | 'shape'): string {
  const detector = (id: string, gated: object, pattern: string) => ({
    id,
    name: 'Test',
    kind: 'secret',
    severity: 'low',
    confidence: 'other',
    ...gated,
    pattern,
    examples: ['1', '2', '3'],
    non_examples: ['1', '2', '3'],
    references: ['https://example.test'],
    remedy: 'None.',
  });
  const gated = gate === 'keywords' ? { keywords: ['slow'] } : { shape: { word_run: 40 } };
  return JSON.stringify({
    family: 'test',
    detectors: [
      detector('x-slow', gated, SLOW_PATTERN),
      detector('x-quick', { keywords: ['quick'] }, 'quick-[0-9]{6}'),
    ],
  });
}
