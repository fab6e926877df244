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

/** What is wrong with a request that was taken, or '' where nothing is. */
export function receiptMessage(receipt: Receipt & { refused: null }): string {
  return [...receipt.problems, ...receipt.warnings].map(formatProblem).join('. ').slice(0, MAX_MESSAGE);
}

/** ExportTraceServiceResponse in protobuf; `partial_success` is set only when there is something to say. */
export function exportResponse(receipt: Receipt & { refused: null }): Uint8Array {
  const message = receiptMessage(receipt);
  const writer = new ProtobufWriter();
  if (receipt.rejected > 0 || message !== '') {
    const partialSuccess = writer.open(1);
    if (receipt.rejected > 0) writer.uint(1, receipt.rejected);
    writer.text(2, message);
    writer.close(partialSuccess);
  }
  return writer.finish();
}

export function exportResponseJson(receipt: Receipt & { refused: null }): string {
  const message = receiptMessage(receipt);
  if (receipt.rejected === 0 && message === '') return '{}';
  return JSON.stringify({ partialSuccess: { rejectedSpans: String(receipt.rejected), errorMessage: message } });
}

/** google.rpc.Status in protobuf, with a google.rpc.RetryInfo where the sender should try again. */
export function rpcStatus(code: number, message: string, retryAfterSeconds = 0): Uint8Array {
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
  return writer.finish();
}

export function rpcStatusJson(code: number, message: string): string {
  return JSON.stringify({ code, message });
}
