import type { SpanHandler } from '../model/span-view.js';
import type { Decoded, DecodeLimits } from './limits.js';
import { decodeOtlpJson } from './otlp-json.js';
import { decodeOtlpProtobuf } from './otlp-protobuf.js';

export interface WireFormat {
  /** Media type of the request, without parameters. */
  readonly mediaType: string;
  readonly decode: (bytes: Uint8Array, limits: DecodeLimits, handler: SpanHandler) => Decoded;
}

/** The table of wire formats: one file and one line here per format. */
export const WIRE_FORMATS = {
  'otlp-protobuf': { mediaType: 'application/x-protobuf', decode: decodeOtlpProtobuf },
  'otlp-json': { mediaType: 'application/json', decode: decodeOtlpJson },
} as const satisfies Record<string, WireFormat>;

export type WireFormatName = keyof typeof WIRE_FORMATS;
