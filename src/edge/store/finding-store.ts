import type { DataSource, SelectQueryBuilder } from 'typeorm';
import type { SeenUsage } from '../../engine/cost/occurrence-estimate.js';
import { type Finding, type FindingKind, SEVERITIES, type Severity } from '../../engine/model/finding.js';
import {
  FINDING_STATES,
  FINDING_SUBSTATES,
  type FindingState,
  type FindingSubstate,
  type Resolution,
} from '../../engine/model/finding-state.js';
import type { StoredFinding } from '../../engine/policy/suggest.js';
import type { FindingStore, PlaceFindings } from '../../flow/ports.js';
import { FindingHourly, FindingRow } from './entities/index.js';
import { SUBSTATE } from './finding-substate.js';
import { usageOfFindings } from './finding-usage.js';
import { distKey } from './ids.js';

/** Findings of one service that are looked at when its attributes are judged. */
const MAX_OF_SERVICE = 50_000;
/** Resolutions after which a finding is gone. */
const FIXED = "'fixed_at_source', 'redacted_by_policy'";
/** Rows that are read at once when all are wanted. */
const PAGE_ROWS = 500;

/** Columns that a list of findings can be narrowed by. */
const COLUMNS = [
  'kind',
  'family',
  'detector',
  'severity',
  'confidence',
  'service',
  'environment',
  'location',
  'key',
] as const;

export interface FindingFilter extends Readonly<Partial<Record<(typeof COLUMNS)[number], string | undefined>>> {
  /** `unresolved` is open or acknowledged. */
  readonly state?: FindingState | 'unresolved' | undefined;
  readonly substate?: FindingSubstate | undefined;
  readonly resolution?: Resolution | undefined;
  /** Not resolved, or resolved by a policy. */
  readonly isAnswerable?: boolean;
  /** Places in code are known. */
  readonly isLocated?: boolean;
  /** Only findings of one of these. */
  readonly services?: readonly string[] | undefined;
  /** Text in the key, in any case, or else one of the detectors. */
  readonly text?: { readonly inKey: string; readonly detectors: readonly string[] } | undefined;
  /** Milliseconds since the epoch. */
  readonly seenAfter?: number | undefined;
}

/** A finding, and what time made of it; null where it is resolved. */
export type FindingNow = FindingRow & { readonly substate: FindingSubstate | null };

export interface FindingCounts {
  readonly states: Record<FindingState, Record<Severity, number>>;
  readonly substates: Record<FindingSubstate, number>;
}

/** Orders of a list: an expression whose greater values come first, and the type in which a cursor states it. */
const ORDERS = {
  '-last_seen': { by: 'f.last_seen', type: 'timestamptz' },
  severity: { by: `-array_position('{${SEVERITIES.join(',')}}'::text[], f.severity)`, type: 'integer' },
  '-occurrences': { by: 'f.occurrences', type: 'bigint' },
} as const;
export type FindingSort = keyof typeof ORDERS;

/** Where a page of findings begins: after the one with this value of the order, this time and this id. */
export interface FindingCursor {
  readonly value: string;
  readonly lastSeen: string;
  readonly id: string;
}

export class PostgresFindingStore implements FindingStore {
  constructor(private readonly dataSource: DataSource) {}

  async open(tenant: string, limit: number): Promise<StoredFinding[]> {
    return (await this.list(tenant, { state: 'unresolved' }, '-last_seen', limit, null)).map(fromRow);
  }

  async answerable(tenant: string, limit: number): Promise<StoredFinding[]> {
    return (await this.list(tenant, { isAnswerable: true }, '-last_seen', limit, null)).map(fromRow);
  }

  async ofPlaces(tenant: string, service: string): Promise<PlaceFindings> {
    const rows: { kind: string; state: FindingState; place: string; reopen_after: Date | null }[] =
      await this.dataSource.query(
        `SELECT kind, state, concat_ws(' ', environment, location, key) AS place, reopen_after FROM finding
         WHERE tenant_id = $1 AND dist_key = $2 AND service = $3
           AND (kind = 'cardinality' AND state = 'resolved' OR kind IN ('pii', 'secret', 'sensitive-key') AND state <> 'resolved')
         LIMIT ${MAX_OF_SERVICE}`,
        [tenant, distKey(tenant, service), service],
      );
    const sensitive = new Set<string>();
    const resolvedUntil = new Map<string, Date>();
    for (const { kind, place, reopen_after } of rows) {
      if (kind !== 'cardinality') sensitive.add(place);
      else if (reopen_after !== null && !(resolvedUntil.get(place)! > reopen_after))
        resolvedUntil.set(place, reopen_after);
    }
    return { sensitive, resolvedUntil };
  }

  async unresolvedByService(
    tenant: string,
  ): Promise<{ service: string; kind: FindingKind; severity: Severity; count: number }[]> {
    return await this.dataSource.query(
      `SELECT service, kind, severity, count(*)::integer AS count FROM finding
       WHERE tenant_id = $1 AND state <> 'resolved' GROUP BY service, kind, severity ORDER BY service, kind, severity`,
      [tenant],
    );
  }

  /** A page of findings. */
  async list(
    tenant: string,
    filter: FindingFilter,
    sort: FindingSort,
    limit: number,
    after: FindingCursor | null,
  ): Promise<FindingNow[]> {
    const { by, type } = ORDERS[sort];
    const query = this.select(tenant);
    narrow(query, filter);
    if (after !== null) {
      query.andWhere(`(${by}, f.last_seen, f.id) < (:value::${type}, :lastSeen::timestamptz, :id::uuid)`, { ...after });
    }
    query.orderBy(by, 'DESC').addOrderBy('f.last_seen', 'DESC').addOrderBy('f.id', 'DESC').limit(limit);
    return read(query);
  }

