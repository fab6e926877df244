import { loadRules, RULES_DIR } from '../src/edge/files/rule-files.js';
import { timesOf } from '../src/edge/jobs/periods.js';
import { patternCompiler } from '../src/edge/regex/index.js';
import { contentHashOf, FORMATS } from '../src/edge/report/render.js';
import { makeDataSource } from '../src/edge/store/data-source.js';
import { PostgresNamingStore } from '../src/edge/store/naming-store.js';
import { PostgresPolicyStore } from '../src/edge/store/policy-store.js';
import { PostgresReportFactStore } from '../src/edge/store/report-fact-store.js';
import { PostgresSavingStore } from '../src/edge/store/saving-store.js';
import { PostgresUsageStore } from '../src/edge/store/usage-store.js';
import { AUDIENCES } from '../src/engine/model/report.js';
import { ConventionRegistry } from '../src/engine/naming/registry.js';
import { gatherFacts, makeReport } from '../src/flow/report.js';
import { peakMemory } from './measure.js';

/*
 * One process that makes the weekly reports of all readers from the database that is named, in all formats: what it took, and
 * its memory, as a line of JSON.
 */
const dataSource = makeDataSource(process.argv[2]!);
await dataSource.initialize();
const { rules } = loadRules(RULES_DIR, patternCompiler().compiler);
const sources = {
  usage: new PostgresUsageStore(dataSource),
  naming: new PostgresNamingStore(dataSource),
  policies: new PostgresPolicyStore(dataSource),
  facts: new PostgresReportFactStore(dataSource),
  savings: new PostgresSavingStore(dataSource),
  simulations: null,
  registry: new ConventionRegistry(rules.conventions),
  models: [rules.prices.get('grafana-cloud-traces')!],
  detectors: rules.detectors,
  render: () => '',
  link: (path: string) => path,
  generator: 'bench',
  rules: '',
};
const week = { from: new Date('2026-10-05T00:00:00Z'), to: new Date('2026-10-12T00:00:00Z') };
const start = performance.now();
const facts = await gatherFacts('default', timesOf('weekly', week, 'UTC'), sources);
let teams = 0;
let policies = 0;
const gathered = performance.now();
const reports = [];
for (const audience of AUDIENCES) {
  const report = await makeReport('default', { edition: 'weekly', audience, team: null, link: '' }, facts, sources);
  teams = report.teams.length;
  policies = report.savings.total;
  reports.push(report);
}
const made = performance.now();
for (const report of reports) {
  const contentHash = contentHashOf(report);
  for (const { render } of Object.values(FORMATS)) await render(report, contentHash);
}
const seconds = (from: number, to: number): number => (to - from) / 1000;
const took = {
  facts: seconds(start, gathered),
  reports: seconds(gathered, made),
  formats: seconds(made, performance.now()),
};
process.stdout.write(`${JSON.stringify({ ...took, teams, policies, megabytes: peakMemory() })}\n`);
await dataSource.destroy();
process.exit(0);
