import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { attributeRowKey, RollupMerge, spanNameRowKey } from '../../engine/aggregate/merge.js';
import { MAX_CODE_PLACES } from '../../engine/model/code-place.js';
import { type Finding, lastPastPolicies } from '../../engine/model/finding.js';
import {
  type AttributeRow,
  type Hour,
  MAX_SHAPES,
  type Rollup,
  type ServiceRow,
  type SpanNameRow,
  type UsageRow,
} from '../../engine/model/rollup.js';
import type { Sketch } from '../../engine/model/sketch.js';
import { UNKNOWN_SPANS } from '../../engine/model/trace-sums.js';
import { shownSeverity } from '../../engine/triage/severity.js';
import type { AddedRollup, BatchPart, RollupStore, RollupTransaction } from '../../flow/ports.js';
import { EvidenceWriter } from './evidence-writer.js';
import { distKey, findingId, stableId } from './ids.js';
import { type SketchPart, SketchParts } from './sketch-parts.js';

const MAX_TRIES = 4;
/** Codes of PostgreSQL for conflicts between transactions that go away when one is run again. */
const CONFLICTS = new Set(['40001', '40P01']);

/** Ledger and totals in PostgreSQL. Every statement takes its rows as one array per column. */
export class PostgresRollupStore implements RollupStore {
  private readonly attributeParts: SketchParts;
  private readonly spanNameParts: SketchParts;

  /** @param sketchBytes memory for the sketches of each table; by default that of `SketchParts` */
  constructor(
    private readonly dataSource: DataSource,
    sketchBytes?: number,
  ) {
    this.attributeParts = new SketchParts(sketchBytes);
    this.spanNameParts = new SketchParts(sketchBytes);
  }

  async transaction<T>(work: (transaction: RollupTransaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(work);
      } catch (error) {
        if (attempt === MAX_TRIES || !CONFLICTS.has((error as { code?: string }).code ?? '')) throw error;
      }
    }
  }

  private async once<T>(work: (transaction: RollupTransaction) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as PoolClient;
      const transaction = new PostgresTransaction(client, this.attributeParts, this.spanNameParts);
      await client.query('BEGIN');
      try {
        const result = await work(transaction);
        await client.query('COMMIT');
        transaction.committed();
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      }
    } finally {
      await runner.release();
    }
  }
}

class PostgresTransaction implements RollupTransaction {
  private readonly onCommit: (() => void)[] = [];

  readonly evidence: EvidenceWriter;

  constructor(
    private readonly client: PoolClient,
    private readonly attributeParts: SketchParts,
    private readonly spanNameParts: SketchParts,
  ) {
    this.evidence = new EvidenceWriter(client);
  }

  committed(): void {
    for (const note of this.onCommit) note();
  }

  async claim(parts: readonly BatchPart[]): Promise<readonly boolean[]> {
    const keys = parts.map((part) => `${distKey(part.tenant, part.service)} ${part.batchId}`);
    const distinct = new Map(keys.map((key, i) => [key, parts[i]!]));
    const first = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
    const { rows } = await this.client.query<{ key: string }>({
      name: 'claim',
      text: `INSERT INTO ledger (tenant_id, dist_key, batch_day, batch_id)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::date[], $4::bytea[])
        ON CONFLICT DO NOTHING RETURNING dist_key || ' ' || encode(batch_id, 'hex') AS key`,
      values: [
        first.map((part) => part.tenant),
        first.map((part) => distKey(part.tenant, part.service)),
        first.map((part) => part.day),
        first.map((part) => Buffer.from(part.batchId, 'hex')),
      ],
    });
    const fresh = new Set(rows.map((row) => row.key));
    return keys.map((key) => fresh.delete(key));
  }

  async add(tenant: string, rollup: Rollup): Promise<AddedRollup> {
    await this.addServices(tenant, rollup.services);
    await this.addUsage(tenant, rollup.usage);
    await this.addAttributes(tenant, rollup.attributes);
    await this.addSpanNames(tenant, rollup.spanNames);
    return { newFindings: await this.addFindings(tenant, rollup.findings) };
  }

