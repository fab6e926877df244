import { rmSync } from 'node:fs';
import { loadRules, RULES_DIR } from '../src/edge/files/rule-files.js';
import { startEmbeddedPostgres } from '../src/edge/postgres/embedded.js';
import { patternCompiler } from '../src/edge/regex/index.js';
import { makeDataSource, migrate } from '../src/edge/store/data-source.js';
import { PostgresUsageStore } from '../src/edge/store/usage-store.js';
import { estimatedCosts } from '../src/flow/estimated-costs.js';
import { newHome } from '../test/support/service.js';
import { type Line, median } from './measure.js';

const SERVICES = 2_000;
const DAYS = 30;
const ATTRIBUTES_OF_SERVICE = 25;
const RUNS = 7;

/** `/costs` of a month, on a store that is filled by SQL: usage by the day, attributes with one hour each. */
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
    return lines;
  } finally {
    await dataSource.destroy();
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
