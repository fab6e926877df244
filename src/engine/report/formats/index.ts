import type { Report } from '../../model/report.js';
import { renderCsv } from './csv.js';
import { renderHtml } from './html.js';
import { renderJson } from './json.js';
import { renderMarkdown } from './markdown.js';

export interface ReportFormat {
  readonly mediaType: string;
  /** @param contentHash SHA-256 of the report in the form of RFC 8785, in hex */
  readonly render: (report: Report, contentHash: string) => string;
}

/** The table of report formats, by file ending: one file, one line here and one golden file each. */
export const REPORT_FORMATS = {
  md: { mediaType: 'text/markdown; charset=utf-8', render: renderMarkdown },
  html: { mediaType: 'text/html; charset=utf-8', render: renderHtml },
  json: { mediaType: 'application/json', render: renderJson },
  csv: { mediaType: 'text/csv; charset=utf-8', render: renderCsv },
} as const satisfies Record<string, ReportFormat>;

export type ReportFormatName = keyof typeof REPORT_FORMATS;
