const MAX_MASK = 48;
/** Separators that belong to the form of a value and say nothing of whose it is. */
const SEPARATORS = new Set('@.-_:/+() ');

/**
 * The mask of personal data: its form with every letter, digit and unknown character as `*`. `a.b@c.org` becomes
 * `*.*@*.***`.
 */
export function maskForm(text: string): string {
  let mask = '';
  for (const c of text.replace(/%40/g, '@')) {
    if (mask.length === MAX_MASK) return `${mask}…`;
    mask += SEPARATORS.has(c) ? c : '*';
  }
  return mask;
}

/** The mask of a secret: at most the vendor's public prefix, and not even the length of the rest. */
export function maskSecret(text: string, publicPrefix: number): string {
  return `${text.slice(0, publicPrefix)}****`;
}
