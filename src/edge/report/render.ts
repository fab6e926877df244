import { hash } from 'node:crypto';
import type { Report } from '../../engine/model/report.js';
import { canonicalJson } from '../../engine/report/canonical.js';
import { REPORT_FORMATS } from '../../engine/report/formats/index.js';
import { renderPdfAside } from './pdf-thread.js';

/** All formats, by file ending: those that are text, and PDF. */
export const FORMATS: Readonly<
  Record<string, { mediaType: string; render: (report: Report, contentHash: string) => string | Promise<Buffer> }>
> = { ...REPORT_FORMATS, pdf: { mediaType: 'application/pdf', render: renderPdfAside } };

/** SHA-256, in hex, of a report in the form of RFC 8785. */
export function contentHashOf(report: Report): string {
  return hash('sha256', canonicalJson(report), 'hex');
}

/** Name of a report's file: the same for the same report. */
export function fileNameOf({ edition, audience, team, period }: Report, contentHash: string, ending: string): string {
  const whose = (team ?? 'all').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `spanwarden-${edition}-${audience}-${whose}-${period.start.slice(0, 10)}-${contentHash.slice(0, 8)}.${ending}`;
}
