import { Worker } from 'node:worker_threads';
import type { Report } from '../../engine/model/report.js';

export interface PdfRequest {
  readonly id: number;
  readonly report: Report;
  readonly contentHash: string;
}

/** The document; null where it could not be laid out. */
export interface PdfAnswer {
  readonly id: number;
  readonly pdf: Uint8Array<ArrayBuffer> | null;
}

interface Waiting {
  readonly resolve: (pdf: Buffer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const MAX_SECONDS = 60;
/** Without work for longer the thread ends and gives its memory back. */
const IDLE_MS = 30_000;
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

/** One thread that lays PDFs out: it starts with the first of them and ends when there are none for a while. */
class PdfThread {
  private worker: Worker | null = null;
  private idle: NodeJS.Timeout | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  render(report: Report, contentHash: string): Promise<Buffer> {
    const worker = this.start();
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end(worker, `not laid out within ${MAX_SECONDS} s`), MAX_SECONDS * 1000);
      this.waiting.set(id, { resolve, reject, timer });
      worker.ref();
      worker.postMessage({ id, report, contentHash } satisfies PdfRequest);
    });
  }

  private start(): Worker {
    if (this.idle !== null) clearTimeout(this.idle);
    this.idle = null;
    if (this.worker !== null) return this.worker;
    const worker = new Worker(new URL('./pdf-worker.js', import.meta.url), { resourceLimits: LIMITS });
    worker.on('message', (answer: PdfAnswer) => this.answered(worker, answer));
    worker.on('error', () => this.end(worker, 'the thread that lays it out died'));
    worker.on('exit', () => this.end(worker, 'the thread that lays it out ended'));
    this.worker = worker;
    return worker;
  }

  private answered(worker: Worker, { id, pdf }: PdfAnswer): void {
    const request = this.waiting.get(id);
    this.waiting.delete(id);
    clearTimeout(request?.timer);
    if (pdf === null) request?.reject(new Error('PDF: it cannot be laid out'));
    else request?.resolve(Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength));
    if (this.waiting.size > 0) return;
    worker.unref();
    this.idle = setTimeout(() => this.end(worker, ''), IDLE_MS).unref();
  }

  private end(worker: Worker, why: string): void {
    if (this.worker !== worker) return;
    this.worker = null;
    void worker.terminate();
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new Error(`PDF: ${why}`));
    }
    this.waiting.clear();
  }
}

const thread = new PdfThread();

/** A report on A4 paper with its fonts in it, laid out in a thread of its own; the same report gives the same bytes. */
export function renderPdfAside(report: Report, contentHash: string): Promise<Buffer> {
  return thread.render(report, contentHash);
}
