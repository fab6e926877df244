import type { DataSource } from 'typeorm';
import type { Location } from '../../engine/model/location.js';
import type { ServiceRow } from '../../engine/model/rollup.js';
import { Sketch } from '../../engine/model/sketch.js';
import type { AttributeFilter, AttributeUsage, ServiceUsage, UsageStore, Window } from '../../flow/ports.js';
import { Service, ServiceOwner } from './entities/index.js';

interface UsageSums {
  service: string;
  environment: string;
  spans: string;
  error_spans: string;
  bytes: string;
}

interface AttributeSums {
  service: string;
  environment: string;
  location: Location;
  key: string;
  observations: string;
  bytes: string;
  types: number;
  sketches: Buffer[];
}

/**
 * Usage, attributes, services and their owners in PostgreSQL. Counts are kept by the hour: an hour belongs to a window
 * when its beginning does.
 */
export class PostgresUsageStore implements UsageStore {
  constructor(private readonly dataSource: DataSource) {}

  async services(tenant: string): Promise<ServiceRow[]> {
    const order = { service: 'ASC', environment: 'ASC' } as const;
    const rows = await this.dataSource.getRepository(Service).find({ where: { tenantId: tenant }, order });
    return rows.map(({ service, environment, namespace, teamHint }) => ({ service, environment, namespace, teamHint }));
  }

  async owners(tenant: string): Promise<Map<string, string>> {
    const rows = await this.dataSource.getRepository(ServiceOwner).find({ where: { tenantId: tenant } });
    return new Map(rows.map((row) => [row.service, row.team]));
  }

  async setOwner(tenant: string, service: string, team: string): Promise<void> {
    const row = { tenantId: tenant, service, team, updatedAt: new Date() };
    await this.dataSource.getRepository(ServiceOwner).upsert(row, ['tenantId', 'service']);
  }

  async removeOwner(tenant: string, service: string): Promise<boolean> {
    const result = await this.dataSource.getRepository(ServiceOwner).delete({ tenantId: tenant, service });
    return (result.affected ?? 0) > 0;
  }

  /** When a request was committed last. */
  async lastCommit(tenant: string): Promise<Date | null> {
    const [row]: { last: Date | null }[] = await this.dataSource.query(
      'SELECT max(last_seen) AS last FROM service WHERE tenant_id = $1',
      [tenant],
    );
    return row?.last ?? null;
  }

  async usage(tenant: string, window: Window): Promise<ServiceUsage[]> {
    const rows: UsageSums[] = await this.dataSource.query(
      `SELECT service, environment, sum(spans) AS spans, sum(error_spans) AS error_spans,
         sum(span_bytes + shared_bytes) AS bytes
       FROM usage_hourly WHERE tenant_id = $1 AND hour >= $2 AND hour < $3
       GROUP BY service, environment ORDER BY service, environment`,
      [tenant, window.from, window.to],
    );
    return rows.map((row) => ({
      service: row.service,
      environment: row.environment,
      spans: Number(row.spans),
      errorSpans: Number(row.error_spans),
      bytes: Number(row.bytes),
    }));
  }

  async attributes(
    tenant: string,
    window: Window,
    filter: AttributeFilter,
    limit: number,
    skip: number,
  ): Promise<AttributeUsage[]> {
    const { service, environment, location, key } = filter;
    const rows: AttributeSums[] = await this.dataSource.query(
      `SELECT service, environment, location, key, sum(observations) AS observations, sum(bytes) AS bytes,
         bit_or(types) AS types, array_agg(distinct_values) AS sketches
       FROM attribute_hourly
       WHERE tenant_id = $1 AND hour >= $2 AND hour < $3
         AND ($4::text IS NULL OR service = $4) AND ($5::text IS NULL OR environment = $5)
         AND ($6::text IS NULL OR location = $6) AND ($7::text IS NULL OR key = $7)
       GROUP BY service, environment, location, key
       ORDER BY sum(bytes) DESC, service, environment, location, key
       LIMIT $8 OFFSET $9`,
      [
        tenant,
        window.from,
        window.to,
        service ?? null,
        environment ?? null,
        location ?? null,
        key ?? null,
        limit,
        skip,
      ],
    );
    return rows.map((row) => ({
      service: row.service,
      environment: row.environment,
      location: row.location,
      key: row.key,
      observations: Number(row.observations),
      bytes: Number(row.bytes),
      types: row.types,
      values: union(row.sketches),
    }));
  }

  async attributeTypes(tenant: string): Promise<Map<string, number>> {
    const rows: { service: string; location: string; key: string; types: number }[] = await this.dataSource.query(
      `SELECT service, location, key, bit_or(types) AS types FROM attribute_hourly
       WHERE tenant_id = $1 AND hour >= now() - interval '7 days' GROUP BY service, location, key`,
      [tenant],
    );
    return new Map(rows.map((row) => [`${row.service}\0${row.location}\0${row.key}`, row.types]));
  }
}

function union(parts: readonly Buffer[]): Sketch {
  const sketch = new Sketch();
  for (const part of parts) sketch.merge(Sketch.fromBytes(part));
  return sketch;
}
