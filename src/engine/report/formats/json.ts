import type { Report } from '../../model/report.js';
import { sorted } from '../canonical.js';

/** The report and the hash of its content: SHA-256 of `report` in the form of RFC 8785. */
export function renderJson(report: Report, contentHash: string): string {
  return `${JSON.stringify(sorted({ content_hash: contentHash, report }), null, 2)}\n`;
}
