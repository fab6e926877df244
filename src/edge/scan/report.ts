import type { Finding } from '../../engine/model/finding.js';
import type { Occurrence } from '../../flow/analyse.js';
import type { Place, ScannedFile } from '../../flow/scan.js';
import type { BaselineEntry } from './baseline.js';

/** A detector or a naming rule, as people read of it. */
export interface RuleInfo {
  readonly id: string;
  readonly name: string;
  readonly remedy: string;
  /** Address of a page, '' where there is none. */
  readonly reference: string;
}

/** A finding that is reported: not filtered, and not in the baseline. */
export interface ReportedFinding extends Finding {
  /** The same in every run: `findingId`. */
  readonly id: string;
  readonly rule: RuleInfo;
  /** Where it was met first; at least one place. */
  readonly places: readonly Place[];
}

/** What a baseline did to the report. */
export interface BaselineUse {
  /** Findings that are not reported because they are known. */
  readonly known: number;
  /** Entries that hold no longer, so that their findings are reported. */
  readonly expired: readonly BaselineEntry[];
  /** Entries for which nothing was found; null where not everything could be read. */
  readonly stale: readonly BaselineEntry[] | null;
}

export interface ScanReport {
  readonly version: string;
  readonly files: readonly ScannedFile[];
  /** The most urgent first. */
  readonly findings: readonly ReportedFinding[];
  readonly detectors: number;
  /** Null where there is no baseline. */
  readonly baseline: BaselineUse | null;
}

/** A form of the output. What it does not ask for is not kept. */
export interface ScanFormat {
  /** The text of one match, written as soon as it is found. */
  readonly occurrence?: (occurrence: Occurrence, place: Place) => string;
  /** What is written in the end. */
  readonly render: (report: ScanReport) => string;
}
