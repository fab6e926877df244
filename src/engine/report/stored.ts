import type { Report } from '../model/report.js';
import { NO_RULE_CHANGE } from './rule-change.js';
import { reportSavings } from './savings.js';

const NOT_KNOWN = { amount: 0, interval: null };

/**
 * A report of any version, with what it did not say yet. What is stored stays as it is, and so does its hash: this is for
 * those who show it.
 */
export function completed(stored: Report): Report {
  const report: Partial<Report> & Pick<Report, 'usage' | 'cost' | 'teams' | 'services'> = stored;
  if (report.savings !== undefined && report.ruleChange !== undefined) return stored;
  return {
    ...stored,
    saving: report.saving ?? NOT_KNOWN,
    savings: report.savings ?? reportSavings([]),
    ruleChange: report.ruleChange ?? NO_RULE_CHANGE,
    duplicates: report.duplicates ?? { cost: NOT_KNOWN, saving: NOT_KNOWN, rows: [], total: 0 },
    usage: { ...stored.usage, receivedSpans: report.usage.receivedSpans ?? report.usage.spans.now },
    cost: { ...{ interval: null, basis: 'as they were received' }, ...stored.cost },
    teams: stored.teams.map((row) => ({ ...row, costInterval: row.costInterval ?? null })),
    services: stored.services.map((row) => ({ ...row, costInterval: row.costInterval ?? null })),
    actions: stored.actions.map((action) => ({
      ...action,
      saving: typeof action.saving === 'number' ? { amount: action.saving, interval: null } : action.saving,
    })),
  };
}