  private async addServices(tenant: string, services: readonly ServiceRow[]): Promise<void> {
    const rows = sorted(services, (row) => stableId(tenant, row.service, row.environment));
    await this.upsert(
      'services',
      `INSERT INTO service (tenant_id, dist_key, id, service, environment, namespace, team_hint,
         team_label, kubernetes_namespace)
       SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
         $9::text[])
       ON CONFLICT (tenant_id, dist_key, id) DO UPDATE SET
         namespace = EXCLUDED.namespace, team_hint = EXCLUDED.team_hint, team_label = EXCLUDED.team_label,
         kubernetes_namespace = EXCLUDED.kubernetes_namespace, last_seen = now()
       WHERE service.namespace <> EXCLUDED.namespace OR service.team_hint <> EXCLUDED.team_hint
         OR service.team_label <> EXCLUDED.team_label
         OR service.kubernetes_namespace <> EXCLUDED.kubernetes_namespace
         OR service.last_seen < now() - interval '1 minute'`,
      tenant,
      rows,
      [
        (r) => distKey(tenant, r.row.service),
        (r) => r.id,
        (r) => r.row.service,
        (r) => r.row.environment,
        (r) => r.row.namespace,
        (r) => r.row.teamHint,
        (r) => r.row.teamLabel,
        (r) => r.row.kubernetesNamespace,
      ],
    );
  }

  private async addUsage(tenant: string, usage: readonly UsageRow[]): Promise<void> {
    const sums = ['known_sums', 'unknown_sums'].map(
      (column) => `${column} = CASE WHEN EXCLUDED.${column} = '{}' THEN t.${column}
           WHEN t.${column} = '{}' THEN EXCLUDED.${column}
           ELSE ARRAY(SELECT a + b FROM unnest(t.${column}, EXCLUDED.${column}) AS u (a, b)) END`,
    );
    const counts = USAGE_COUNTS.map((column) => `${column} = t.${column} + EXCLUDED.${column}`);
    const upsert = (table: string, time: string, type: string): string =>
      `INSERT INTO ${table} AS t (tenant_id, dist_key, ${time}, id, service, environment, ${USAGE_COUNTS.join(', ')},
         known_sums, unknown_sums${table === 'usage_hourly' ? ', error_spans' : ''})
       SELECT $1, dist_key, time, id, service, environment, ${USAGE_COUNTS.join(', ')},
         known_sums::real[], unknown_sums::real[]${table === 'usage_hourly' ? ', error_spans' : ''}
       FROM unnest($2::bigint[], $3::${type}[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
         $9::bigint[], $10::bigint[], $11::bigint[], $12::float8[], $13::float8[], $14::text[], $15::text[],
         $16::bigint[]) AS u (dist_key, time, id, service, environment, ${USAGE_COUNTS.join(', ')},
         known_sums, unknown_sums, error_spans)
       ON CONFLICT (tenant_id, dist_key, ${time}, id) DO UPDATE SET ${[...counts, ...sums].join(', ')}
         ${table === 'usage_hourly' ? ', error_spans = t.error_spans + EXCLUDED.error_spans' : ''}`;
    const columns = (time: (row: UsageRow) => unknown): ((r: { row: UsageRow; id: string }) => unknown)[] => [
      (r) => distKey(tenant, r.row.service),
      (r) => time(r.row),
      (r) => r.id,
      (r) => r.row.service,
      (r) => r.row.environment,
      (r) => r.row.spans,
      (r) => r.row.spanBytes,
      (r) => r.row.sharedBytes,
      (r) => r.row.weighedSpans,
      (r) => r.row.weighedBytes,
      (r) => r.row.estimatedSpans,
      (r) => r.row.estimatedBytes,
      (r) => (r.row.weighedSpans === 0 ? '{}' : arrayText(r.row.traceSums.subarray(0, UNKNOWN_SPANS))),
      (r) => (r.row.weighedSpans === r.row.spans ? '{}' : arrayText(r.row.traceSums.subarray(UNKNOWN_SPANS))),
      (r) => r.row.errorSpans,
    ];
    const hours = sorted(usage, (row) => stableId(tenant, row.service, row.environment, row.hour));
    const time = (row: UsageRow): Date => hourTime(row.hour);
    await this.upsert('usage', upsert('usage_hourly', 'hour', 'timestamptz'), tenant, hours, columns(time));
    // In the order of the ids and, for one id, of the days.
    const days = sorted(usageByDay(usage), (row) => stableId(tenant, row.service, row.environment));
    const day = (row: UsageRow): string => hourTime(row.hour).toISOString().slice(0, 10);
    await this.upsert('daily usage', upsert('usage_daily', 'day', 'date'), tenant, days, columns(day));
  }

