import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataSource } from 'typeorm';
import { loadRules, RULES_DIR } from '../src/edge/files/rule-files.js';
import { startEmbeddedPostgres } from '../src/edge/postgres/embedded.js';
import { patternCompiler } from '../src/edge/regex/index.js';
import { makeDataSource, migrate } from '../src/edge/store/data-source.js';
import { PostgresUsageStore } from '../src/edge/store/usage-store.js';
import { estimatedCosts } from '../src/flow/estimated-costs.js';
import { newHome } from '../test/support/service.js';
import { type Line, median, megabytes } from './measure.js';

const SERVICES = 2_000;
const DAYS = 30;
const ATTRIBUTES_OF_SERVICE = 25;
const TEAMS = 200;
const RUNS = 7;
const POLICIES = 50;
const SERVICES_OF_POLICY = 20;

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
    lines.push(...(await benchWeek(dataSource, postgres.url)));
    return lines;
  } finally {
    await dataSource.destroy();
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The facts of a week and of the one before, the report of every reader, and all formats of it, in a process of its own. */
async function benchWeek(dataSource: DataSource, url: string): Promise<Line[]> {
  await dataSource.query(
    `INSERT INTO usage_hourly (tenant_id, dist_key, hour, id, service, environment, spans, error_spans, span_bytes,
       shared_bytes, known_sums, unknown_sums)
     SELECT 'default', s, '2026-09-28T00:00:00Z'::timestamptz + h * interval '6 hours', md5('s' || s)::uuid,
       'service ' || s, 'prod', 1000, 10, 500000, 20000, '{}', '{}'
     FROM generate_series(1, ${SERVICES}) AS s, generate_series(0, 55) AS h`,
  );
  await dataSource.query(
    `INSERT INTO attribute_hourly (tenant_id, dist_key, hour, id, part, service, environment, location, key,
       observations, bytes, types, distinct_values)
     SELECT 'default', s, '2026-09-29T10:00:00Z', md5(s || ' ' || k)::uuid, md5('part')::uuid, 'service ' || s, 'prod',
       'span', 'key.' || k, 20000, 400000, 2, ''
     FROM generate_series(1, ${SERVICES}) AS s, generate_series(1, ${ATTRIBUTES_OF_SERVICE}) AS k`,
  );
  await dataSource.query(
    `INSERT INTO service (tenant_id, dist_key, id, service, environment, namespace, team_hint)
     SELECT 'default', s, md5('s' || s)::uuid, 'service ' || s, 'prod', '', 'team ' || s % ${TEAMS}
     FROM generate_series(1, ${SERVICES}) AS s`,
  );
  await dataSource.query(
    `INSERT INTO policy (tenant_id, id, version, policy_set, state, body, content_hash, decided_at)
     SELECT 'default', md5('policy ' || p)::uuid, 1, 'default', 'approved', jsonb_build_object('cause', 'bench ' || p,
       'title', 'Delete key', 'reason', '', 'location', 'span', 'key', 'key.' || 1 + p % ${ATTRIBUTES_OF_SERVICE},
       'services', (SELECT jsonb_agg('service ' || s) FROM generate_series(p * 20, p * 20 + ${SERVICES_OF_POLICY - 1}) AS s),
       'action', '{"kind": "delete"}'::jsonb, 'findings', '[]'::jsonb), 'hash', '2026-10-05T00:00:00Z'
     FROM generate_series(1, ${POLICIES}) AS p`,
  );
  await dataSource.query('ANALYZE');
  const script = fileURLToPath(new URL('./report-week.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, url], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the reports were not made: ${stderr}`);
  const made = JSON.parse(stdout) as Record<
    'facts' | 'reports' | 'formats' | 'teams' | 'policies' | 'megabytes',
    number
  >;
  if (made.teams !== TEAMS || made.policies !== POLICIES)
    throw new Error(`${made.teams} teams, ${made.policies} policies`);
  const seconds = (value: number): string => `${value.toFixed(1)} s`;
  return [
    [`report of a week, ${TEAMS} teams, 3 readers`, seconds(made.facts + made.reports)],
    ['the same in all formats, PDF among them', seconds(made.facts + made.reports + made.formats)],
    ['most memory of the process that made it', megabytes(made.megabytes)],
  ];
}
