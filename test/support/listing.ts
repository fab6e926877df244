import { WIRE_FORMATS, type WireFormatName } from '../../src/engine/decode/formats.js';
import { DEFAULT_DECODE_LIMITS, type Decoded, type DecodeLimits } from '../../src/engine/decode/limits.js';
import { AttributeReader } from '../../src/engine/decode/otlp-attribute.js';
import { FIELDS, LOCATIONS, VALUE_TYPES } from '../../src/engine/model/location.js';
import { AttributeView, type RecordTable, type SpanHandler, type SpanView } from '../../src/engine/model/span-view.js';
import type { Problem } from '../../src/engine/problem.js';

/** A record of a request in plain words: where, key, type, and its scalars with the map key above each. */
export interface ListedRecord {
  readonly location: string;
  readonly key: string;
  readonly type: string;
  readonly leaves: readonly (readonly [string, string])[];
  readonly wireBytes: number;
}

/** Walks a request and writes down all that a handler gets to see. */
export function listRequest(
  bytes: Uint8Array,
  format: WireFormatName,
  limits: DecodeLimits = DEFAULT_DECODE_LIMITS,
): { decoded: Decoded; spans: ListedRecord[][]; resources: ListedRecord[][]; times: [number, number][] } {
  const spans: ListedRecord[][] = [];
  const resources: ListedRecord[][] = [];
  const times: [number, number][] = [];
  const reader = new AttributeReader(limits);
  const attribute = new AttributeView();
  const read = (view: SpanView, table: RecordTable, into: ListedRecord[][]): Problem | null => {
    const records: ListedRecord[] = [];
    for (let i = 0; i < table.size; i++) {
      const record = readRecord(view, table, i, reader, attribute);
      if ('code' in record) return record;
      records.push(record);
    }
    into.push(records);
    return null;
  };
  const handler: SpanHandler = {
    resource: (view) => read(view, view.resource, resources),
    scope: (view) => read(view, view.scope, []),
    span: (view) => {
      times.push([view.startTime, view.endTime]);
      return read(view, view.attributes, spans);
    },
  };
  const decoded = WIRE_FORMATS[format].decode(bytes, limits, handler);
  return { decoded, spans, resources, times };
}

function readRecord(
  { bytes }: SpanView,
  table: RecordTable,
  i: number,
  reader: AttributeReader,
  attribute: AttributeView,
): ListedRecord | Problem {
  const text = (start: number, end: number): string => new TextDecoder().decode(bytes.subarray(start, end));
  const location = LOCATIONS[table.location[i]!]!;
  const wireBytes = table.wireBytes[i]!;
  const [field, start, end] = [table.field[i]!, table.start[i]!, table.end[i]!];
  if (field >= 0) {
    return { location, key: FIELDS[field]!, type: 'string', leaves: [['', text(start, end)]], wireBytes };
  }
  const problem = reader.read(bytes, start, end, attribute);
  if (problem !== null) return problem;
  const leaves = Array.from({ length: attribute.leaves }, (_, leaf): [string, string] => {
    const path = attribute.pathStart[leaf]! < 0 ? '' : text(attribute.pathStart[leaf]!, attribute.pathEnd[leaf]!);
    return [path, leafText(bytes, attribute.leafType[leaf]!, attribute.leafStart[leaf]!, attribute.leafEnd[leaf]!)];
  });
  return {
    location,
    key: text(attribute.keyStart, attribute.keyEnd),
    type: VALUE_TYPES[attribute.type]!,
    leaves,
    wireBytes,
  };
}

function leafText(bytes: Uint8Array, type: number, start: number, end: number): string {
  const part = bytes.subarray(start, end);
  switch (VALUE_TYPES[type]) {
    case 'int':
      return String(
        BigInt.asIntN(
          64,
          part.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 127), 0n),
        ),
      );
    case 'bool':
      return String(part[0] === 1);
    case 'double':
      return String(new DataView(part.buffer, part.byteOffset, 8).getFloat64(0, true));
    case 'bytes':
      return Buffer.from(part).toString('hex');
    default:
      return new TextDecoder().decode(part);
  }
}
