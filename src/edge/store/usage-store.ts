import { type DataSource, LessThanOrEqual, MoreThanOrEqual } from 'typeorm';
import { addShape } from '../../engine/aggregate/rollup-builder.js';
import type { Assignment } from '../../engine/cost/ownership.js';
import type { DatedSplit } from '../../engine/cost/shared.js';
import type { SampledUsage } from '../../engine/cost/usage-estimate.js';
import type { GrowthClass } from '../../engine/model/growth.js';
import type { ServiceRow } from '../../engine/model/rollup.js';
import { Sketch } from '../../engine/model/sketch.js';
import { BUCKETS } from '../../engine/model/trace-sums.js';
import { fewerPeriods } from '../../flow/counters.js';
import type { Counter, SampledUsageStore, ServiceParts } from '../../flow/estimated-costs.js';
import type { AttributeFilter, AttributePlace, AttributeUsage, ServiceUsage, Window } from '../../flow/ports.js';
import { ATTRIBUTE_ROWS, addPart, PLACES, placeColumns } from './attribute-rows.js';
import { CostSplit, PriceOverride, SamplingRatio, Service, ServiceOwner, UsageCounter } from './entities/index.js';

interface UsageSums {
  service: string;
  environment: string;
  spans: string;
  error_spans: string;
  bytes: string;
}

interface SampledSums {
  service: string;
  environment: string;
  spans: string;
  bytes: string;
  weighed_spans: string;
  weighed_bytes: string;
  estimated_spans: number;
  estimated_bytes: number;
  known_sums: Buffer;
  unknown_sums: Buffer;
}

interface PartColumns {
  service: string;
  environment: string;
  names: Buffer;
  observations: Buffer;
  bytes: Buffer;
}

/** Of each step of an aggregation, in each of the few processes that share it: enough for 10,000 services or 100,000 parts. */
const AGGREGATE_MEMORY = '32MB';

/**
 * Rows of attributes by the hour, and by the day where they were folded. Of a day at the edge of the window counts what its
 * part of the day is: its hours are not known any more.
 */
const attributeParts = (part: 'key' | 'location'): string => `
  SELECT service, environment, ${part} AS part, observations::float8 AS observations, bytes::float8 AS bytes
  FROM attribute_hourly WHERE tenant_id = $1 AND hour >= $2 AND hour < $3
  UNION ALL
  SELECT service, environment, ${part}, observations * share, bytes * share
  FROM attribute_daily, LATERAL (SELECT extract(epoch FROM
    least(day + interval '24 hours', $3::timestamptz) - greatest(day, $2::timestamptz))::float8 / 86400 AS share) AS s
  WHERE tenant_id = $1 AND day > $2::timestamptz - interval '24 hours' AND day < $3`;
const SPAN_NAME_PARTS = `
  SELECT service, environment, template AS part, spans::float8 AS observations, bytes::float8 AS bytes
  FROM span_name_hourly WHERE tenant_id = $1 AND hour >= $2 AND hour < $3`;

const DAY = 86_400_000;
/** Counters that one window reads, and the periods that it is asked for by them. */
const MAX_COUNTERS = 50_000;
const MAX_PERIODS = 32;

