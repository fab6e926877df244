const LENGTHS = [12, 15, 18, 21, 24];
/** What English sentences are full of and the list of words has not. */
const SENTENCE =
  /\b(?:the|and|for|was|are|not|has|had|with|from|your|been|were|but|its|our|would|could|should|please)\b/;

/** As many words as a mnemonic of BIP 39 has, each of 3 to 8 letters, and none that only a sentence has; the list of words itself is not kept. */
export function seedPhrase(text: string): boolean {
  const words = text.trim().split(/[\s,]+/);
  if (!LENGTHS.includes(words.length) || SENTENCE.test(text)) return false;
  return words.every((word) => /^[a-z]{3,8}$/.test(word)) && new Set(words).size > words.length / 2;
}
