import { OVERFLOW } from '../engine/aggregate/rollup-builder.js';
import type { Source } from '../engine/model/evidence.js';
import type { Rollup } from '../engine/model/rollup.js';

const DAY = 24 * 3_600_000;
/** Names of collectors, and of revisions, that are told apart in a day. */
const MAX_NAMES = 500;

/**
 * What of a request's rollup counts. Matches in spans that were not at the policies yet do not speak against these. A second
 * copy of spans adds to no total; its findings say that they were seen.
 */
export function rollupFrom({ tap, isCounted }: Source, rollup: Rollup): Rollup {
  if (tap === 'before') for (const finding of rollup.findings) finding.lastPastPolicies = null;
  if (isCounted) return rollup;
  const findings = rollup.findings.map((finding) => ({ ...finding, occurrences: 0, hours: [] }));
  return { usage: [], attributes: [], spanNames: [], services: [], findings };
}

/** Bounds how many names evidence is kept under: those that come later in a day are one. */
export class BoundedNames {
  private readonly names = new Set<string>();
  private day = 0;

  /** @param now milliseconds since the epoch */
  keep(name: string, now: number): string {
    const day = Math.floor(now / DAY);
    if (day !== this.day) {
      this.names.clear();
      this.day = day;
    }
    if (name === '' || this.names.has(name)) return name;
    if (this.names.size >= MAX_NAMES) return OVERFLOW;
    this.names.add(name);
    return name;
  }
}