  private async addAttributes(tenant: string, attributes: readonly AttributeRow[]): Promise<void> {
    const rows = sorted(attributes, (row) =>
      stableId(tenant, row.service, row.environment, row.location, row.key, row.hour),
    ).map((r) => ({ ...r, sketch: this.next(this.attributeParts, tenant + attributeRowKey(r.row), r.row.values) }));
    await this.upsert(
      'attributes',
      `INSERT INTO attribute_hourly AS t (tenant_id, dist_key, hour, id, part, service, environment, location, key,
         observations, bytes, types, shapes, distinct_values)
       SELECT $1, dist_key, hour, id, part, service, environment, location, key, observations, bytes, types,
         string_to_array(shapes, E'\\n'), substring($16::bytea FROM start FOR length)
       FROM unnest($2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
         $9::text[], $10::bigint[], $11::bigint[], $12::integer[], $13::text[], $14::integer[], $15::integer[])
         AS u (dist_key, hour, id, part, service, environment, location, key, observations, bytes, types, shapes, start,
         length)
       ON CONFLICT (tenant_id, dist_key, hour, id, part) DO UPDATE SET
         observations = t.observations + EXCLUDED.observations,
         bytes = t.bytes + EXCLUDED.bytes,
         types = t.types | EXCLUDED.types,
         shapes = CASE WHEN t.shapes @> EXCLUDED.shapes THEN t.shapes ELSE ARRAY(SELECT DISTINCT s COLLATE "C"
           FROM unnest(t.shapes || EXCLUDED.shapes) AS s ORDER BY 1 LIMIT ${MAX_SHAPES}) END,
         distinct_values = CASE WHEN EXCLUDED.distinct_values = '' THEN t.distinct_values
           ELSE EXCLUDED.distinct_values END`,
      tenant,
      rows,
      [
        (r) => distKey(tenant, r.row.service),
        (r) => hourTime(r.row.hour),
        (r) => r.id,
        (r) => r.sketch.part,
        (r) => r.row.service,
        (r) => r.row.environment,
        (r) => r.row.location,
        (r) => r.row.key,
        (r) => r.row.observations,
        (r) => r.row.bytes,
        (r) => r.row.types,
        (r) => r.row.shapes.join('\n'),
      ],
      (r) => r.sketch.bytes,
    );
  }

