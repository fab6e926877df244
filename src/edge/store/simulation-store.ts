import { randomUUID } from 'node:crypto';
import { type DataSource, In, QueryFailedError } from 'typeorm';
import { SimulatedCountsMerge } from '../../engine/aggregate/simulated-counts.js';
import { IN_FORCE, type PolicyState, PROPOSED } from '../../engine/model/policy.js';
import type { SimulatedCounts, Simulation } from '../../engine/model/simulation.js';
import type { Simulations } from '../../flow/ports.js';
import { PolicyRow } from './entities/index.js';
import { SimulationPart, SimulationRow } from './entities/simulations.js';

/** Versions that can be simulated, the one that waits for approval first. */
const SIMULATED_STATES: readonly PolicyState[] = [...PROPOSED, ...IN_FORCE];
/** Running at once: they share the time that threads have for it. */
export const MAX_RUNNING = 8;
/** Of one policy that are kept. */
const MAX_KEPT = 20;
/** Seconds after which a process that did not say anything counts as gone. */
const GONE_SECONDS = 10;
/** For one halving less than the traffic asks for: what was is not what comes. */
const RESERVE = 0.8;
const MOST_HALVINGS = 16;
const UNIQUE_VIOLATION = '23505';

export interface SimulationBounds {
  readonly durationSeconds: number;
  readonly maxSpans: number;
}

/** Why no simulation was started. */
export type NotStarted = 'unknown' | 'not-proposed' | 'running' | 'too-many';

/** A simulation that has not ended everywhere yet. */
export interface RunningSimulation {
  readonly row: SimulationRow;
  /** By the clock of the database; 0 or less when it is over. */
  readonly secondsLeft: number;
}

/** What a process has done so far, in all. */
export interface PartReport {
  readonly part: string;
  readonly used: number;
  readonly requests: number;
  readonly skipped: number;
  readonly counts: SimulatedCounts | null;
  readonly isFinished: boolean;
}

/** What was looked at by all processes. */
export interface SimulationProgress {
  /** Processes that took part. */
  readonly processes: number;
  readonly spans: number;
  readonly requests: number;
  readonly skipped: number;
  readonly counts: SimulatedCounts;
}

interface Position {
  readonly startedAt: string;
  readonly id: string;
}

/**
 * Simulations on live spans. Each process writes a part of its own, whole each time, and who reads adds them up; so nothing
 * is counted twice, and what a process wrote stays when it dies.
 */
export class PostgresSimulationStore implements Simulations {
  constructor(private readonly dataSource: DataSource) {}

  /** Starts one for the version of a policy that is suggested, or else for the approved one. */
  async start(
    tenant: string,
    policyId: string,
    { durationSeconds, maxSpans }: SimulationBounds,
    author: string,
  ): Promise<SimulationRow | NotStarted> {
    await this.closeOverdue();
    const versions = await this.dataSource.getRepository(PolicyRow).findBy({ tenantId: tenant, id: policyId });
    if (versions.length === 0) return 'unknown';
    const proposed = SIMULATED_STATES.map((state) => versions.find((row) => row.state === state)).find(Boolean);
    if (proposed === undefined) return 'not-proposed';
    if ((await this.rows.countBy({ tenantId: tenant, state: 'running' })) >= MAX_RUNNING) return 'too-many';
    const { version, body, contentHash } = proposed;
    const isSampling = body.action.kind === 'sample';
    const halvings = isSampling ? await this.halvingsFor(tenant, durationSeconds, maxSpans) : 0;
    const key = { tenantId: tenant, id: randomUUID() };
    try {
      await this.dataSource.query(
        `INSERT INTO simulation (tenant_id, id, policy_id, version, body, content_hash, max_spans, halvings, ends_at, author)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), $10)`,
        [tenant, key.id, policyId, version, body, contentHash, maxSpans, halvings, durationSeconds, author],
      );
    } catch (error) {
      const { code } = (error instanceof QueryFailedError ? error.driverError : {}) as { code?: string };
      if (code === UNIQUE_VIOLATION) return 'running';
      throw error;
    }
    await this.forgetOld(tenant, policyId);
    return this.rows.findOneByOrFail(key);
  }

