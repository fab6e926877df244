import { type DataSource, In } from 'typeorm';
import type { PlaceSums } from '../../engine/cost/promise.js';
import type { Policy } from '../../engine/model/policy.js';
import type { KeptPromise, PlaceQuestion, PolicyInForce, SavingStore } from '../../flow/savings.js';
import { Service } from './entities/index.js';
import { PolicyPromiseRow } from './entities/savings.js';

const DAY = 86_400_000;

interface Sums {
  n: number;
  service: string;
  steps: number;
  x: number;
  y: number;
  xx: number;
  xy: number;
  yy: number;
  spans: number;
  bytes: number;
  unweighed: number;
  key_bytes: number;
  key_observations: number;
}

/** What questions ask: $2 numbers, $3 services, $4 and $5 their windows, $6 locations, $7 keys, $8 new names, $9 sampling. */
const ASKED = `asked AS MATERIALIZED (
  SELECT * FROM unnest($2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
    $8::text[], $9::boolean[]) AS a (n, service, since, until, location, key, renamed_to, is_sampling))`;
/** Steps are hours, and whole days where attributes are known by the day: before $10. */
const stepOf = (time: string): string =>
  `CASE WHEN ${time} < $10 THEN date_trunc('day', ${time}, 'UTC') ELSE ${time} END`;

const SUMS = `
  WITH ${ASKED}, attribute AS (
    SELECT a.n, a.service, ${stepOf('r.start')} AS step, sum(r.bytes)::float8 AS bytes,
      coalesce(sum(r.bytes) FILTER (WHERE r.key = a.key), 0)::float8 AS key_bytes,
      coalesce(sum(r.observations) FILTER (WHERE r.key = a.key), 0)::float8 AS key_observations
    FROM asked a JOIN (
      SELECT hour AS start, service, location, key, bytes, observations FROM attribute_hourly
      WHERE tenant_id = $1 AND hour >= $11 AND hour < $12 AND key = ANY($13)
      UNION ALL
      SELECT day, service, location, key, bytes, observations FROM attribute_daily
      WHERE tenant_id = $1 AND day >= $11 AND day < $12 AND key = ANY($13)
    ) r ON r.service = a.service AND r.location = a.location AND r.start >= a.since AND r.start < a.until
      AND (r.key = a.key OR r.key = a.renamed_to)
    WHERE NOT a.is_sampling
    GROUP BY 1, 2, 3
  ), used AS (
    SELECT a.n, a.service, a.is_sampling, ${stepOf('u.hour')} AS step, sum(u.spans)::float8 AS spans,
      sum(u.span_bytes + u.shared_bytes)::float8 AS bytes, sum(u.spans - u.weighed_spans)::float8 AS unweighed,
      sum(u.estimated_bytes + u.span_bytes + u.shared_bytes - u.weighed_bytes)::float8 AS estimated
    FROM asked a JOIN usage_hourly u ON u.service = a.service AND u.hour >= a.since AND u.hour < a.until
    WHERE u.tenant_id = $1 AND u.hour >= $11 AND u.hour < $12
    GROUP BY 1, 2, 3, 4
  ), step AS (
    SELECT n, service, spans, used.bytes AS sent, unweighed, key_bytes, key_observations,
      CASE WHEN is_sampling THEN estimated ELSE spans END AS x,
      CASE WHEN is_sampling THEN used.bytes ELSE coalesce(attribute.bytes, 0) END AS y
    FROM used LEFT JOIN attribute USING (n, service, step)
  )
  SELECT n, service, count(*)::integer AS steps, sum(x) AS x, sum(y) AS y, sum(x * x) AS xx, sum(x * y) AS xy,
    sum(y * y) AS yy, sum(spans) AS spans, sum(sent) AS bytes, sum(unweighed) AS unweighed,
    coalesce(sum(key_bytes), 0) AS key_bytes, coalesce(sum(key_observations), 0) AS key_observations
  FROM step GROUP BY n, service ORDER BY n, service`;