  private async addSpanNames(tenant: string, names: readonly SpanNameRow[]): Promise<void> {
    const rows = sorted(names, (row) =>
      stableId(tenant, row.service, row.environment, row.template, row.spanKind, row.hour),
    ).map((r) => ({ ...r, sketch: this.next(this.spanNameParts, tenant + spanNameRowKey(r.row), r.row.names) }));
    await this.upsert(
      'span names',
      `INSERT INTO span_name_hourly AS t (tenant_id, dist_key, hour, id, part, service, environment, template,
         span_kind, spans, error_spans, bytes, distinct_names, shapes)
       SELECT $1, dist_key, hour, id, part, service, environment, template, span_kind, spans, error_spans, bytes,
         substring($16::bytea FROM start FOR length), string_to_array(shapes, ',')
       FROM unnest($2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::text[],
         $8::text[], $9::integer[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::integer[],
         $15::integer[]) AS u (dist_key, hour, id, part, service, environment, template, span_kind, spans, error_spans,
         bytes, shapes, start, length)
       ON CONFLICT (tenant_id, dist_key, hour, id, part) DO UPDATE SET
         spans = t.spans + EXCLUDED.spans,
         error_spans = t.error_spans + EXCLUDED.error_spans,
         bytes = t.bytes + EXCLUDED.bytes,
         distinct_names = CASE WHEN EXCLUDED.distinct_names = '' THEN t.distinct_names
           ELSE EXCLUDED.distinct_names END,
         shapes = CASE WHEN EXCLUDED.shapes <@ t.shapes THEN t.shapes ELSE ARRAY(
           SELECT DISTINCT s COLLATE "C" FROM unnest(t.shapes || EXCLUDED.shapes) AS s ORDER BY 1 LIMIT ${MAX_SHAPES}) END`,
      tenant,
      rows,
      [
        (r) => distKey(tenant, r.row.service),
        (r) => hourTime(r.row.hour),
        (r) => r.id,
        (r) => r.sketch.part,
        (r) => r.row.service,
        (r) => r.row.environment,
        (r) => r.row.template,
        (r) => r.row.spanKind,
        (r) => r.row.spans,
        (r) => r.row.errorSpans,
        (r) => r.row.bytes,
        (r) => r.row.shapes.join(','),
      ],
      (r) => r.sketch.bytes,
    );
  }

  /** Adds findings up, and opens those again that were resolved and are seen after it; gives how many are new. */
  private async addFindings(tenant: string, findings: readonly Finding[]): Promise<number> {
    const rows = sorted(findings, (row) => findingId(tenant, row));
    const result = await this.upsert<StoredRow, UpsertedFinding>(
      'findings',
      `INSERT INTO finding AS t (tenant_id, dist_key, id, kind, detector, family, severity, detector_severity,
         confidence, service, environment, location, key, component, mask, occurrences, first_seen, last_seen,
         fingerprints, trace_id, span_id, last_past_policies, code)
       SELECT $1, dist_key, id, kind, detector, family, severity, detector_severity, confidence, service, environment,
         location, key, component, mask, occurrences, first_seen, last_seen, string_to_array(fingerprints, ','),
         trace_id, span_id, last_past_policies, string_to_array(code, E'\\n')
       FROM unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
         $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::bigint[],
         $17::timestamptz[], $18::timestamptz[], $19::text[], $20::text[], $21::text[], $22::timestamptz[], $23::text[]) AS u (dist_key, id, kind,
         detector, family, severity, detector_severity, confidence, service, environment, location, key, component,
         mask, occurrences, first_seen, last_seen, fingerprints, trace_id, span_id, last_past_policies,
         code)
       ON CONFLICT (tenant_id, dist_key, id) DO UPDATE SET
         severity = EXCLUDED.severity,
         detector_severity = EXCLUDED.detector_severity,
         confidence = LEAST(t.confidence, EXCLUDED.confidence),
         mask = LEAST(t.mask COLLATE "C", EXCLUDED.mask),
         occurrences = t.occurrences + EXCLUDED.occurrences,
         first_seen = LEAST(t.first_seen, EXCLUDED.first_seen),
         last_seen = GREATEST(t.last_seen, EXCLUDED.last_seen),
         fingerprints = ARRAY(SELECT DISTINCT f COLLATE "C" FROM unnest(t.fingerprints || EXCLUDED.fingerprints) AS f
           ORDER BY 1 LIMIT 10),
         code = CASE WHEN t.code @> EXCLUDED.code THEN t.code ELSE ARRAY(SELECT DISTINCT c COLLATE "C"
           FROM unnest(t.code || EXCLUDED.code) AS c ORDER BY 1 LIMIT ${MAX_CODE_PLACES}) END,
         trace_id = CASE WHEN (EXCLUDED.last_seen, EXCLUDED.trace_id COLLATE "C", EXCLUDED.span_id COLLATE "C")
           > (t.last_seen, t.trace_id COLLATE "C", t.span_id COLLATE "C") THEN EXCLUDED.trace_id ELSE t.trace_id END,
         span_id = CASE WHEN (EXCLUDED.last_seen, EXCLUDED.trace_id COLLATE "C", EXCLUDED.span_id COLLATE "C")
           > (t.last_seen, t.trace_id COLLATE "C", t.span_id COLLATE "C") THEN EXCLUDED.span_id ELSE t.span_id END,
         last_past_policies = GREATEST(t.last_past_policies, EXCLUDED.last_past_policies),
         state = CASE WHEN ${REOPENS} THEN 'open' ELSE t.state END,
         version = CASE WHEN ${REOPENS} THEN t.version + 1 ELSE t.version END,
         regressed_at = CASE WHEN ${REOPENS} THEN now() ELSE t.regressed_at END,
         reopen_after = CASE WHEN ${REOPENS} THEN NULL ELSE t.reopen_after END
       RETURNING (xmax = 0) AS inserted, (regressed_at IS NOT DISTINCT FROM now()) AS regressed, dist_key, id, version`,
      tenant,
      rows,
      [
        (r) => distKey(tenant, r.row.service),
        (r) => r.id,
        (r) => r.row.kind,
        (r) => r.row.detector,
        (r) => r.row.family,
        (r) => shownSeverity(r.row),
        (r) => r.row.severity,
        (r) => r.row.confidence,
        (r) => r.row.service,
        (r) => r.row.environment,
        (r) => r.row.location,
        (r) => r.row.key,
        (r) => r.row.component,
        (r) => r.row.mask,
        (r) => r.row.occurrences,
        (r) => new Date(r.row.firstSeen),
        (r) => new Date(r.row.lastSeen),
        (r) => r.row.fingerprints.join(','),
        (r) => r.row.traceId,
        (r) => r.row.spanId,
        (r) => dateOf(lastPastPolicies(r.row)),
        (r) => r.row.code.join('\n'),
      ],
    );
    await this.addFindingTimes(tenant, rows);
    await this.addRegressions(
      tenant,
      result.filter((row) => row.regressed),
    );
    return result.filter((row) => row.inserted).length;
  }