  /** Ends one early; null where there is none, and no change where it has ended. */
  async stop(tenant: string, id: string): Promise<SimulationRow | null> {
    await this.end(tenant, id, 'stopped');
    return this.get(tenant, id);
  }

  async get(tenant: string, id: string): Promise<SimulationRow | null> {
    await this.closeOverdue();
    return this.rows.findOneBy({ tenantId: tenant, id });
  }

  /** Newest first. */
  async list(tenant: string, policyId: string, limit: number, after: Position | null): Promise<SimulationRow[]> {
    await this.closeOverdue();
    const query = this.rows.createQueryBuilder('s').where('s.tenantId = :tenant', { tenant });
    query.andWhere('s.policyId = :policyId', { policyId });
    if (after !== null) {
      query.andWhere("(date_trunc('milliseconds', s.startedAt), s.id) < (:startedAt, :id)", { ...after });
    }
    query.orderBy("date_trunc('milliseconds', s.startedAt)", 'DESC').addOrderBy('s.id', 'DESC');
    return query.limit(limit).getMany();
  }

  /** What all processes did, by the id of the simulation. */
  async progress(tenant: string, ids: readonly string[]): Promise<Map<string, SimulationProgress>> {
    const parts = await this.parts.findBy({ tenantId: tenant, simulationId: In([...ids]) });
    return new Map(ids.map((id) => [id, progressOf(parts.filter(({ simulationId }) => simulationId === id))]));
  }

  async newest(tenant: string, policy: string, version?: number): Promise<Simulation | null> {
    await this.closeOverdue();
    const query = this.rows.createQueryBuilder('s').where('s.tenantId = :tenant', { tenant });
    query.andWhere('s.policyId = :policy', { policy });
    if (version !== undefined) {
      query.andWhere("s.version = :version AND s.state = 'done'", { version });
      query.andWhere(
        `s.contentHash = (SELECT p.content_hash FROM policy p
           WHERE p.tenant_id = :tenant AND p.id = :policy AND p.version = :version)`,
      );
    }
    const row = await query.orderBy('s.startedAt', 'DESC').getOne();
    if (row === null) return null;
    const { id, state, startedAt, endsAt, maxSpans } = row;
    const { counts } = (await this.progress(tenant, [id])).get(id)!;
    return { id, policy: row.policyId, version: row.version, state, startedAt, endsAt, maxSpans, counts };
  }

  /** All that processes have something to do for, of all tenants. */
  async running(): Promise<RunningSimulation[]> {
    const rows: { tenant: string; id: string; left: number }[] = await this.dataSource.query(
      `SELECT tenant_id AS tenant, id, extract(epoch FROM ends_at - now())::float8 AS left
       FROM simulation WHERE state = 'running'`,
    );
    if (rows.length === 0) return [];
    const found = await this.rows.findBy({ id: In(rows.map(({ id }) => id)), state: 'running' });
    return found.flatMap((row) => {
      const own = rows.find(({ tenant, id }) => tenant === row.tenantId && id === row.id);
      return own === undefined ? [] : [{ row, secondsLeft: own.left }];
    });
  }

