import { decodeUtf8 } from '../encoding.js';
import { LEVEL } from '../model/finding.js';
import { encodedIn, mayBeEncoded } from './encoded.js';
import { HARMLESS_SHAPES } from './harmless-shapes.js';
import { type KeyClass, keyClass } from './key-class.js';
import type { KeyContext, Match, Scanner } from './scanner.js';
import { partsOf, type StructureName } from './structure/index.js';
import { type Part, part } from './structure/part.js';

/** A match, and the part of the value that it stands in: `query.token`, `$.user.email › base64`, '' for the value itself. */
export interface Found {
  readonly match: Match;
  readonly component: string;
}

/** What an attribute's key means for its values, found out once per key. */
export interface KeyTraits extends KeyClass {
  readonly context: KeyContext;
}

/** How often encoded text is looked for in decoded text. */
const MAX_DEPTH = 2;
const NOTHING: readonly Found[] = [];
/** Forms of values that identify nobody under a key that is an identifier's. */
const IDENTIFIER_FORMS = ['uuid', 'hex-id', 'digest', 'digits', 'timestamp', 'version'].map(
  (name) => HARMLESS_SHAPES[name]!,
);
/** W3C trace context, level 1 §3.2. */
const TRACE_PARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Scans values as what they are: URLs, queries, cookies, JSON, SQL, stack traces, and text encoded in them. A value is
 * taken apart only when something was found in it or something may be encoded in it.
 */
export class ValueScanner {
  constructor(private readonly scanner: Scanner) {}

  /** @param siblings phrases of `siblingPhrases` that stand in attributes beside this one */
  keyTraits(key: string, siblings: readonly string[] = []): KeyTraits {
    return { ...keyClass(key), context: this.scanner.keyContext(key, siblings) };
  }

  /** Whether the value that was scanned last was all ASCII. */
  sawAscii = true;

  /** All matches in bytes[start, end), in the order of the value. */
  scan(traits: KeyTraits, bytes: Uint8Array, start: number, end: number): readonly Found[] {
    const { scanner } = this;
    const matches = scanner.scan(traits.context, bytes, start, end);
    this.sawAscii = scanner.sawAscii;
    const encoded = mayBeEncoded(bytes, start, end, scanner.sawKinds);
    if (matches.length === 0 && !encoded) return NOTHING;
    const text = decodeUtf8(bytes.subarray(start, end));
    return this.inText(traits, text, matches, traits.structure, encoded, MAX_DEPTH);
  }

  private inText(
    traits: KeyTraits,
    text: string,
    matches: readonly Match[],
    structure: StructureName | null,
    encoded: boolean,
    depth: number,
  ): readonly Found[] {
    const harmless = isHarmless(traits, text);
    const parts = partsOf(text, structure);
    const found: Found[] = [];
    for (const match of matches) {
      const at = partAt(parts, match.start);
      if (at?.quiet || (harmless && !match.named) || (traits.userAgent && isPersonalNumber(match))) continue;
      found.push({ match, component: at === null ? '' : nested(at, text, match) });
    }
    if (!encoded || harmless) return found;
    for (const at of parts.length > 0 ? parts : [part(0, text.length, '')]) {
      if (!at.quiet) this.inPart(traits, text, at, depth, found);
    }
    return found;
  }

  /** Adds what is found in text that is encoded in a part, where not all of that is a match as it stands. */
  private inPart(traits: KeyTraits, text: string, at: Part, depth: number, found: Found[]): void {
    const [from, inner] = unquoted(text, at);
    const isKnown = (start: number, end: number): boolean =>
      found.some(({ match }) => match.start <= from + start && match.end >= from + end);
    for (const piece of encodedIn(inner, isKnown)) {
      const bytes = new TextEncoder().encode(piece.text);
      const matches = this.scanner.scan(traits.context, bytes, 0, bytes.length);
      const deeper = depth > 1 && mayBeEncoded(bytes, 0, bytes.length, this.scanner.sawKinds);
      if (matches.length === 0 && !deeper) continue;
      for (const { match, component } of this.inText(traits, piece.text, matches, null, deeper, depth - 1)) {
        const there = moved(match, from + piece.start, from + piece.end);
        if (found.some((other) => isSame(other.match, there))) continue;
        const levels = [at.component, piece.encoding, component];
        found.push({ match: there, component: levels.filter((level) => level !== '').join(LEVEL) });
      }
    }
  }
}

/** The component of a match, with that of the part's own text where this has a form, too: a URL in a JSON string. */
function nested(at: Part, text: string, match: Match): string {
  const [from, inner] = unquoted(text, at);
  const within = partAt(partsOf(inner, null), match.start - from);
  return within === null || within.quiet ? at.component : `${at.component}${LEVEL}${within.component}`;
}

/** Where the text of a part begins, and the text: without the quotes of a string. */
function unquoted(text: string, { start, end }: Part): readonly [number, string] {
  const quote = text[start];
  if (quote !== '"' && quote !== "'") return [start, text.slice(start, end)];
  return [start + 1, text.slice(start + 1, end > start + 1 && text[end - 1] === quote ? end - 1 : end)];
}

/** An id, digest, version, count or time under a key that says so: the key's word alone would let anybody hide. */
function isHarmless({ identifier }: KeyTraits, text: string): boolean {
  return identifier && (IDENTIFIER_FORMS.some((is) => is(text)) || TRACE_PARENT.test(text));
}

/** Numbers and addresses in a user agent are versions. */
function isPersonalNumber({ detector }: Match): boolean {
  return detector.kind === 'pii' && detector.family !== 'contact';
}

function moved({ detector, confidence, named, mask, fingerprint }: Match, start: number, end: number): Match {
  return { detector, confidence, named, start, end, mask, fingerprint };
}

function isSame(a: Match, b: Match): boolean {
  return a.detector.id === b.detector.id && a.start < b.end && b.start < a.end;
}

function partAt(parts: readonly Part[], at: number): Part | null {
  return parts.find((p) => at >= p.start && at < p.end) ?? null;
}
