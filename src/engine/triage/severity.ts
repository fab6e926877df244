import type { FindingKind, Severity } from '../model/finding.js';
import type { Resolution } from '../model/finding-state.js';

/** Words of environment names, in lower case. */
const PRODUCTION = new Set(['prod', 'production', 'prd', 'live']);
const OTHERS = new Set([
  ...['dev', 'devel', 'develop', 'development', 'local', 'localhost', 'sandbox', 'sbx', 'playground', 'preview'],
  ...['test', 'tests', 'testing', 'tst', 'qa', 'qas', 'uat', 'acceptance', 'e2e', 'integration', 'perf', 'loadtest'],
  ...['ci', 'build', 'stage', 'staging', 'stg', 'preprod', 'preproduction', 'nonprod', 'nonproduction', 'notprod'],
]);
/** Before a word for production these make it something else: `pre-prod`, `non-production`. */
const NEGATIONS = new Set(['pre', 'non', 'not', 'no']);

const LOWER: Readonly<Record<Severity, Severity>> = {
  critical: 'high',
  high: 'medium',
  medium: 'low',
  low: 'info',
  info: 'info',
};

export type EnvironmentClass = 'production' | 'other' | 'unknown';

/** What the name of an environment says of it. A name that says nothing may well be production. */
export function environmentClass(environment: string): EnvironmentClass {
  const words = environment
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => (OTHERS.has(word) ? word : word.replace(/\d+$/, '')));
  const at = words.findIndex((word) => PRODUCTION.has(word));
  if (at >= 0) return NEGATIONS.has(words[at - 1] ?? '') ? 'other' : 'production';
  return words.some((word) => OTHERS.has(word)) ? 'other' : 'unknown';
}

export interface Sighted {
  readonly kind: FindingKind;
  /** As the detector states it. */
  readonly severity: Severity;
  readonly environment: string;
}

/**
 * How bad a finding is where it was found: as bad as the detector says in production and where the environment is not
 * known, and one step less bad elsewhere. A critical secret opens what it opens, wherever it lies about.
 */
export function shownSeverity({ kind, severity, environment }: Sighted): Severity {
  if (environmentClass(environment) !== 'other' || (kind === 'secret' && severity === 'critical')) return severity;
  return LOWER[severity];
}

/** Why the severity is what it is, in a sentence. */
export function severityReason(sighted: Sighted, resolution: Resolution | null): string {
  const { kind, severity, environment } = sighted;
  if (resolution === 'used_in_tests') return 'Used in tests, so that it does no harm; the severity does not apply.';
  const where = environmentClass(environment);
  if (where === 'production') return 'As the detector says: the environment is named like production.';
  if (environment === '') return 'As the detector says: the spans name no environment.';
  if (where === 'unknown') return 'As the detector says: the environment may be production, going by its name.';
  if (kind === 'secret' && severity === 'critical') return 'A critical secret is critical in every environment.';
  if (LOWER[severity] === severity) return 'As the detector says: there is nothing lower.';
  return `One step below what the detector says (${severity}): the environment is not named like production.`;
}
