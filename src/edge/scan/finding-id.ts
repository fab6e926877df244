import { hash } from 'node:crypto';
import type { Finding } from '../../engine/model/finding.js';

export type FindingPlace = Pick<Finding, 'detector' | 'service' | 'location' | 'key' | 'component'>;

/**
 * What a finding is known by in every run and on every machine: SHA-256 of its detector and place, cut to 128 bits, in
 * hex. Nothing of a value goes into it.
 */
export function findingId({ detector, service, location, key, component }: FindingPlace): string {
  return shortHash([detector, service, location, key, component]);
}

/** The same with the environment, for tools that take two results with one fingerprint for one. */
export function resultFingerprint(finding: FindingPlace & Pick<Finding, 'environment'>): string {
  const { environment } = finding;
  return environment === '' ? findingId(finding) : shortHash([findingId(finding), environment]);
}

function shortHash(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32);
}
