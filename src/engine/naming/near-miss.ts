import { isSlip, singular, spelling, wordsOf } from './words.js';

/** A name with more words than this is not compared word by word. */
const MAX_WORDS = 10;
/** Names without a namespace say too little to take another name for a slip of them. */
const LEAST_WORDS = 2;

/**
 * Finds the known name that an unknown one was most likely meant to be. Names are compared by their words, so that a
 * different separator or case is no difference, and only one word may have a slip in it. What a lookup takes does not
 * depend on the number of known names but on how many differ in one and the same word.
 */
export class NearMisses {
  private readonly spellings = new Map<string, string>();
  private readonly singulars = new Map<string, string>();
  /** By a name's words with one of them left out: that word, and the name. */
  private readonly oneLess = new Map<string, (readonly [word: string, name: string])[]>();

  /**
   * Earlier names go before later ones.
   *
   * @param spelled another name for the same thing; slips are not looked for in it
   */
  add(name: string, spelled: string = name): void {
    const words = wordsOf(spelled);
    if (words.length < LEAST_WORDS) return;
    setFirst(this.spellings, spelling(spelled), name);
    setFirst(this.singulars, words.map(singular).join(' '), name);
    if (spelled !== name || words.length > MAX_WORDS) return;
    for (const [i, word] of words.entries()) {
      const pattern = without(words, i);
      const others = this.oneLess.get(pattern);
      if (others === undefined) this.oneLess.set(pattern, [[word, name]]);
      else others.push([word, name]);
    }
  }

  /** The known name that has the same letters and digits. */
  sameLetters(name: string): string | undefined {
    return this.spellings.get(spelling(name));
  }

  find(name: string): string | undefined {
    const words = wordsOf(name);
    return (
      this.spellings.get(words.join('')) ??
      (words.length < LEAST_WORDS ? undefined : this.singulars.get(words.map(singular).join(' '))) ??
      this.slip(words)
    );
  }

  private slip(words: readonly string[]): string | undefined {
    if (words.length < LEAST_WORDS || words.length > MAX_WORDS) return undefined;
    for (const [i, word] of words.entries()) {
      const found = this.oneLess.get(without(words, i))?.find(([known]) => isSlip(word, known));
      if (found !== undefined) return found[1];
    }
    return undefined;
  }
}

function without(words: readonly string[], i: number): string {
  return words.map((word, j) => (j === i ? '*' : word)).join(' ');
}

function setFirst(map: Map<string, string>, key: string, name: string): void {
  if (!map.has(key)) map.set(key, name);
}
