import { parentPort } from 'node:worker_threads';
import { renderPdf } from './pdf.js';
import type { PdfAnswer, PdfRequest } from './pdf-thread.js';

/** Lays PDFs out, one after the other, away from the thread that serves and receives. */
parentPort?.on('message', async ({ id, report, contentHash }: PdfRequest) => {
  const answer = await renderPdf(report, contentHash).then(
    (pdf): PdfAnswer => ({ id, pdf: new Uint8Array(pdf) }),
    (): PdfAnswer => ({ id, pdf: null }),
  );
  parentPort?.postMessage(answer, answer.pdf === null ? [] : [answer.pdf.buffer]);
});
