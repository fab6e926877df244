import { ValueMemo } from '../engine/aggregate/value-memo.js';
import type { KeyedHash } from '../engine/cardinality/keyed-hash.js';
import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { AttributeReader } from '../engine/decode/otlp-attribute.js';
import { writeDouble, writeInt } from '../engine/detect/number-text.js';
import type { Scanner } from '../engine/detect/scanner.js';
import { isRedacted } from '../engine/detect/sensitive-keys.js';
import type { Found, KeyTraits, ValueScanner } from '../engine/detect/value-scanner.js';
import { decodeUtf8, isUtf8 } from '../engine/encoding.js';
import { LEVEL } from '../engine/model/finding.js';
import { BYTES, DOUBLE, FIELD_SPAN_NAME, INT, STRING } from '../engine/model/location.js';
import { AttributeView, type RecordTable } from '../engine/model/span-view.js';
import type { Problem } from '../engine/problem.js';
import type { KeyBook } from './key-book.js';

export interface Verdict {
  readonly found: readonly Found[];
  /** A text in it was not UTF-8. */
  readonly badUtf8: boolean;
  /** The key is sensitive, but there is nothing in the value that could be. */
  readonly harmless: boolean;
  /** Phrases in it that make detectors match in the attributes beside it. */
  readonly phrases: readonly string[];
  /** The attribute says that its span is a canary. */
  readonly canary: boolean;
}

/** The component of a match in the key itself. */
const IN_KEY = '{key}';
const MAX_VERDICTS = 65_536;
const NOTHING: Verdict = { found: [], badUtf8: false, harmless: false, phrases: [], canary: false };
const NO_PHRASES: readonly string[] = [];
/** Bits of a memo subject: the value's type, whether there is a verdict, and from there on the number of the key. */
const TYPE_MASK = 7;
const HAS_VERDICT = 8;
const KEY_SHIFT = 4;

/** What the judge says of each record of a table, as parallel columns. */
export class Judgements {
  private readonly subjects: Int32Array;
  private readonly verdicts: Int32Array;
  private readonly upperHashes: Int32Array;
  private readonly lowerHashes: Int32Array;
  private readonly slots: Int32Array;
  private readonly checks: Int32Array;

  constructor(
    capacity: number,
    private readonly memo: ValueMemo,
  ) {
    this.subjects = new Int32Array(capacity);
    this.verdicts = new Int32Array(capacity);
    this.upperHashes = new Int32Array(capacity);
    this.lowerHashes = new Int32Array(capacity);
    this.slots = new Int32Array(capacity);
    this.checks = new Int32Array(capacity);
  }

  /** Number of the key in the book, or of the name where the record is a span's name. */
  key(i: number): number {
    return this.subjects[i]! >>> KEY_SHIFT;
  }

  /** Index into VALUE_TYPES. */
  type(i: number): number {
    return this.subjects[i]! & TYPE_MASK;
  }

  hasVerdict(i: number): boolean {
    return (this.subjects[i]! & HAS_VERDICT) !== 0;
  }

  verdict(i: number): number {
    return this.verdicts[i]!;
  }

  /** The value's keyed hash. */
  hash(i: number): number {
    return this.upperHashes[i]! * 4294967296 + (this.lowerHashes[i]! >>> 0);
  }

  /** False where `row` was the last one to count the value. */
  isNewIn(i: number, row: number): boolean {
    const slot = this.slots[i]!;
    const stillThere = this.memo.check(slot) === this.checks[i];
    return !stillThere || this.memo.countIn(slot, row);
  }

  put(i: number, slot: number): void {
    const { memo } = this;
    this.subjects[i] = memo.subject(slot);
    this.verdicts[i] = memo.verdict(slot);
    this.upperHashes[i] = memo.upperHash(slot);
    this.lowerHashes[i] = memo.lowerHash(slot);
    this.slots[i] = slot;
    this.checks[i] = memo.check(slot);
  }
}

/**
 * Says of each record what key it has and what was found in it, reading and scanning only those that were not met
 * before. What a record is, is kept in the memo under a hash of its bytes.
 */