  private async addFindingTimes(tenant: string, findings: readonly StoredRow[]): Promise<void> {
    const hours = findings.flatMap(({ id, row }) => row.hours.map((count) => ({ id, service: row.service, ...count })));
    const upsert = (table: string, column: string, type: string): string =>
      `INSERT INTO ${table} AS t (tenant_id, dist_key, finding_id, ${column}, occurrences)
       SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::${type}[], $5::bigint[])
       ON CONFLICT (tenant_id, dist_key, finding_id, ${column}) DO UPDATE SET
         occurrences = t.occurrences + EXCLUDED.occurrences`;
    await this.upsert('finding hours', upsert('finding_hourly', 'hour', 'timestamptz'), tenant, hours, [
      (r) => distKey(tenant, r.service),
      (r) => r.id,
      (r) => hourTime(r.hour),
      (r) => r.occurrences,
    ]);
    await this.upsert('finding days', upsert('finding_day', 'day', 'date'), tenant, daysOf(hours), [
      (r) => distKey(tenant, r.service),
      (r) => r.id,
      (r) => hourTime(r.hour).toISOString().slice(0, 10),
      (r) => r.occurrences,
    ]);
  }

  private async addRegressions(tenant: string, findings: readonly UpsertedFinding[]): Promise<void> {
    await this.upsert(
      'regressions',
      `INSERT INTO finding_event (tenant_id, dist_key, finding_id, version, actor, action, state)
       SELECT $1, dist_key, id, version, '${NOBODY}', 'regressed', 'open'
       FROM unnest($2::bigint[], $3::uuid[], $4::integer[]) AS u (dist_key, id, version)
       ON CONFLICT DO NOTHING`,
      tenant,
      findings,
      [(r) => r.dist_key, (r) => r.id, (r) => r.version],
    );
  }

  /** The sketch that a row has after this transaction; empty bytes where it stays as it is in the store. */
  private next(parts: SketchParts, rowKey: string, seen: Sketch): { part: string; bytes: Uint8Array } {
    const known = parts.get(rowKey);
    const sketch = known.sketch?.clone() ?? seen;
    const changed = known.sketch === null || sketch.merge(seen);
    const next: SketchPart = { part: known.part, sketch };
    this.onCommit.push(() => parts.set(rowKey, next));
    return { part: known.part, bytes: changed ? sketch.toBytes() : NO_BYTES };
  }

