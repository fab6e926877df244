/**
 * Words of an attribute key: split at anything that is no letter or digit and at camelCase humps, lower-cased.
 * `http.request.header.x-apiKey` has http, request, header, x, api and key. Matching whole words keeps `lic` out of
 * `public`.
 */
export function keyWords(key: string): string[] {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** Whether the words hold the phrase: a word, or words that stand next to each other (`api key`). */
export function hasPhrase(words: readonly string[], phrase: string): boolean {
  const parts = phrase.split(' ');
  return words.some((_, i) => parts.every((part, j) => words[i + j] === part));
}

/** All runs of at most `longest` neighbouring words, joined by spaces. */
export function phrasesOf(words: readonly string[], longest: number): string[] {
  const phrases: string[] = [];
  for (let i = 0; i < words.length; i++) {
    let phrase = '';
    for (let j = i; j < Math.min(words.length, i + longest); j++) {
      phrase = j === i ? words[i]! : `${phrase} ${words[j]}`;
      phrases.push(phrase);
    }
  }
  return phrases;
}