/** The first UTC day that begins in the window, and the one that it does not hold to the end any more. */
function wholeDays({ from, to }: Window): [Date, Date] {
  const first = Math.ceil(from.getTime() / DAY) * DAY;
  return [new Date(first), new Date(Math.max(first, Math.floor(to.getTime() / DAY) * DAY))];
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
export class PostgresUsageStore implements SampledUsageStore {
  constructor(private readonly dataSource: DataSource) {}

  async services(tenant: string): Promise<ServiceRow[]> {
    const order = { service: 'ASC', environment: 'ASC' } as const;
    const rows = await this.dataSource.getRepository(Service).find({ where: { tenantId: tenant }, order });
    return rows.map(({ service, environment, namespace, teamHint, teamLabel, kubernetesNamespace }) => {
      return { service, environment, namespace, teamHint, teamLabel, kubernetesNamespace };
    });
  }

  async assignments(tenant: string): Promise<Assignment[]> {
    const rows = await this.dataSource.getRepository(ServiceOwner).find({ where: { tenantId: tenant } });
    return rows.map(({ service, source, team, validFrom }) => ({ service, source, team: team || null, validFrom }));
  }

  /** Adds what is said of owners, all or nothing; of the same service, source and time the later word counts. */
  async assign(tenant: string, assignments: readonly Assignment[], author: string): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO service_owner (tenant_id, service, source, valid_from, team, author)
       SELECT $1, s, o, v, t, $6 FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[]) AS a (s, o, v, t)
       ON CONFLICT (tenant_id, service, source, valid_from) DO UPDATE SET team = EXCLUDED.team,
         author = EXCLUDED.author, updated_at = now()`,
      [
        tenant,
        assignments.map(({ service }) => service),
        assignments.map(({ source }) => source),
        assignments.map(({ validFrom }) => validFrom),
        assignments.map(({ team }) => team ?? ''),
        author,
      ],
    );
  }

  /** How costs are shared, all times, sorted. */
  async splits(tenant: string): Promise<DatedSplit[]> {
    const order = { service: 'ASC', validFrom: 'ASC' } as const;
    const rows = await this.dataSource.getRepository(CostSplit).find({ where: { tenantId: tenant }, order });
    return rows.map(({ service, validFrom, split }) => ({ service, validFrom, split }));
  }

  async setSplit(tenant: string, { service, validFrom, split }: DatedSplit, author: string): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO cost_split (tenant_id, service, valid_from, split, author) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, service, valid_from) DO UPDATE SET split = EXCLUDED.split, author = EXCLUDED.author,
         updated_at = now()`,
      [tenant, service, validFrom, split === null ? null : JSON.stringify(split), author],
    );
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

  async sampledUsage(tenant: string, window: Window): Promise<SampledUsage[]> {
    const columns = `service, environment, spans, span_bytes, shared_bytes, weighed_spans, weighed_bytes, estimated_spans,
      estimated_bytes, known_sums, unknown_sums`;
    const sums = (column: string): string =>
      `array_send(ARRAY[${Array.from({ length: 2 * BUCKETS }, (_, i) => `sum(${column}[${i + 1}]::float8)`).join(', ')}])`;
    const [first, last] = wholeDays(window);
    const rows: SampledSums[] = await this.aggregate(
      `SELECT service, environment, sum(spans) AS spans, sum(span_bytes + shared_bytes) AS bytes,
         sum(weighed_spans) AS weighed_spans, sum(weighed_bytes) AS weighed_bytes,
         sum(estimated_spans) AS estimated_spans, sum(estimated_bytes) AS estimated_bytes,
         ${sums('known_sums')} AS known_sums, ${sums('unknown_sums')} AS unknown_sums
       FROM (
         SELECT ${columns} FROM usage_daily WHERE tenant_id = $1 AND day >= $4::date AND day < $5::date
         UNION ALL
         SELECT ${columns} FROM usage_hourly
         WHERE tenant_id = $1 AND hour >= $2 AND hour < $3 AND (hour < $6 OR hour >= $7)
       ) AS u GROUP BY service, environment`,
      [tenant, window.from, window.to, first.toISOString().slice(0, 10), last.toISOString().slice(0, 10), first, last],
    );
    const sampled = rows.map((row) => ({
      service: row.service,
      environment: row.environment,
      spans: Number(row.spans),
      bytes: Number(row.bytes),
      weighedSpans: Number(row.weighed_spans),
      weighedBytes: Number(row.weighed_bytes),
      estimatedSpans: row.estimated_spans,
      estimatedBytes: row.estimated_bytes,
      knownSums: numbersOf(row.known_sums),
      unknownSums: numbersOf(row.unknown_sums),
    }));
    // Sorted here: PostgreSQL would sort all rows instead of adding them up in memory.
    return sampled.sort((a, b) => compare(a.service, b.service) || compare(a.environment, b.environment));
  }

  async parts(tenant: string, window: Window, of: 'attribute' | 'location' | 'span_name'): Promise<ServiceParts[]> {
    const source = of === 'span_name' ? SPAN_NAME_PARTS : attributeParts(of === 'attribute' ? 'key' : 'location');
    const rows: PartColumns[] = await this.aggregate(
      `SELECT service, environment, array_send(array_agg(part)) AS names,
         array_send(array_agg(observations)) AS observations, array_send(array_agg(bytes)) AS bytes
       FROM (
         SELECT service, environment, part, sum(observations) AS observations, sum(bytes) AS bytes
         FROM (${source}) AS h GROUP BY service, environment, part
       ) AS p GROUP BY service, environment`,
      [tenant, window.from, window.to],
    );
    return rows.map(({ service, environment, names, ...columns }) => {
      const [observations, bytes] = [numbersOf(columns.observations), numbersOf(columns.bytes)];
      const parts = textsOf(names).map((group, i) => {
        return { group, observations: observations[i]!, bytes: bytes[i]! };
      });
      return { service, environment, parts };
    });
  }

  /** A query that adds up many rows to many groups: it may do so in memory. */
  private async aggregate<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return await this.dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL work_mem = '${AGGREGATE_MEMORY}'`);
      return await manager.query(sql, parameters);
    });
  }

  async samplingRatios(tenant: string): Promise<Map<string, number>> {
    const rows = await this.dataSource.getRepository(SamplingRatio).find({ where: { tenantId: tenant } });
    return new Map(rows.map((row) => [row.service, row.probability]));
  }

  async setSamplingRatio(tenant: string, service: string, probability: number, author: string): Promise<void> {
    const row = { tenantId: tenant, service, probability, author, updatedAt: new Date() };
    await this.dataSource.getRepository(SamplingRatio).upsert(row, ['tenantId', 'service']);
  }

  /** Counters whose period lies in a window, the earliest first; of more than 32 periods some together. */
  async counters(tenant: string, within: Window): Promise<Counter[]> {
    const rows = await this.dataSource.getRepository(UsageCounter).find({
      where: { tenantId: tenant, periodStart: MoreThanOrEqual(within.from), periodEnd: LessThanOrEqual(within.to) },
      order: { periodStart: 'ASC', service: 'ASC' },
      take: MAX_COUNTERS,
    });
    return fewerPeriods(
      rows.map(({ service, periodStart, periodEnd, spans, bytes }) => {
        return { service, spans, bytes, window: { from: periodStart, to: periodEnd } };
      }),
      MAX_PERIODS,
    );
  }

  async setCounter(tenant: string, { service, spans, bytes, window }: Counter, author: string): Promise<void> {
    const period = { periodStart: window.from, periodEnd: window.to };
    const row = { tenantId: tenant, service, ...period, spans, bytes, author, updatedAt: new Date() };
    const key = ['tenantId', 'service', 'periodStart', 'periodEnd'];
    await this.dataSource.getRepository(UsageCounter).upsert(row, key);
  }

  /**
   * Puts the hours that a Prometheus counted into their UTC days, of the days before a moment that have all 24 of them, so that
   * a month has few counters.
   */
  async foldCounters(tenant: string, before: Date): Promise<void> {
    await this.dataSource.query(
      `WITH whole AS (
         SELECT service, date_trunc('day', period_start, 'UTC') AS day, sum(spans) AS spans FROM usage_counter
         WHERE tenant_id = $1 AND author = 'prometheus' AND period_start < $2 AND spans IS NOT NULL
           AND period_end = period_start + interval '1 hour'
         GROUP BY 1, 2 HAVING count(*) = 24
       ), gone AS (
         DELETE FROM usage_counter c USING whole w WHERE c.tenant_id = $1 AND c.author = 'prometheus'
           AND c.service = w.service AND c.period_start >= w.day AND c.period_end <= w.day + interval '24 hours'
           AND c.period_end = c.period_start + interval '1 hour'
       )
       INSERT INTO usage_counter (tenant_id, service, period_start, period_end, spans, author)
       SELECT $1, service, day, day + interval '24 hours', spans, 'prometheus' FROM whole
       ON CONFLICT (tenant_id, service, period_start, period_end) DO UPDATE SET spans = EXCLUDED.spans`,
      [tenant, before],
    );
  }

  /** Price documents of a tenant, by id. */
  async prices(tenant: string): Promise<Map<string, unknown>> {
    const rows = await this.dataSource.getRepository(PriceOverride).find({ where: { tenantId: tenant } });
    return new Map(rows.map((row) => [row.id, row.document]));
  }

  async setPrice(tenant: string, id: string, document: object, author: string): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO price_override (tenant_id, id, document, author) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, id) DO UPDATE SET document = EXCLUDED.document, author = EXCLUDED.author,
         updated_at = now()`,
      [tenant, id, JSON.stringify(document), author],
    );
  }

  async removePrice(tenant: string, id: string): Promise<boolean> {
    const result = await this.dataSource.getRepository(PriceOverride).delete({ tenantId: tenant, id });
    return (result.affected ?? 0) > 0;
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

/**
 * Elements of a one-dimensional array in the form of `array_send` (PostgreSQL, src/backend/utils/adt/arrayfuncs.c): five
 * 32-bit numbers (dimensions, has nulls, type, length, lower bound), then for each its length, −1 for null, and its bytes.
 * Reading text takes several times as long.
 */
function elementsOf<T>(array: Buffer, read: (start: number, end: number) => T, ofNull: T): T[] {
  const elements: T[] = [];
  for (let at = 20; at < array.length; ) {
    const length = array.readInt32BE(at);
    const start = at + 4;
    at = start + Math.max(0, length);
    elements.push(length < 0 ? ofNull : read(start, at));
  }
  return elements;
}

/** Null is 0: a sum of nothing. */
function numbersOf(array: Buffer): number[] {
  return elementsOf(array, (start) => array.readDoubleBE(start), 0);
}

function textsOf(array: Buffer): string[] {
  return elementsOf(array, (start, end) => array.toString('utf8', start, end), '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
