import { NAMING_LEVELS, type NamingFinding, type NamingLevel } from '../model/naming-finding.js';
import type { NamedRow, NamingRow } from './row-rules.js';

/** Levels that a team gives to rules; `off` takes the findings away. */
export const OVERRIDE_LEVELS = [...NAMING_LEVELS, 'off'] as const;
export type OverrideLevel = (typeof OVERRIDE_LEVELS)[number];

/** What a rule counts for a team, or for every team that says nothing of it (team null). */
export interface LevelOverride {
  readonly team: string | null;
  readonly rule: string;
  readonly level: OverrideLevel;
}

/** Findings that are accepted for a while; null means any. */
export interface NamingWaiver {
  readonly id: string;
  readonly rule: string | null;
  readonly team: string | null;
  readonly service: string | null;
  readonly key: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A finding with where it stands and what it counts after overrides and waivers. */
export interface JudgedFinding<R extends NamingRow = NamingRow> {
  readonly row: R;
  readonly team: string;
  /** With its level after overrides. */
  readonly finding: NamingFinding;
  /** The waiver that accepts it, null where there is none in force. */
  readonly waiver: string | null;
}

/** What people decided on naming rules. */
export interface NamingDecisions {
  readonly overrides: readonly LevelOverride[];
  readonly waivers: readonly NamingWaiver[];
}

/**
 * Findings at the levels that count for their teams, with the waivers that are in force.
 *
 * @param now milliseconds since the epoch: waivers that expired by then count no more
 */
export function judgeRows<R extends NamingRow>(
  rows: Iterable<NamedRow<R>>,
  teams: ReadonlyMap<string, string>,
  decisions: NamingDecisions,
  now: number,
): JudgedFinding<R>[] {
  return [...judgeEach(rows, teams, decisions, now)];
}

/** The same, one finding at a time: for those who keep few of them. */
export function* judgeEach<R extends NamingRow>(
  rows: Iterable<NamedRow<R>>,
  teams: ReadonlyMap<string, string>,
  decisions: NamingDecisions,
  now: number,
): Generator<JudgedFinding<R>> {
  const levels = new Map(decisions.overrides.map(({ team, rule, level }) => [levelKey(team, rule), level]));
  const waivers = decisions.waivers.filter(({ expiresAt }) => now < expiresAt);
  for (const { row, findings } of rows) {
    const team = teams.get(row.service) ?? '';
    for (const found of findings) {
      const level = levels.get(levelKey(team, found.id)) ?? levels.get(levelKey(null, found.id)) ?? found.level;
      if (level === 'off') continue;
      const waiver = waivers.find((one) => covers(one, found, row, team))?.id ?? null;
      yield { row, team, finding: level === found.level ? found : { ...found, level: level as NamingLevel }, waiver };
    }
  }
}

function levelKey(team: string | null, rule: string): string {
  return `${team === null ? '' : `=${team}`}\0${rule}`;
}

function covers(waiver: NamingWaiver, { id }: NamingFinding, row: NamingRow, team: string): boolean {
  return (
    (waiver.rule === null || waiver.rule === id) &&
    (waiver.team === null || waiver.team === team) &&
    (waiver.service === null || waiver.service === row.service) &&
    (waiver.key === null || waiver.key === row.key)
  );
}
