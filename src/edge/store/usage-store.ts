import type { DataSource } from 'typeorm';
import { addShape } from '../../engine/aggregate/rollup-builder.js';
import type { GrowthClass } from '../../engine/model/growth.js';
import type { ServiceRow } from '../../engine/model/rollup.js';
import { Sketch } from '../../engine/model/sketch.js';
import type {
  AttributeFilter,
  AttributePlace,
  AttributeUsage,
  ServiceUsage,
  UsageStore,
  Window,
} from '../../flow/ports.js';
import { ATTRIBUTE_ROWS, addPart, PLACES, placeColumns } from './attribute-rows.js';
import { Service, ServiceOwner } from './entities/index.js';

interface UsageSums {
  service: string;
  environment: string;
  spans: string;
  error_spans: string;
  bytes: string;
}

interface AttributeSums extends AttributePlace {
  observations: string;
  bytes: string;
  types: number;
  shapes: string;
  class: GrowthClass | null;
}

/** Attributes whose sketches are read at once: they can have 16 KiB an hour. */
const SKETCHES_AT_ONCE = 20;

/**
 * Usage, attributes, services and their owners in PostgreSQL. Counts are kept by the hour, those of attributes by the day
 * when they are older: an hour or a day belongs to a window when its beginning does.
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
    const { service, environment, location, key, services, growthClass } = filter;
    const rows: AttributeSums[] = await this.dataSource.query(
      `SELECT a.*, g.class FROM (
         SELECT service, environment, location, key, sum(observations) AS observations, sum(bytes) AS bytes,
           bit_or(types) AS types, string_agg(array_to_string(shapes, E'\\n'), E'\\n') AS shapes
         FROM ${ATTRIBUTE_ROWS} AS r
         WHERE ($4::text IS NULL OR service = $4) AND ($5::text IS NULL OR environment = $5)
           AND ($6::text IS NULL OR location = $6) AND ($7::text IS NULL OR key = $7)
           AND ($8::text[] IS NULL OR service = ANY($8))
         GROUP BY service, environment, location, key
       ) a LEFT JOIN attribute_growth g ON g.tenant_id = $1 AND g.service = a.service
         AND g.environment = a.environment AND g.location = a.location AND g.key = a.key
       WHERE $9::text IS NULL OR coalesce(g.class, 'insufficient_evidence') = $9
       ORDER BY a.bytes DESC, a.service, a.environment, a.location, a.key
       LIMIT $10 OFFSET $11`,
      [
        ...[tenant, window.from, window.to, service ?? null, environment ?? null, location ?? null, key ?? null],
        ...[services ?? null, growthClass ?? null, limit, skip],
      ],
    );
    const usage: AttributeUsage[] = [];
    for (let i = 0; i < rows.length; i += SKETCHES_AT_ONCE) {
      const some = rows.slice(i, i + SKETCHES_AT_ONCE);
      const sketches = await this.sketches(tenant, window, some);
      usage.push(...some.map((row, n) => fromSums(row, sketches[n]!)));
    }
    return usage;
  }

  /** The values of attributes, in their order. */
  private async sketches(tenant: string, window: Window, places: readonly AttributePlace[]): Promise<Sketch[]> {
    const rows: { n: string; values: Buffer }[] = await this.dataSource.query(
      `SELECT n, distinct_values AS values FROM ${ATTRIBUTE_ROWS} AS r
       JOIN ${PLACES} USING (service, environment, location, key)`,
      [tenant, window.from, window.to, ...placeColumns(places)],
    );
    const sketches = places.map(() => new Sketch());
    for (const { n, values } of rows) addPart(sketches[Number(n) - 1]!, values);
    return sketches;
  }

  async attributeBytes(tenant: string, window: Window): Promise<Map<string, number>> {
    const rows: { key: string; bytes: string }[] = await this.dataSource.query(
      `SELECT key, sum(bytes) AS bytes FROM ${ATTRIBUTE_ROWS} AS r GROUP BY key`,
      [tenant, window.from, window.to],
    );
    return new Map(rows.map(({ key, bytes }) => [key, Number(bytes)]));
  }

  async attributeTypes(tenant: string): Promise<Map<string, number>> {
    const rows: { service: string; location: string; key: string; types: number }[] = await this.dataSource.query(
      `SELECT service, location, key, bit_or(types) AS types FROM ${ATTRIBUTE_ROWS} AS r GROUP BY service, location, key`,
      [tenant, new Date(Date.now() - TYPES_MS), new Date(Date.now() + TYPES_MS)],
    );
    return new Map(rows.map((row) => [`${row.service}\0${row.location}\0${row.key}`, row.types]));
  }
}

/** How far back types count. */
const TYPES_MS = 7 * 24 * 3_600_000;

function fromSums({ observations, bytes, shapes, class: growthClass, ...row }: AttributeSums, values: Sketch) {
  const seen: string[] = [];
  for (const shape of shapes.split('\n')) if (shape !== '') addShape(seen, shape);
  const counts = { observations: Number(observations), bytes: Number(bytes), shapes: seen, values };
  return { ...row, ...counts, growthClass: growthClass ?? 'insufficient_evidence' };
}
