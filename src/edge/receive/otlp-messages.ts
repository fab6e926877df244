import type { WireFormatName } from '../../engine/decode/formats.js';
import { ProtobufWriter } from '../../engine/decode/protobuf-writer.js';
import { formatProblem } from '../../engine/problem.js';
import type { Receipt } from '../../flow/ingest.js';

/** Codes of google.rpc.Code that we answer with. */
export const RPC = {
  invalidArgument: 3,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** The collector's exporter reads at most 64 KiB of an answer; a message longer than this helps nobody. */
const MAX_MESSAGE = 2_000;

/** ExportTraceServiceResponse; `partial_success` is set only when there is something to say. */
export function exportResponse(format: WireFormatName, receipt: Receipt & { refused: null }): Buffer {
  const message = [...receipt.problems, ...receipt.warnings].map(formatProblem).join('. ').slice(0, MAX_MESSAGE);
  const isPartial = receipt.rejected > 0 || message !== '';
  if (format === 'otlp-json') {
    const partialSuccess = { rejectedSpans: String(receipt.rejected), errorMessage: message };
    return Buffer.from(JSON.stringify(isPartial ? { partialSuccess } : {}));
  }
  const writer = new ProtobufWriter();
  if (isPartial) {
    const partialSuccess = writer.open(1);
    if (receipt.rejected > 0) writer.uint(1, receipt.rejected);
    writer.text(2, message);
    writer.close(partialSuccess);
  }
  return Buffer.from(writer.finish());
}

/** google.rpc.Status; in protobuf with a google.rpc.RetryInfo where the sender should try again. */
export function rpcStatus(format: WireFormatName, code: number, message: string, retryAfterSeconds = 0): Buffer {
  if (format === 'otlp-json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = new ProtobufWriter();
  writer.uint(1, code);
  writer.text(2, message);
  if (retryAfterSeconds > 0) {
    const detail = writer.open(3);
    writer.text(1, 'type.googleapis.com/google.rpc.RetryInfo');
    const retryInfo = writer.open(2);
    const retryDelay = writer.open(1);
    writer.uint(1, retryAfterSeconds);
    writer.close(retryDelay);
    writer.close(retryInfo);
    writer.close(detail);
  }
  return Buffer.from(writer.finish());
}
