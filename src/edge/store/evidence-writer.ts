import type { PoolClient } from 'pg';
import type { CanarySighting, Source } from '../../engine/model/evidence.js';
import type { EvidenceTransaction, ReceivedEvidence } from '../../flow/evidence-ports.js';
import { distKey, findingId } from './ids.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Counts of one key, with the time when the first and the last of them was received. */
interface Counted {
  readonly key: string;
  readonly subject: string;
  readonly service: string;
  readonly start: number;
  readonly source: Source;
  readonly revision: string;
  count: number;
  first: number;
  last: number;
}

/** Writes evidence in the transaction that commits the rollup of the same requests. */
export class EvidenceWriter implements EvidenceTransaction {
  constructor(private readonly client: PoolClient) {}

  async add(tenant: string, received: readonly ReceivedEvidence[]): Promise<void> {
    const spans = new Sums();
    const matches = new Sums();
    for (const { source, receivedAt, evidence } of received) {
      for (const { service, revision, spans: count } of evidence.spans) {
        spans.add(service, service, revision, source, receivedAt, MINUTE, count);
      }
      for (const { place, revision, matches: count } of evidence.matches) {
        const step = place.kind === 'naming' || place.kind === 'cardinality' ? HOUR : MINUTE;
        matches.add(findingId(tenant, place), place.service, revision, source, receivedAt, step, count);
      }
    }
    await this.upsert('span_evidence', 'service', 'text', 'spans', tenant, spans.rows());
    await this.upsert('match_evidence', 'finding_id', 'uuid', 'matches', tenant, matches.rows());
    for (const { source, receivedAt, evidence } of received) {
      await this.addCanaries(tenant, source, receivedAt, evidence.canaries);
    }
  }

  /** The same one again changes nothing; of two copies one leak is a leak. */
  private async addCanaries(
    tenant: string,
    { collector, tap }: Source,
    receivedAt: number,
    sightings: readonly CanarySighting[],
  ): Promise<void> {
    const rows = [...sightings].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    for (const { run, item, service, isLeaking, revision } of rows) {
      await this.client.query({
        name: 'add canary',
        text: `INSERT INTO canary_sighting AS t (tenant_id, dist_key, run_id, item, collector, tap, revision, is_leaking,
             received_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (tenant_id, dist_key, run_id, item, collector, tap) DO UPDATE SET
             is_leaking = t.is_leaking OR EXCLUDED.is_leaking,
             revision = CASE WHEN EXCLUDED.is_leaking AND NOT t.is_leaking THEN EXCLUDED.revision ELSE t.revision END`,
        values: [
          ...[tenant, distKey(tenant, service), run, item, collector, tap, revision, isLeaking],
          new Date(receivedAt),
        ],
      });
    }
  }

  private async upsert(
    table: string,
    subject: string,
    type: string,
    counted: string,
    tenant: string,
    rows: readonly Counted[],
  ): Promise<void> {
    if (rows.length === 0) return;
    await this.client.query({
      name: `add ${table}`,
      text: `INSERT INTO ${table} AS t (tenant_id, dist_key, ${subject}, start, collector, tap, revision, ${counted},
           first_at, last_at)
         SELECT $1, * FROM unnest($2::bigint[], $3::${type}[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
           $8::bigint[], $9::timestamptz[], $10::timestamptz[])
         ON CONFLICT (tenant_id, dist_key, ${subject}, start, collector, tap, revision) DO UPDATE SET
           ${counted} = t.${counted} + EXCLUDED.${counted},
           first_at = LEAST(t.first_at, EXCLUDED.first_at),
           last_at = GREATEST(t.last_at, EXCLUDED.last_at)`,
      values: [
        tenant,
        rows.map((row) => distKey(tenant, row.service)),
        rows.map((row) => row.subject),
        rows.map((row) => new Date(row.start)),
        rows.map((row) => row.source.collector),
        rows.map((row) => row.source.tap),
        rows.map((row) => row.revision),
        rows.map((row) => row.count),
        rows.map((row) => new Date(row.first)),
        rows.map((row) => new Date(row.last)),
      ],
    });
  }
}

/** Adds counts up by their key. */
class Sums {
  private readonly sums = new Map<string, Counted>();

  add(
    subject: string,
    service: string,
    revision: string,
    source: Source,
    receivedAt: number,
    step: number,
    count: number,
  ): void {
    const start = receivedAt - (receivedAt % step);
    const key = [subject, start, source.collector, source.tap, revision].join('\0');
    const sum = this.sums.get(key);
    if (sum === undefined) {
      const times = { first: receivedAt, last: receivedAt };
      this.sums.set(key, { key, subject, service, start, source, revision, count, ...times });
      return;
    }
    sum.count += count;
    sum.first = Math.min(sum.first, receivedAt);
    sum.last = Math.max(sum.last, receivedAt);
  }

  /** In the order of the keys: processes that lock the same rows lock them in the same order. */
  rows(): Counted[] {
    return [...this.sums.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

function keyOf({ run, item }: CanarySighting): string {
  return `${run} ${item}`;
}
