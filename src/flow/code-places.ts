import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { AttributeReader } from '../engine/decode/otlp-attribute.js';
import { decodeUtf8 } from '../engine/encoding.js';
import { codePlaceText } from '../engine/model/code-place.js';
import { INT, STRING } from '../engine/model/location.js';
import { AttributeView, type RecordTable } from '../engine/model/span-view.js';
import type { Judgements } from './judge.js';
import { CODE_KEYS, type CodeKey, type KeyBook } from './key-book.js';

const MAX_LINE = 10_000_000;
const attribute = new AttributeView();
const reader = new AttributeReader(DEFAULT_DECODE_LIMITS);

/**
 * Where in code a span was made, as its attributes say: today's names of the conventions, and those before them. Only asked
 * where something was found. '' where no file is named.
 */
export function codePlaceOfSpan(bytes: Uint8Array, table: RecordTable, judgements: Judgements, book: KeyBook): string {
  const names = new Map<CodeKey, string>();
  let line: number | null = null;
  for (let i = 0; i < table.size; i++) {
    if (table.field[i]! >= 0) continue;
    const key = CODE_KEYS[judgements.key(i) - book.firstCodeKey];
    if (key === undefined || reader.read(bytes, table.start[i]!, table.end[i]!, attribute) !== null) continue;
    const [start, end] = [attribute.leafStart[0]!, attribute.leafEnd[0]!];
    if (attribute.leaves === 0 || end === start) continue;
    if (key !== 'code.line.number' && key !== 'code.lineno') {
      if (attribute.type === STRING) names.set(key, book.name(bytes, start, end).name);
    } else line ??= lineOf(bytes, start, end);
  }
  const file = names.get('code.file.path') ?? names.get('code.filepath') ?? '';
  if (file === '') return '';
  return codePlaceText({ file, line, function: names.get('code.function.name') ?? names.get('code.function') ?? '' });
}

/** As a number or as its digits; null for what is none of a line. */
function lineOf(bytes: Uint8Array, start: number, end: number): number | null {
  const value = attribute.type === INT ? varint(bytes, start) : Number(decodeUtf8(bytes.subarray(start, end)));
  return Number.isSafeInteger(value) && value >= 1 && value <= MAX_LINE ? value : null;
}

/** Of as many bytes as a number of lines needs. */
function varint(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[start + i]!;
    value += (byte & 127) * 128 ** i;
    if (byte < 128) return value;
  }
  return 0;
}
