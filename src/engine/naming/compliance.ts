import type { JudgedFinding } from './levels.js';
import type { NamingRow } from './row-rules.js';

export const COMPLIANCE_GROUPS = ['team', 'service'] as const;
export type ComplianceGroup = (typeof COMPLIANCE_GROUPS)[number];

/**
 * How far the names of a team or service keep to the conventions: observations of attributes, and attributes (by
 * environment, location and key of a service), that have no violation. What a waiver accepts counts as compliant and is
 * told apart.
 */
export interface Compliance {
  readonly team: string;
  /** Null where a row is a whole team. */
  readonly service: string | null;
  observations: number;
  violatingObservations: number;
  waivedObservations: number;
  keys: number;
  violatingKeys: number;
  waivedKeys: number;
}

/** Compliance of rows of one time, in the order of team and service. */
export function compliance<R extends NamingRow>(
  rows: readonly R[],
  findings: readonly JudgedFinding<R>[],
  teams: ReadonlyMap<string, string>,
  group: ComplianceGroup,
): Compliance[] {
  const violating = new Set<R>();
  const waived = new Set<R>();
  for (const { row, finding, waiver } of findings) {
    if (finding.level === 'violation') (waiver === null ? violating : waived).add(row);
  }
  const groups = new Map<string, Compliance>();
  for (const row of rows) {
    const team = teams.get(row.service) ?? '';
    const service = group === 'service' ? row.service : null;
    const key = `${team}\0${service ?? ''}`;
    const sums = groups.get(key) ?? { team, service, ...NOTHING };
    sums.observations += row.observations;
    sums.keys++;
    if (violating.has(row)) {
      sums.violatingObservations += row.observations;
      sums.violatingKeys++;
    } else if (waived.has(row)) {
      sums.waivedObservations += row.observations;
      sums.waivedKeys++;
    }
    groups.set(key, sums);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sums]) => sums);
}

const NOTHING = {
  observations: 0,
  violatingObservations: 0,
  waivedObservations: 0,
  keys: 0,
  violatingKeys: 0,
  waivedKeys: 0,
};
