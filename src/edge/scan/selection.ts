import {
  CONFIDENCES,
  type Confidence,
  type Finding,
  type FindingKind,
  SEVERITIES,
  type Severity,
} from '../../engine/model/finding.js';
import { type Problem, problem } from '../../engine/problem.js';

/** What of all that is found is reported. */
export interface Selection {
  readonly minSeverity: Severity;
  readonly minConfidence: Confidence;
  /** Empty for all. */
  readonly kinds: readonly FindingKind[];
  /** Ids of detectors and naming rules; empty for all. */
  readonly detectors: readonly string[];
  readonly excludedDetectors: readonly string[];
}

export const EVERYTHING: Selection = {
  minSeverity: 'info',
  minConfidence: 'other',
  kinds: [],
  detectors: [],
  excludedDetectors: [],
};

/** When findings make the scan fail. */
export const FAIL_ON = ['none', 'any', ...SEVERITIES] as const;
export type FailOn = (typeof FAIL_ON)[number];

export type Selectable = Pick<Finding, 'kind' | 'detector' | 'severity' | 'confidence'>;

export function isSelected(selection: Selection, finding: Selectable): boolean {
  const { minSeverity, minConfidence, kinds, detectors, excludedDetectors } = selection;
  return (
    isAtLeast(finding.severity, minSeverity) &&
    CONFIDENCES.indexOf(finding.confidence) <= CONFIDENCES.indexOf(minConfidence) &&
    (kinds.length === 0 || kinds.includes(finding.kind)) &&
    (detectors.length === 0 || detectors.includes(finding.detector)) &&
    !excludedDetectors.includes(finding.detector)
  );
}

export function fails(failOn: FailOn, findings: readonly Pick<Finding, 'severity'>[]): boolean {
  if (failOn === 'none') return false;
  return findings.some(({ severity }) => failOn === 'any' || isAtLeast(severity, failOn));
}

/** A misspelt id would report nothing, or everything, without a word. */
export function checkSelection(
  { detectors, excludedDetectors }: Selection,
  rules: ReadonlyMap<string, unknown>,
): Problem[] {
  const unknown = (option: string, given: readonly string[]): Problem[] =>
    given
      .filter((id) => !rules.has(id))
      .map((id) => problem('option', option, `there is no detector ${id}`, 'an id as --format json shows it'));
  return [...unknown('--detector', detectors), ...unknown('--exclude-detector', excludedDetectors)];
}

function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}