export class Judge {
  private readonly memo: ValueMemo;
  private readonly verdicts: Verdict[] = [NOTHING];
  private readonly attribute = new AttributeView();
  private readonly reader = new AttributeReader(DEFAULT_DECODE_LIMITS);
  private readonly numberText = new Uint8Array(24);
  private badUtf8 = false;
  /** Phrases of the siblings of the records that are being judged, and the hash that keeps such judgements apart. */
  private siblings = NO_PHRASES;
  private salt = 0;
  /** By record of the table that is judged: its hashes, and where the memo had it. */
  private readonly h1 = new Int32Array(DEFAULT_DECODE_LIMITS.maxRecords);
  private readonly h2 = new Int32Array(DEFAULT_DECODE_LIMITS.maxRecords);
  private readonly slots = new Int32Array(DEFAULT_DECODE_LIMITS.maxRecords);
  /** The record that is learnt, and the slot that it got. */
  private record = 0;
  private learnt = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));
  private viewed: Uint8Array | null = null;

  /** What the last call of `resolve` found, record by record. */
  readonly judgements: Judgements;
  /** The record that says that the span is a canary, -1 where none does. */
  canary = -1;

  /** @param seed a secret of the process that makes collisions of the memo unpredictable */
  constructor(
    private readonly scanner: Scanner,
    private readonly values: ValueScanner,
    private readonly book: KeyBook,
    private readonly hash: KeyedHash,
    private readonly seed: number,
    memoSlots: number,
  ) {
    this.memo = new ValueMemo(memoSlots);
    this.judgements = new Judgements(DEFAULT_DECODE_LIMITS.maxRecords, this.memo);
  }

  verdict(number: number): Verdict {
    return this.verdicts[number]!;
  }

  /**
   * Judges the records of a table; one that cannot be read is a problem. Where one of them says who is talked to, and
   * detectors want to know that, all are judged again in the light of it.
   */
  resolve(bytes: Uint8Array, table: RecordTable): Problem | null {
    this.siblings = NO_PHRASES;
    this.salt = 0;
    this.canary = -1;
    const problem = this.resolveAlone(bytes, table);
    if (problem !== null) return problem;
    const phrases = this.phrasesOf(table);
    if (phrases.length === 0) return null;
    this.siblings = phrases;
    this.salt = saltOf(phrases);
    return this.resolveAlone(bytes, table);
  }

  private phrasesOf(table: RecordTable): readonly string[] {
    let phrases = NO_PHRASES;
    for (let i = 0; i < table.size; i++) {
      if (!this.judgements.hasVerdict(i)) continue;
      const { phrases: more, canary } = this.verdict(this.judgements.verdict(i));
      if (canary) this.canary = i;
      if (more.length > 0) phrases = [...new Set([...phrases, ...more])].sort();
    }
    return phrases;
  }

  private resolveAlone(bytes: Uint8Array, table: RecordTable): Problem | null {
    const { memo, judgements } = this;
    if (this.viewed !== bytes) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const { h1, h2, slots } = this;
    const { size } = table;
    for (let i = 0; i < size; i++) this.identify(bytes, table, i);
    memo.findAll(h1, h2, size, slots);
    for (let i = 0; i < size; i++) {
      let slot = slots[i]!;
      // What was learnt since may be this record, or have taken its place.
      if (slot < 0 || !memo.isAt(slot, h1[i]!, h2[i]!)) slot = memo.find(h1[i]!, h2[i]!);
      if (slot < 0) {
        const problem = this.learn(bytes, table, i);
        if (problem !== null) return problem;
        slot = this.learnt;
      }
      judgements.put(i, slot);
    }
    return null;
  }

  /** Reads and scans record i, which was not met before. */
  private learn(bytes: Uint8Array, table: RecordTable, i: number): Problem | null {
    const field = table.field[i]!;
    const start = table.start[i]!;
    const end = table.end[i]!;
    this.record = i;
    if (field >= 0) {
      this.learnt = this.learnField(bytes, field, start, end);
      return null;
    }
    const problem = this.readAttribute(bytes, start, end);
    if (problem === null) this.learnt = this.learnAttribute(bytes);
    return problem;
  }

  /** Keeps memory bounded between requests: with its keys and verdicts the memo begins again, which it says. */
  makeRoom(): boolean {
    if (!this.book.full && this.verdicts.length < MAX_VERDICTS) return false;
    this.book.forget();
    this.memo.clear();
    this.verdicts.length = 1;
    return true;
  }

  /** A hash, 53 bits, of the records of the table that was judged last, and of a number. */
  tableHash(size: number, number: number): number {
    let a = this.seed ^ number;
    let b = Math.imul(size + 1, 0x85ebca6b);
    for (let i = 0; i < size; i++) {
      a = Math.imul(((a << 5) | (a >>> 27)) ^ this.h1[i]!, 0x9e3779b1);
      b = Math.imul(((b << 13) | (b >>> 19)) ^ this.h2[i]!, 0xc2b2ae35);
    }
    a = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d);
    b = Math.imul(b ^ (b >>> 16), 0x7feb352d);
    return ((a ^ (a >>> 13)) >>> 11) * 4294967296 + ((b ^ (b >>> 15)) >>> 0);
  }

  /** Two independent hashes of 32 bits over the bytes of record i. */
  private identify(bytes: Uint8Array, table: RecordTable, record: number): void {
    const field = table.field[record]!;
    const start = table.start[record]!;
    const end = table.end[record]!;
    let h1 = this.seed ^ this.salt ^ Math.imul(field + 2, 0x9e3779b1);
    let h2 = Math.imul(h1 ^ (end - start), 0x85ebca6b);
    const { view } = this;
    let i = start;
    // Two words a step: each hash takes another mix of them, from both of which together they could be told again.
    for (; i + 8 <= end; i += 8) {
      const a = view.getInt32(i, true);
      const b = view.getInt32(i + 4, true);
      h1 = Math.imul(((h1 << 5) | (h1 >>> 27)) ^ (a + Math.imul(b, 0x165667b1)), 0x9e3779b1);
      h2 = Math.imul(((h2 << 13) | (h2 >>> 19)) ^ (b + Math.imul(a, 0x27d4eb2e)), 0xc2b2ae35);
    }
    if (i + 4 <= end) {
      const word = view.getInt32(i, true);
      h1 = Math.imul(((h1 << 5) | (h1 >>> 27)) ^ word, 0x9e3779b1);
      h2 = Math.imul(((h2 << 13) | (h2 >>> 19)) ^ word, 0xc2b2ae35);
      i += 4;
    }
    for (; i < end; i++) {
      h1 = Math.imul(((h1 << 5) | (h1 >>> 27)) ^ bytes[i]!, 0x9e3779b1);
      h2 = Math.imul(((h2 << 13) | (h2 >>> 19)) ^ bytes[i]!, 0xc2b2ae35);
    }
    h1 = Math.imul(h1 ^ (h1 >>> 15), 0x2c1b3c6d);
    h2 = Math.imul(h2 ^ (h2 >>> 16), 0x7feb352d);
    this.h1[record] = h1 ^ (h1 >>> 13);
    this.h2[record] = h2 ^ (h2 >>> 15) || 1;
  }

  private readAttribute(bytes: Uint8Array, start: number, end: number): Problem | null {
    return this.reader.read(bytes, start, end, this.attribute);
  }

  private learnAttribute(bytes: Uint8Array): number {
    const { attribute } = this;
    const key = this.book.key(bytes, attribute.keyStart, attribute.keyEnd);
    const { matches: inKey, sensitive, isCanary } = this.book.info(key);
    const traits = this.book.traits(key, this.siblings);
    let found: Found[] | null = inKey.length === 0 ? null : inKey.map((match) => ({ match, component: IN_KEY }));
    let phrases = NO_PHRASES;
    this.badUtf8 = false;
    for (let leaf = 0; leaf < attribute.leaves; leaf++) {
      if (traits.peer && this.siblings.length === 0) phrases = this.phrasesIn(bytes, leaf, phrases);
      const matches = this.scan(bytes, traits, leaf);
      if (matches.length === 0) continue;
      const path = attribute.pathStart[leaf]!;
      const at = path < 0 ? '' : decodeUtf8(bytes.subarray(path, attribute.pathEnd[leaf]!));
      for (const { match, component } of matches)
        (found ??= []).push({ match, component: this.component(at, component) });
    }
    const keyedHash = this.hash.hash(bytes, attribute.valueStart, attribute.valueEnd, 0);
    const harmless = sensitive !== null && this.isRedacted(bytes);
    const judged = { found: found ?? NOTHING.found, harmless, phrases, canary: isCanary };
    return this.remember(key, attribute.type, keyedHash, judged);
  }

  private learnField(bytes: Uint8Array, field: number, start: number, end: number): number {
    const matches = this.values.scan(this.book.info(field).traits, bytes, start, end);
    this.badUtf8 = !this.values.sawAscii && !isUtf8(bytes.subarray(start, end));
    const key = field === FIELD_SPAN_NAME ? this.book.nameId(bytes, start, end) : field;
    const found = matches.map(({ match, component }) => ({ match, component: this.component('', component) }));
    return this.remember(key, STRING, this.hash.hash(bytes, start, end, 0), { ...NOTHING, found });
  }

  /** The name of a place in a value, as it may be stored: names in a value are values, too. */
  private component(mapKey: string, component: string): string {
    if (mapKey === '' && component === '') return '';
    const bytes = new TextEncoder().encode([mapKey, component].filter((level) => level !== '').join(LEVEL));
    return this.book.name(bytes, 0, bytes.length).template;
  }

  private phrasesIn(bytes: Uint8Array, leaf: number, phrases: readonly string[]): readonly string[] {
    const { leafType, leafStart, leafEnd } = this.attribute;
    if (leafType[leaf] !== STRING) return phrases;
    const more = this.scanner.siblingPhrases(decodeUtf8(bytes.subarray(leafStart[leaf]!, leafEnd[leaf]!)));
    return more.length === 0 ? phrases : [...phrases, ...more];
  }

  /** Whether all that the attribute says is empty or was redacted. */
  private isRedacted(bytes: Uint8Array): boolean {
    const { leaves, leafType, leafStart, leafEnd } = this.attribute;
    for (let leaf = 0; leaf < leaves; leaf++) {
      if (leafType[leaf] !== STRING && leafType[leaf] !== BYTES) return false;
      if (!isRedacted(decodeUtf8(bytes.subarray(leafStart[leaf]!, leafEnd[leaf]!)))) return false;
    }
    return true;
  }

  private remember(key: number, type: number, keyedHash: number, judged: Omit<Verdict, 'badUtf8'>): number {
    const { badUtf8 } = this;
    const { found, harmless, phrases, canary } = judged;
    let verdict = 0;
    if (found.length > 0 || badUtf8 || harmless || phrases.length > 0 || canary) {
      verdict = this.verdicts.push({ found, badUtf8, harmless, phrases, canary }) - 1;
    }
    const subject = (key << KEY_SHIFT) | type | (verdict === 0 ? 0 : HAS_VERDICT);
    return this.memo.add(this.h1[this.record]!, this.h2[this.record]!, subject, verdict, keyedHash);
  }

  private scan(bytes: Uint8Array, traits: KeyTraits, leaf: number): readonly Found[] {
    const { leafType, leafStart, leafEnd } = this.attribute;
    const type = leafType[leaf]!;
    const start = leafStart[leaf]!;
    const end = leafEnd[leaf]!;
    if (type === STRING || type === BYTES) {
      const matches = this.values.scan(traits, bytes, start, end);
      if (!this.values.sawAscii && type === STRING && !isUtf8(bytes.subarray(start, end))) this.badUtf8 = true;
      return matches;
    }
    if (type !== INT && type !== DOUBLE) return NOTHING.found;
    const text = this.numberText;
    const length = type === INT ? writeInt(bytes, start, end, text) : writeDouble(bytes, start, text);
    return length === 0 ? NOTHING.found : this.values.scan(traits, text, 0, length);
  }
}

/** FNV-1a over the phrases. */
function saltOf(phrases: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const c of new TextEncoder().encode(phrases.join())) hash = Math.imul(hash ^ c, 0x01000193);
  return hash;
}
