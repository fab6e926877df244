import type { DataSource, EntityManager } from 'typeorm';
import { addShape } from '../../engine/aggregate/rollup-builder.js';
import { Sketch } from '../../engine/model/sketch.js';
import { addPart } from './attribute-rows.js';
import { stableId } from './ids.js';

/** Any number that nothing else on the database uses for its advisory lock. */
const LOCK = 7_226_173_302;
/** Days of attributes that are folded in one transaction: an hour can have 16 KiB. */
const AT_ONCE = 50;
/** As far back as anything can be asked for. */
const DAYS_KEPT = 400;

interface Row {
  readonly dist_key: string;
  readonly day: Date;
  readonly service: string;
  readonly environment: string;
  readonly location: string;
  readonly key: string;
  readonly observations: string;
  readonly bytes: string;
  readonly types: number;
  readonly shapes: string[];
  readonly distinct_values: Buffer;
}

interface Day extends Omit<Row, 'observations' | 'bytes' | 'types' | 'distinct_values'> {
  readonly id: string;
  observations: number;
  bytes: number;
  types: number;
  readonly values: Sketch;
}

const DAY = `date_trunc('day', hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'`;
const PLACE = 'dist_key, service, environment, location, key';

/** Attributes by day: rows of past hours are taken out of their table and added to those of their day. */
export class AttributeDays {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Folds the hours before a moment into their days. What comes late for a day that was folded is added by the next run.
   *
   * @param before the beginning of a UTC day
   * @returns how many days of attributes were changed
   */
  async fold(tenant: string, before: Date): Promise<number> {
    for (let folded = 0; ; ) {
      const some = await this.dataSource.transaction((manager) => foldSome(manager, tenant, before));
      folded += some;
      if (some < AT_ONCE) return folded;
    }
  }

  async sweep(): Promise<void> {
    await this.dataSource.query(`DELETE FROM attribute_daily WHERE day < now() - interval '${DAYS_KEPT} days'`);
    await this.dataSource.query(`DELETE FROM attribute_growth WHERE judged_at < now() - interval '${DAYS_KEPT} days'`);
  }
}

async function foldSome(manager: EntityManager, tenant: string, before: Date): Promise<number> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  const [gone]: [Row[], number] = await manager.query(
    `WITH chosen AS (
       SELECT ${PLACE}, ${DAY} AS day FROM attribute_hourly WHERE tenant_id = $1 AND hour < $2
       GROUP BY ${PLACE}, ${DAY} LIMIT ${AT_ONCE}
     )
     DELETE FROM attribute_hourly h USING chosen c
     WHERE h.tenant_id = $1 AND h.dist_key = c.dist_key AND h.hour >= c.day AND h.hour < c.day + interval '24 hours'
       AND h.service = c.service AND h.environment = c.environment AND h.location = c.location AND h.key = c.key
     RETURNING c.*, h.observations, h.bytes, h.types, h.shapes, h.distinct_values`,
    [tenant, before],
  );
  if (gone.length === 0) return 0;
  const days = new Map<string, Day>();
  for (const row of gone) add(days, tenant, row);
  const known: Row[] = await manager.query(
    `SELECT dist_key, day, service, environment, location, key, observations, bytes, types, shapes, distinct_values
     FROM attribute_daily WHERE tenant_id = $1 AND day = ANY($2) AND id = ANY($3)`,
    [tenant, [...new Set([...days.values()].map(({ day }) => day))], [...days.keys()]],
  );
  for (const row of known) add(days, tenant, row);
  await write(manager, tenant, [...days.values()]);
  return days.size;
}

function add(days: Map<string, Day>, tenant: string, row: Row): void {
  const { dist_key, day, service, environment, location, key } = row;
  const id = stableId(tenant, service, environment, location, key, day.toISOString());
  let sum = days.get(id);
  if (sum === undefined) {
    const place = { dist_key, day, service, environment, location, key };
    sum = { ...place, id, observations: 0, bytes: 0, types: 0, shapes: [], values: new Sketch() };
    days.set(id, sum);
  }
  sum.observations += Number(row.observations);
  sum.bytes += Number(row.bytes);
  sum.types |= row.types;
  for (const shape of row.shapes) addShape(sum.shapes, shape);
  addPart(sum.values, row.distinct_values);
}

/** The lock of the transaction makes sure that nobody else counts in these rows. */
async function write(manager: EntityManager, tenant: string, days: readonly Day[]): Promise<void> {
  await manager.query(
    `INSERT INTO attribute_daily (tenant_id, dist_key, day, id, service, environment, location, key, observations,
       bytes, types, shapes, distinct_values)
     SELECT $1, dist_key, day, id, service, environment, location, key, observations, bytes, types,
       string_to_array(shapes, E'\\n'), distinct_values
     FROM unnest($2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
       $9::bigint[], $10::bigint[], $11::integer[], $12::text[], $13::bytea[]) AS u (dist_key, day, id, service,
       environment, location, key, observations, bytes, types, shapes, distinct_values)
     ON CONFLICT (tenant_id, dist_key, day, id) DO UPDATE SET observations = EXCLUDED.observations,
       bytes = EXCLUDED.bytes, types = EXCLUDED.types, shapes = EXCLUDED.shapes,
       distinct_values = EXCLUDED.distinct_values`,
    [
      tenant,
      days.map((d) => d.dist_key),
      days.map((d) => d.day),
      days.map((d) => d.id),
      days.map((d) => d.service),
      days.map((d) => d.environment),
      days.map((d) => d.location),
      days.map((d) => d.key),
      days.map((d) => d.observations),
      days.map((d) => d.bytes),
      days.map((d) => d.types),
      days.map((d) => d.shapes.join('\n')),
      days.map((d) => Buffer.from(d.values.toBytes())),
    ],
  );
}
