import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { TraceDocument } from '../../flow/scan.js';

/** Largest file that is held in memory, after decompression. */
const MAX_BYTES = 1 << 30;
const NEWLINE = 10;

/**
 * Reads a trace file, `-` for standard input: an OTLP request in JSON or protobuf, JSON lines or length-prefixed
 * protobuf as the collector's file exporter writes them, each of them also gzipped.
 */
export async function readTraceFile(file: string): Promise<readonly TraceDocument[] | { readonly problem: string }> {
  let bytes: Buffer;
  try {
    bytes = file === '-' ? await readStandardInput() : await readFile(file);
  } catch (error) {
    return { problem: `${file}: ${readProblem(error as NodeJS.ErrnoException)}` };
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
    } catch {
      return { problem: `${file}: not valid gzip data, or more than ${MAX_BYTES} bytes after decompression` };
    }
  }
  const documents = split(bytes);
  return documents.length === 0 ? { problem: `${file}: empty; a trace file in OTLP JSON or protobuf` } : documents;
}

function readProblem({ code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'not found; the path of a trace file, or - for standard input';
  return code === 'EISDIR' ? 'a folder; the path of a trace file' : `cannot be read (${code ?? 'unknown error'})`;
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function split(bytes: Buffer): TraceDocument[] {
  const first = bytes.findIndex((byte) => byte > 32);
  if (first < 0) return [];
  if (bytes[first] === 0x7b || bytes[first] === 0x5b) return splitJson(bytes);
  return bytes[0] === 0 ? splitPrefixed(bytes) : [{ bytes, format: 'otlp-protobuf', line: 1 }];
}

/** One JSON document over many lines, or one on each line. */
function splitJson(bytes: Buffer): TraceDocument[] {
  const lines: TraceDocument[] = [];
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const text = bytes.subarray(start, end);
    if (text.some((byte) => byte > 32)) lines.push({ bytes: text, format: 'otlp-json', line });
    start = end + 1;
  }
  const separate = lines.length > 1 && lines.every(({ bytes: text }) => isWholeObject(text));
  return separate ? lines : [{ bytes, format: 'otlp-json', line: 1 }];
}

function isWholeObject(line: Uint8Array): boolean {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1').trim();
  return text.startsWith('{') && text.endsWith('}');
}

/** Messages that each follow their length in four bytes, most significant first. */
function splitPrefixed(bytes: Buffer): TraceDocument[] {
  const documents: TraceDocument[] = [];
  for (let at = 0; at < bytes.length; ) {
    // A rest that is shorter than a length is handed on, to be refused as no message.
    const start = bytes.length - at < 4 ? at : at + 4;
    const end = start === at ? bytes.length : start + bytes.readUInt32BE(at);
    documents.push({ bytes: bytes.subarray(start, end), format: 'otlp-protobuf', line: documents.length + 1 });
    at = end;
  }
  return documents;
}