  /**
   * Takes in what a process did, and says how many spans it may look at from here on. What is left of the limit is shared
   * out evenly among the processes that are there; one gives back what it holds beyond its share before others get it, so
   * that together they keep the limit. When less than one span for each is left, the simulation ends.
   */
  async report(tenant: string, id: string, report: PartReport): Promise<{ held: number; secondsLeft: number } | null> {
    return this.dataSource.transaction(async (manager) => {
      const [simulation]: { max: number; left: number }[] = await manager.query(
        `SELECT max_spans AS max, extract(epoch FROM ends_at - now())::float8 AS left
         FROM simulation WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
        [tenant, id],
      );
      if (simulation === undefined) return null;
      const others: { used: number; held: number; is_there: boolean }[] = await manager.query(
        `SELECT used, held, NOT is_finished AND seen_at > now() - make_interval(secs => ${GONE_SECONDS}) AS is_there
         FROM simulation_part WHERE tenant_id = $1 AND simulation_id = $2 AND part <> $3`,
        [tenant, id, report.part],
      );
      const there = others.filter((part) => part.is_there);
      const unused = simulation.max - report.used - others.reduce((sum, part) => sum + part.used, 0);
      const free = unused - there.reduce((sum, part) => sum + part.held, 0);
      const share = Math.floor(unused / (there.length + 1));
      const held = report.isFinished ? 0 : Math.max(0, Math.min(share, free));
      await manager.query(
        `INSERT INTO simulation_part
           (tenant_id, simulation_id, part, used, held, requests, skipped, counts, is_finished, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())
         ON CONFLICT (tenant_id, simulation_id, part) DO UPDATE SET used = excluded.used, held = excluded.held,
           requests = excluded.requests, skipped = excluded.skipped, counts = excluded.counts,
           is_finished = excluded.is_finished, seen_at = excluded.seen_at`,
        [tenant, id, report.part, report.used, held, report.requests, report.skipped, report.counts, report.isFinished],
      );
      if (share > 0 || simulation.left <= 0) return { held, secondsLeft: simulation.left };
      await manager.query(
        `UPDATE simulation SET ends_at = now(), ended_by = 'limit' WHERE tenant_id = $1 AND id = $2`,
        [tenant, id],
      );
      return { held: 0, secondsLeft: 0 };
    });
  }

  /** Those are done whose time is over, and for which no process that is there has anything to say any more. */
  async closeOverdue(): Promise<void> {
    await this.dataSource.query(
      `UPDATE simulation AS s SET state = 'done', ended_by = coalesce(ended_by, 'time')
       WHERE state = 'running' AND ends_at <= now() AND NOT EXISTS (
         SELECT FROM simulation_part AS p WHERE p.tenant_id = s.tenant_id AND p.simulation_id = s.id
           AND NOT p.is_finished AND p.seen_at > now() - make_interval(secs => ${GONE_SECONDS}))`,
    );
  }

  private async end(tenant: string, id: string, by: 'stopped'): Promise<void> {
    await this.dataSource.query(
      `UPDATE simulation SET ends_at = now(), ended_by = $3
       WHERE tenant_id = $1 AND id = $2 AND state = 'running' AND ends_at > now()`,
      [tenant, id, by],
    );
  }

  /** How often the traces are to be halved, for the limit to last by the traffic of the last hours. */
  private async halvingsFor(tenant: string, seconds: number, maxSpans: number): Promise<number> {
    const [row]: { rate: number | null }[] = await this.dataSource.query(
      `SELECT sum(spans)::float8 / greatest(60, extract(epoch FROM now() - min(hour)))::float8 AS rate
       FROM usage_hourly WHERE tenant_id = $1 AND hour > now() - interval '2 hours' AND hour <= now()`,
      [tenant],
    );
    const expected = (row?.rate ?? 0) * seconds;
    const halvings = Math.ceil(Math.log2(Math.max(1, expected / (RESERVE * maxSpans))));
    return Math.min(MOST_HALVINGS, halvings);
  }

  private async forgetOld(tenant: string, policyId: string): Promise<void> {
    await this.dataSource.query(
      `WITH old AS (
         DELETE FROM simulation WHERE (tenant_id, id) IN (
           SELECT tenant_id, id FROM simulation WHERE tenant_id = $1 AND policy_id = $2 AND state = 'done'
           ORDER BY started_at DESC OFFSET ${MAX_KEPT}) RETURNING tenant_id, id)
       DELETE FROM simulation_part WHERE (tenant_id, simulation_id) IN (SELECT tenant_id, id FROM old)`,
      [tenant, policyId],
    );
  }

  private get rows() {
    return this.dataSource.getRepository(SimulationRow);
  }

  private get parts() {
    return this.dataSource.getRepository(SimulationPart);
  }
}

function progressOf(parts: readonly SimulationPart[]): SimulationProgress {
  const merge = new SimulatedCountsMerge();
  for (const { counts } of parts) if (counts !== null) merge.add(counts);
  const sum = (of: 'used' | 'requests' | 'skipped'): number => parts.reduce((total, part) => total + part[of], 0);
  const looked = { spans: sum('used'), requests: sum('requests'), skipped: sum('skipped') };
  return { processes: parts.length, ...looked, counts: merge.result() };
}
