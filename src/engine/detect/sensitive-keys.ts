import type { SensitiveKeyClass, SensitiveKeyDocument } from '../rules/sensitive-key-document.js';

/** Looks up which keys are sensitive whatever their value is. */
export class SensitiveKeys {
  private readonly byKey: ReadonlyMap<string, SensitiveKeyClass>;

  constructor(readonly document: SensitiveKeyDocument) {
    this.byKey = new Map(document.classes.flatMap((c) => c.keys.map((key) => [key, c] as const)));
  }

  /** The class of a key: by its name, or by the longest template that it begins like. */
  find(key: string): SensitiveKeyClass | null {
    const exact = this.byKey.get(key);
    if (exact !== undefined) return exact;
    for (let dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
      const template = this.byKey.get(`${key.slice(0, dot)}.*`);
      if (template !== undefined) return template;
    }
    return null;
  }
}

/** Masks and words that redaction leaves behind, alone: `****`, `[REDACTED]`, `<filtered>`, `*.*@*.***`. */
const REDACTED = /^[[<({"']*(?:redacted|filtered|masked|scrubbed|removed|hidden|omitted|[*x#…]{2,})[\]>)}"']*$/i;
const MASK = /^[*@.\-_:/+() …]*$/;

/** Nothing, or what redaction left: a sensitive key with such a value gives nothing away. */
export function isRedacted(text: string): boolean {
  const plain = text.trim();
  return plain === '' || REDACTED.test(plain) || (plain.includes('*') && MASK.test(plain));
}
