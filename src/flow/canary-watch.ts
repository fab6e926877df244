import type { KeyedHash } from '../engine/cardinality/keyed-hash.js';
import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { AttributeReader } from '../engine/decode/otlp-attribute.js';
import { decodeUtf8, hex } from '../engine/encoding.js';
import { LOCATIONS, STRING } from '../engine/model/location.js';
import { AttributeView, type RecordTable, type SpanView } from '../engine/model/span-view.js';
import type { Planted } from '../engine/policy/canary-span.js';
import {
  type CanaryToken,
  fromHex,
  KEY_HASH,
  keyName,
  readToken,
  TEXT_HASH,
  writeToken,
} from '../engine/policy/canary-token.js';

/** A keyed hash of 16 bytes that nobody can make without the key. */
export type Sign = (bytes: Uint8Array) => Uint8Array;

const SIGNATURE = 16;
const IDS = 16 + 8;

/**
 * Makes the ids of canaries and knows them again. An id holds for one span alone, that of its trace and span id, and for a
 * time, so that whoever reads one cannot hide spans of their own behind it.
 */
export class CanaryWatch {
  private readonly attribute = new AttributeView();
  private readonly reader = new AttributeReader(DEFAULT_DECODE_LIMITS);

  /** @param hash the tenant's, of texts that were planted */
  constructor(
    private readonly sign: Sign,
    private readonly hash: KeyedHash,
  ) {}

  /** @param ids trace and span id in hexadecimal, one behind the other */
  idFor(token: Omit<CanaryToken, 'texts' | 'keys'>, planted: Planted, ids: string): string {
    const texts = planted.texts.map((text) => {
      const bytes = new TextEncoder().encode(text);
      return { length: bytes.length, hash: this.hash.hash(bytes, 0, bytes.length, TEXT_HASH) };
    });
    const keys = planted.keys.map(({ location, key }) => this.hashOfKey(location, key));
    const payload = writeToken({ ...token, texts, keys });
    const signature = this.signature(payload, fromHex(ids)!);
    return hex(payload, 0, payload.length) + hex(signature, 0, signature.length);
  }

  /**
   * What a span with the id of a canary says; null where it is none of ours.
   *
   * @param record of the span's attributes that holds the id
   */
  judge(view: SpanView, record: number, receivedAt: number): { token: CanaryToken; isLeaking: boolean } | null {
    const token = this.tokenOf(view, record);
    if (token === null || receivedAt > token.expires * 1000) return null;
    const isLeaking = this.isIn(view, view.resource, token) || this.isIn(view, view.scope, token);
    return { token, isLeaking: isLeaking || this.isIn(view, view.attributes, token, record) };
  }

  private tokenOf({ bytes, attributes, traceId, spanId }: SpanView, record: number): CanaryToken | null {
    if (traceId < 0 || spanId < 0) return null;
    this.reader.read(bytes, attributes.start[record]!, attributes.end[record]!, this.attribute);
    const { type, leafStart, leafEnd } = this.attribute;
    const signed = type === STRING ? fromHex(decodeUtf8(bytes.subarray(leafStart[0]!, leafEnd[0]!))) : null;
    if (signed === null || signed.length <= SIGNATURE) return null;
    const payload = signed.subarray(0, -SIGNATURE);
    const ids = new Uint8Array(IDS);
    ids.set(bytes.subarray(traceId, traceId + 16));
    ids.set(bytes.subarray(spanId, spanId + 8), 16);
    return isSame(this.signature(payload, ids), signed.subarray(-SIGNATURE)) ? readToken(payload) : null;
  }

  private signature(payload: Uint8Array, ids: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(IDS + payload.length);
    bytes.set(ids);
    bytes.set(payload, IDS);
    return this.sign(bytes);
  }

  /** Whether something planted is in a table, but for the record that says so. */
  private isIn({ bytes }: SpanView, table: RecordTable, token: CanaryToken, without = -1): boolean {
    for (let i = 0; i < table.size; i++) {
      if (i === without) continue;
      const [start, end] = [table.start[i]!, table.end[i]!];
      for (const { length, hash } of token.texts) {
        for (let at = start; at + length <= end; at++) {
          if (this.hash.hash(bytes, at, at + length, TEXT_HASH) === hash) return true;
        }
      }
      if (token.keys.length === 0 || table.field[i]! >= 0) continue;
      this.reader.read(bytes, start, end, this.attribute);
      const key = decodeUtf8(bytes.subarray(this.attribute.keyStart, this.attribute.keyEnd));
      if (token.keys.includes(this.hashOfKey(LOCATIONS[table.location[i]!]!, key))) return true;
    }
    return false;
  }

  private hashOfKey(location: string, key: string): number {
    const name = keyName(location, key);
    return this.hash.hash(name, 0, name.length, KEY_HASH);
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ (b[i] ?? 0);
  return difference === 0;
}
