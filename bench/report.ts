import { rmSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { loadRules, RULES_DIR } from '../src/edge/files/rule-files.js';
import { timesOf } from '../src/edge/jobs/periods.js';
import { startEmbeddedPostgres } from '../src/edge/postgres/embedded.js';
import { patternCompiler } from '../src/edge/regex/index.js';
import { contentHashOf } from '../src/edge/report/render.js';
import { makeDataSource, migrate } from '../src/edge/store/data-source.js';
import { PostgresNamingStore } from '../src/edge/store/naming-store.js';
import { PostgresPolicyStore } from '../src/edge/store/policy-store.js';
import { PostgresReportFactStore } from '../src/edge/store/report-fact-store.js';
import { PostgresSavingStore } from '../src/edge/store/saving-store.js';
import { PostgresUsageStore } from '../src/edge/store/usage-store.js';
import { AUDIENCES } from '../src/engine/model/report.js';
import { ConventionRegistry } from '../src/engine/naming/registry.js';
import { estimatedCosts } from '../src/flow/estimated-costs.js';
import { gatherFacts, makeReport } from '../src/flow/report.js';
import { newHome } from '../test/support/service.js';
import { type Line, median, megabytes } from './measure.js';

const SERVICES = 2_000;
const DAYS = 30;
const ATTRIBUTES_OF_SERVICE = 25;
const TEAMS = 200;
const RUNS = 7;
const MEGABYTE = 1e6;

/**
 * `/costs` of a month and a report of a week, on a store that is filled by SQL: usage by the day, and for the
 * report by the hour, four hours a day; attributes with one hour each.
 */
export async function benchReport(): Promise<Line[]> {
  const home = newHome();
  const postgres = await startEmbeddedPostgres(home);
  const dataSource = makeDataSource(postgres.url);
  try {
    await dataSource.initialize();
    await migrate(dataSource);
    await dataSource.query(
      `INSERT INTO usage_daily SELECT 'default', s, '2026-10-01'::date + d, md5('s' || s)::uuid, 'service ' || s, 'prod',
         1000, 500000, 20000, 1000, 520000, 10000, 5200000,
         ARRAY(SELECT random() FROM generate_series(1, 32)), '{}'
       FROM generate_series(1, ${SERVICES}) AS s, generate_series(0, ${DAYS - 1}) AS d`,
    );
    await dataSource.query(
      `INSERT INTO attribute_hourly (tenant_id, dist_key, hour, id, part, service, environment, location, key,
         observations, bytes, types, distinct_values)
       SELECT 'default', s, '2026-10-05T10:00:00Z', md5(s || ' ' || k)::uuid, md5('part')::uuid, 'service ' || s, 'prod',
         'span', 'key.' || k, 20000, 400000, 2, ''
       FROM generate_series(1, ${SERVICES}) AS s, generate_series(1, ${ATTRIBUTES_OF_SERVICE}) AS k`,
    );
    await dataSource.query('ANALYZE');
    const store = new PostgresUsageStore(dataSource);
    const model = loadRules(RULES_DIR, patternCompiler().compiler).rules.prices.get('grafana-cloud-traces')!;
    const window = { from: new Date('2026-10-01T00:00:00Z'), to: new Date('2026-10-31T00:00:00Z') };
    const lines: Line[] = [];
    for (const group of ['attribute', 'team'] as const) {
      const times: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const start = performance.now();
        await estimatedCosts('default', window, group, store, [model]);
        times.push(performance.now() - start);
      }
      lines.push([`costs of a month by ${group}, median of ${RUNS}`, `${Math.round(median(times))} ms`]);
    }
    lines.push(...(await benchWeek(dataSource, store)));
    return lines;
  } finally {
    await dataSource.destroy();
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The facts of a week and of the one before, and the report of every reader. */
async function benchWeek(dataSource: DataSource, usage: PostgresUsageStore): Promise<Line[]> {
  await dataSource.query(
    `INSERT INTO usage_hourly (tenant_id, dist_key, hour, id, service, environment, spans, error_spans, span_bytes,
       shared_bytes, known_sums, unknown_sums)
     SELECT 'default', s, '2026-09-28T00:00:00Z'::timestamptz + h * interval '6 hours', md5('s' || s)::uuid,
       'service ' || s, 'prod', 1000, 10, 500000, 20000, '{}', '{}'
     FROM generate_series(1, ${SERVICES}) AS s, generate_series(0, 55) AS h`,
  );
  await dataSource.query(
    `INSERT INTO service (tenant_id, dist_key, id, service, environment, namespace, team_hint)
     SELECT 'default', s, md5('s' || s)::uuid, 'service ' || s, 'prod', '', 'team ' || s % ${TEAMS}
     FROM generate_series(1, ${SERVICES}) AS s`,
  );
  await dataSource.query('ANALYZE');
  const { rules } = loadRules(RULES_DIR, patternCompiler().compiler);
  const sources = {
    usage,
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
  const watch = watchMemory();
  const start = performance.now();
  const facts = await gatherFacts('default', timesOf('weekly', week, 'UTC'), sources);
  for (const audience of AUDIENCES) {
    const report = await makeReport('default', { edition: 'weekly', audience, team: null, link: '' }, facts, sources);
    if (report.teams.length !== TEAMS) throw new Error(`${report.teams.length} teams in the report`);
    contentHashOf(report);
  }
  const took = (performance.now() - start) / 1000;
  return [
    [`report of a week, ${TEAMS} teams, ${AUDIENCES.length} readers`, `${took.toFixed(1)} s`],
    ['resident memory at its peak', megabytes(watch() / MEGABYTE)],
  ];
}

/** Looks at the resident memory every few milliseconds; returns the most that was seen, in bytes. */
function watchMemory(): () => number {
  let most = process.memoryUsage.rss();
  const look = (): void => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 5);
  return () => {
    clearInterval(timer);
    look();
    return most;
  };
}
