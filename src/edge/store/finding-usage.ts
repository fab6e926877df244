import type { DataSource } from 'typeorm';
import type { SeenUsage } from '../../engine/cost/occurrence-estimate.js';
import { BUCKETS } from '../../engine/model/trace-sums.js';

interface SeenSums {
  id: string;
  service: string;
  environment: string;
  occurrences: number;
  weighed_occurrences: number;
  other_occurrences: number;
  spans: number;
  weighed_spans: number;
  estimated_spans: number;
  known_sums: number[];
  unknown_sums: number[];
}

const sums = (column: string): string =>
  `ARRAY[${Array.from({ length: BUCKETS }, (_, i) => `coalesce(sum(${column}[${i + 1}]), 0)::float8`).join(', ')}]`;

/** What the services of findings sent on the days on which these were seen, by the id of the finding. */
export async function usageOfFindings(
  dataSource: DataSource,
  tenant: string,
  ids: readonly string[],
): Promise<Map<string, SeenUsage>> {
  const rows: SeenSums[] = await dataSource.query(
    `SELECT f.id, f.service, f.environment, sum(d.occurrences)::float8 AS occurrences,
       sum(d.occurrences * u.estimated_spans / u.spans)::float8 AS weighed_occurrences,
       sum(d.occurrences * (u.spans - u.weighed_spans)::float8 / u.spans)::float8 AS other_occurrences,
       sum(u.spans)::float8 AS spans, sum(u.weighed_spans)::float8 AS weighed_spans,
       sum(u.estimated_spans)::float8 AS estimated_spans,
       ${sums('u.known_sums')} AS known_sums, ${sums('u.unknown_sums')} AS unknown_sums
     FROM finding f
     JOIN finding_day d ON d.tenant_id = f.tenant_id AND d.dist_key = f.dist_key AND d.finding_id = f.id
     JOIN usage_daily u ON u.tenant_id = f.tenant_id AND u.dist_key = f.dist_key AND u.day = d.day
       AND u.service = f.service AND u.environment = f.environment AND u.spans > 0
     WHERE f.tenant_id = $1 AND f.id = ANY($2::uuid[])
     GROUP BY f.id, f.service, f.environment`,
    [tenant, ids],
  );
  return new Map(rows.map((row) => [row.id, seenOf(row)]));
}

function seenOf(row: SeenSums): SeenUsage {
  const { service, environment, spans } = row;
  const weighed = { weighedSpans: row.weighed_spans, estimatedSpans: row.estimated_spans };
  const bytes = { bytes: 0, weighedBytes: 0, estimatedBytes: 0 };
  const traceSums = { knownSums: row.known_sums, unknownSums: row.unknown_sums };
  return {
    usage: { service, environment, spans, ...weighed, ...bytes, ...traceSums },
    occurrences: row.occurrences,
    weighedOccurrences: row.weighed_occurrences,
    otherOccurrences: row.other_occurrences,
  };
}