/** Promises of policies, and what is counted of what they change, in PostgreSQL. */
export class PostgresSavingStore implements SavingStore {
  constructor(private readonly dataSource: DataSource) {}

  async inForce(tenant: string, limit: number): Promise<PolicyInForce[]> {
    const rows: { id: string; version: number; since: Date; policy: Policy }[] = await this.dataSource.query(
      `SELECT p.* FROM (
         SELECT DISTINCT ON (id) id, version, decided_at AS since, body AS policy FROM policy
         WHERE tenant_id = $1 AND state IN ('approved', 'active') AND decided_at IS NOT NULL
         ORDER BY id, state = 'active' DESC, version DESC
       ) p LEFT JOIN policy_promise s ON s.tenant_id = $1 AND s.policy_id = p.id AND s.version = p.version
       ORDER BY s.created_at IS NULL, s.created_at, p.since, p.id LIMIT $2`,
      [tenant, limit],
    );
    return rows;
  }

  async promises(tenant: string, policies: readonly string[]): Promise<KeptPromise[]> {
    const where = { tenantId: tenant, policyId: In([...policies]) };
    const order = { policyId: 'ASC', version: 'DESC' } as const;
    const rows = await this.dataSource.getRepository(PolicyPromiseRow).find({ where, order });
    return rows.map(({ policyId, version, promise }) => ({ policy: policyId, version, promise }));
  }

  async keep(tenant: string, promises: readonly KeptPromise[]): Promise<void> {
    const rows = promises.map(({ policy, version, promise }) => {
      return { tenantId: tenant, policyId: policy, version, promise };
    });
    const insert = this.dataSource.getRepository(PolicyPromiseRow).createQueryBuilder().insert();
    await insert.values(rows).orIgnore().execute();
  }

  async foldedUntil(tenant: string): Promise<Date | null> {
    const [row]: { last: Date | null }[] = await this.dataSource.query(
      'SELECT max(day) AS last FROM attribute_daily WHERE tenant_id = $1',
      [tenant],
    );
    return row?.last ? new Date(row.last.getTime() + DAY) : null;
  }

  async placeSums(tenant: string, questions: readonly PlaceQuestion[]): Promise<PlaceSums[][]> {
    const asked = questions.flatMap((question, n) => question.services.map((service) => ({ ...question, service, n })));
    const answers = questions.map((): PlaceSums[] => []);
    if (asked.length === 0) return answers;
    const times = questions.flatMap(({ window }) => [window.from.getTime(), window.to.getTime()]);
    const keys = new Set(questions.flatMap(({ key, renamedTo }) => (renamedTo === '' ? [key] : [key, renamedTo])));
    const rows: Sums[] = await this.dataSource.query(SUMS, [
      tenant,
      asked.map(({ n }) => n),
      asked.map(({ service }) => service),
      asked.map(({ window }) => window.from),
      asked.map(({ window }) => window.to),
      asked.map(({ location }) => location),
      asked.map(({ key }) => key),
      asked.map(({ renamedTo }) => renamedTo),
      asked.map(({ isSampling }) => isSampling),
      (await this.foldedUntil(tenant)) ?? new Date(0),
      new Date(Math.min(...times)),
      new Date(Math.max(...times)),
      [...keys],
    ]);
    for (const { n, key_bytes: keyBytes, key_observations: keyObservations, ...sums } of rows) {
      answers[n]!.push({ ...sums, keyBytes, keyObservations });
    }
    return answers;
  }

  async serviceNames(tenant: string): Promise<string[]> {
    const rows = await this.dataSource
      .getRepository(Service)
      .createQueryBuilder('s')
      .select('DISTINCT s.service', 'service')
      .where('s.tenantId = :tenant', { tenant })
      .orderBy('1')
      .getRawMany<{ service: string }>();
    return rows.map(({ service }) => service);
  }
}