  /** @param bytesOf bytes of each row: after the columns come where they start in all of them, their lengths, and all. */
  private async upsert<R, Result extends object = object>(
    name: string,
    text: string,
    tenant: string,
    rows: readonly R[],
    columns: readonly ((row: R) => unknown)[],
    bytesOf: ((row: R) => Uint8Array) | null = null,
  ): Promise<Result[]> {
    if (rows.length === 0) return [];
    const values: unknown[] = [tenant, ...columns.map((column) => rows.map(column))];
    if (bytesOf !== null) values.push(...joined(rows.map(bytesOf)));
    const result = await this.client.query<Result>({ name: `add ${name}`, text, values });
    return result.rows;
  }
}

interface StoredRow {
  readonly row: Finding;
  readonly id: string;
}

interface UpsertedFinding {
  readonly inserted: boolean;
  /** This transaction opened it again. */
  readonly regressed: boolean;
  readonly dist_key: string;
  readonly id: string;
  readonly version: number;
}

/** Who changes a finding when no person does. */
export const NOBODY = 'spanwarden';
const HOUR = 3_600_000;
const NO_BYTES = Buffer.alloc(0);

/** Whether a sighting opens a finding again; what policies redact is still there in copies taken before them. */
const REOPENS = `CASE t.resolution WHEN 'redacted_by_policy' THEN EXCLUDED.last_past_policies ELSE EXCLUDED.last_seen END
           > t.reopen_after`;

function dateOf(time: number | null): Date | null {
  return time === null ? null : new Date(time);
}

function hourTime(hour: Hour): Date {
  return new Date(hour * HOUR);
}

/** Columns of usage that are added up; the error spans are kept by the hour only. */
const USAGE_COUNTS = [
  ...['spans', 'span_bytes', 'shared_bytes', 'weighed_spans', 'weighed_bytes'],
  ...['estimated_spans', 'estimated_bytes'],
];

/**
 * One text of bytes instead of an array of them, which travels as it is and not as twice as many hexadecimal digits: where
 * each begins, counted from 1, how long each is, and all of them one after the other.
 */
function joined(parts: readonly Uint8Array[]): [starts: number[], lengths: number[], all: Buffer] {
  let next = 1;
  const starts = parts.map((part) => {
    next += part.length;
    return next - part.length;
  });
  return [starts, parts.map((part) => part.length), Buffer.concat(parts)];
}

function arrayText(numbers: Float64Array): string {
  return `{${numbers.join(',')}}`;
}

/** Usage added up by UTC day, each under the first hour of its day, in the order of the days. */
function usageByDay(usage: readonly UsageRow[]): readonly UsageRow[] {
  const merge = new RollupMerge();
  const days = usage.map((row) => ({ ...row, hour: row.hour - (row.hour % 24) })).sort((a, b) => a.hour - b.hour);
  merge.add({ usage: days, attributes: [], spanNames: [], services: [], findings: [] });
  return merge.result().usage;
}

interface FindingHour {
  readonly id: string;
  readonly service: string;
  readonly hour: Hour;
  readonly occurrences: number;
}

/** Hours added up by UTC day, each under the first hour of its day; the order stays. */
function daysOf(hours: readonly FindingHour[]): FindingHour[] {
  const days = new Map<string, FindingHour>();
  for (const row of hours) {
    const hour = row.hour - (row.hour % 24);
    const name = `${row.id} ${hour}`;
    days.set(name, { ...row, hour, occurrences: (days.get(name)?.occurrences ?? 0) + row.occurrences });
  }
  return [...days.values()];
}

/** Rows with their ids in the order of the ids: processes that lock the same rows lock them in the same order. */
function sorted<R>(rows: readonly R[], id: (row: R) => string): { row: R; id: string }[] {
  return rows.map((row) => ({ row, id: id(row) })).sort((a, b) => (a.id < b.id ? -1 : 1));
}
