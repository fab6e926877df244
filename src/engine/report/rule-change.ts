import type { RuleChange } from '../model/report.js';
import type { Lines } from './blocks.js';
import { count } from './numbers.js';

/** Rules that are named. */
const MAX_NAMED = 10;

export const NO_RULE_CHANGE: RuleChange = { rules: [], total: 0, fresh: 0 };

export function ruleChange(rules: readonly string[], fresh: number): RuleChange {
  return { rules: [...rules].sort().slice(0, MAX_NAMED), total: rules.length, fresh };
}

/** Why the number of findings changed, where rules had a part in it. */
export function ruleLines({ rules, total, fresh }: RuleChange, all: number): Lines[] {
  if (total === 0) return [];
  const named = `${rules.join(', ')}${total > rules.length ? ' and others' : ''}`;
  const came = `${count(total)} ${total === 1 ? 'rule' : 'rules'} came or changed in this period: ${named}.`;
  const share = `By rule version: ${count(fresh)} of ${count(all)} new findings. The others are new in the spans.`;
  return [{ kind: 'lines', title: 'Why findings changed', lines: [share, came] }];
}
