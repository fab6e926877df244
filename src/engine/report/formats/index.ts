import type { Report } from '../../model/report.js';
import { renderHtml } from './html.js';
import { renderJson } from './json.js';
import { renderMarkdown } from './markdown.js';

export interface ReportFormat {
  readonly mediaType: string;
  readonly render: (report: Report) => string;
}

/** The table of report formats, by file ending: one file, one line here and one golden file each. */
export const REPORT_FORMATS = {
  md: { mediaType: 'text/markdown; charset=utf-8', render: renderMarkdown },
  html: { mediaType: 'text/html; charset=utf-8', render: renderHtml },
  json: { mediaType: 'application/json', render: renderJson },
} as const satisfies Record<string, ReportFormat>;

export type ReportFormatName = keyof typeof REPORT_FORMATS;