  /** All findings in pages, for those who want them all. */
  async *pages(tenant: string, filter: FindingFilter, sort: FindingSort): AsyncGenerator<readonly FindingNow[]> {
    let after: FindingCursor | null = null;
    for (;;) {
      const rows: FindingNow[] = await this.list(tenant, filter, sort, PAGE_ROWS, after);
      yield rows;
      if (rows.length < PAGE_ROWS) return;
      after = this.cursorAfter(rows.at(-1)!, sort);
    }
  }

  /** The cursor that begins after a row. */
  cursorAfter(row: FindingRow, sort: FindingSort): FindingCursor {
    const values: Record<FindingSort, string> = {
      '-last_seen': row.lastSeen.toISOString(),
      severity: String(-(SEVERITIES.indexOf(row.severity as Severity) + 1)),
      '-occurrences': String(row.occurrences),
    };
    return { value: values[sort], lastSeen: row.lastSeen.toISOString(), id: row.id };
  }

  /** How many findings there are, by state and severity and by substate. */
  async counts(tenant: string): Promise<FindingCounts> {
    const [states, substates]: [
      { state: FindingState; severity: Severity; n: string }[],
      { substate: FindingSubstate; n: string }[],
    ] = await Promise.all([
      this.dataSource.query(
        'SELECT state, severity, count(*) AS n FROM finding WHERE tenant_id = $1 GROUP BY state, severity',
        [tenant],
      ),
      this.dataSource.query(
        `SELECT ${SUBSTATE} AS substate, count(*) AS n FROM finding f
         WHERE f.tenant_id = $1 AND f.state <> 'resolved' GROUP BY 1`,
        [tenant],
      ),
    ]);
    const counts: FindingCounts = {
      states: table(FINDING_STATES, () => table(SEVERITIES, () => 0)),
      substates: table(FINDING_SUBSTATES, () => 0),
    };
    for (const { state, severity, n } of states) counts.states[state][severity] = Number(n);
    for (const { substate, n } of substates) counts.substates[substate] = Number(n);
    return counts;
  }

  async get(tenant: string, id: string): Promise<FindingNow | null> {
    return (await read(this.select(tenant).andWhere('f.id = :id', { id })))[0] ?? null;
  }

  /** Findings of some ids, in the order of the ids; those that are gone are left out. */
  byIds(tenant: string, ids: readonly string[]): Promise<FindingNow[]> {
    return read(this.select(tenant).andWhere('f.id = ANY(:ids)', { ids }).orderBy('f.id'));
  }

  /** Occurrences by hour, the latest `limit` hours, in the order of time. */
  async hours(tenant: string, id: string, limit: number): Promise<{ hour: Date; occurrences: number }[]> {
    const rows = await this.dataSource
      .getRepository(FindingHourly)
      .find({ where: { tenantId: tenant, findingId: id }, order: { hour: 'DESC' }, take: limit });
    return rows.reverse();
  }

  /** What their services sent on the days on which some findings were seen. */
  usage(tenant: string, ids: readonly string[]): Promise<Map<string, SeenUsage>> {
    return usageOfFindings(this.dataSource, tenant, ids);
  }

  private select(tenant: string): SelectQueryBuilder<FindingRow> {
    const query = this.dataSource.getRepository(FindingRow).createQueryBuilder('f');
    return query.where('f.tenantId = :tenant', { tenant });
  }
}

function narrow(query: SelectQueryBuilder<FindingRow>, filter: FindingFilter): void {
  for (const column of COLUMNS) {
    const value = filter[column];
    if (value !== undefined) query.andWhere(`f.${column} = :${column}`, { [column]: value });
  }
  const { state, substate, resolution, isAnswerable, isLocated, services, text, seenAfter } = filter;
  if (state === 'unresolved') query.andWhere(`f.state <> 'resolved'`);
  else if (state !== undefined) query.andWhere('f.state = :state', { state });
  if (substate !== undefined) query.andWhere(`(${SUBSTATE}) = :substate`, { substate });
  if (resolution !== undefined) query.andWhere(`f.state = 'resolved' AND f.resolution = :resolution`, { resolution });
  if (isAnswerable) query.andWhere(`(f.state <> 'resolved' OR f.resolution = 'redacted_by_policy')`);
  // What is fixed is not there any more.
  if (isLocated) query.andWhere(`(f.code <> '{}' AND (f.state <> 'resolved' OR f.resolution NOT IN (${FIXED})))`);
  if (services !== undefined) query.andWhere('f.service = ANY(:services)', { services });
  if (text !== undefined) {
    query.andWhere('(strpos(lower(f.key), lower(:inKey)) > 0 OR f.detector = ANY(:detectors))', { ...text });
  }
  if (seenAfter !== undefined) query.andWhere('f.last_seen > :seenAfter', { seenAfter: new Date(seenAfter) });
}

async function read(query: SelectQueryBuilder<FindingRow>): Promise<FindingNow[]> {
  const { entities, raw } = await query.addSelect(SUBSTATE, 'substate').getRawAndEntities<{
    substate: FindingSubstate | null;
  }>();
  return entities.map((row, i) => Object.assign(row, { substate: raw[i]!.substate }));
}

function table<K extends string, V>(keys: readonly K[], value: () => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value()])) as Record<K, V>;
}

function fromRow(row: FindingNow): StoredFinding {
  const { id, kind, severity, confidence, location, firstSeen, lastSeen, ...rest } = row;
  return {
    ...rest,
    id,
    kind: kind as Finding['kind'],
    severity: severity as Finding['severity'],
    confidence: confidence as Finding['confidence'],
    location: location as Finding['location'],
    firstSeen: firstSeen.getTime(),
    lastSeen: lastSeen.getTime(),
  };
}
