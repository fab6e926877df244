import type { SimulationReport } from '../report.js';
import { documentOf } from './json.js';

/** A row a line, the total last; `type` says of what: file, policy, effect, service, attribute, finding, trace-class, conflict, total. */
export function jsonl(report: SimulationReport): string {
  const { files, policies, effects, services, attributes, findings, traces, conflicts, total, saving } =
    documentOf(report);
  const lists = { file: files, policy: policies, effect: effects, service: services, attribute: attributes };
  const rows = Object.entries({ ...lists, finding: findings, 'trace-class': traces.classes, conflict: conflicts });
  const lines = rows.flatMap(([type, list]) => (list as readonly object[]).map((row) => ({ type, ...row })));
  return [...lines, { type: 'total', ...total, saving }].map((line) => `${JSON.stringify(line)}\n`).join('');
}
