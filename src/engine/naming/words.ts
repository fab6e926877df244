/** Lower case with single dots between namespaces and single underscores between words, as OpenTelemetry asks. */
export const WELL_FORMED = /^[a-z][a-z0-9]*(?:[._][a-z0-9]+)*$/;

/** Words of a name, in lower case: `userId`, `user_id`, `user.id` and `User-ID` all are `user`, `id`. */
export function wordsOf(name: string): string[] {
  if (WELL_FORMED.test(name)) return name.split(/[._]/);
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1.$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1.$2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** The same for names that are spelled differently but are the same letters in the same order. */
export function spelling(name: string): string {
  return wordsOf(name).join('');
}

/** Words of four letters and more that end in s and are no plural, or are the same in both. */
const NO_PLURAL =
  /(?:ss|us|is)$|^(?:alias|always|atlas|bias|canvas|class|cors|cosmos|https|kubernetes|lens|macos|news|postgres|series|species|windows)$/;

/** Whether a word is a plural, as far as its letters say. */
export function isPlural(word: string): boolean {
  return word.length > 3 && word.endsWith('s') && !NO_PLURAL.test(word);
}

/** A word without the ending of a plural. */
export function singular(word: string): string {
  if (!isPlural(word)) return word;
  if (/(?:ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.slice(0, -1);
}

/**
 * Whether one slip of the hand turns one word into the other: a letter too many or too few, another one, or two that
 * changed places (optimal string alignment distance of 1; Damerau, 1964). Words of fewer than four letters, and other
 * letters in words of fewer than six, are different words more often than slips; so are other digits.
 */
export function isSlip(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 4 || long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (/\d/.test(long.slice(at, at + 2))) return false;
  if (short.length < long.length) return short.length >= 5 && short.slice(at) === long.slice(at + 1);
  const swapped = short[at] === long[at + 1] && short[at + 1] === long[at];
  if (swapped && short.slice(at + 2) === long.slice(at + 2)) return true;
  return short.length >= 6 && short.slice(at + 1) === long.slice(at + 1);
}
