import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { CollectorFacts, CollectorKind } from '../../engine/model/collector.js';
import { NOTHING_KNOWN } from '../../engine/model/collector.js';
import { Metrics } from '../metrics.js';
import { TENANT } from '../serve/tenant.js';
import { factsOf, PostgresCollectorStore } from '../store/collector-store.js';

/** A collector in memory. */
export interface Known {
  readonly id: string;
  kind: CollectorKind;
  transport: string;
  intervalSeconds: number;
  facts: CollectorFacts;
  /** When it spoke last, in milliseconds. */
  seenAt: number;
  /** When it said that it goes; null while it is there. */
  goneAt: number | null;
}

/** How long a word of a collector may wait until it is stored. */
const FLUSH_MS = 1_000;
/** How long the first word of a collector waits for those of others, to be read together. */
const GATHER_MS = 10;
/** A collector that says nothing new is stored so often. */
const SEEN_MS = 30_000;
const SWEEP_MS = 30_000;
/** Collectors in memory; where there are more, those that were silent for long are left to the store. */
const MAX_KNOWN = 50_000;
const SILENT_MS = 600_000;

/**
 * The collectors of a tenant that this process hears of. It is read once per collector, and stored in few statements: what
 * changed within a second, and who was seen every half minute.
 */
@Injectable()
export class Inventory implements OnApplicationShutdown {
  private readonly log = new Logger('Collectors');
  private readonly known = new Map<string, Known>();
  private readonly loading = new Map<string, Promise<Known>>();
  private batch: { readonly ids: Set<string>; readonly rows: ReturnType<PostgresCollectorStore['known']> } | null =
    null;
  private reading: Promise<unknown> = Promise.resolve();
  private readonly changed = new Set<Known>();
  /** When it was stored last that a collector was seen. */
  private readonly storedAt = new Map<string, number>();
  private readonly timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  private readonly sweeper = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  private flushing: Promise<void> = Promise.resolve();
  private failing = false;
  private readonly forgotten: ((id: string) => void)[] = [];

  constructor(
    private readonly store: PostgresCollectorStore,
    metrics: Metrics,
  ) {
    metrics.gaugeBy(
      'spanwarden_policy_agents',
      'Collectors that are there, by what became of their configuration',
      'status',
      () => store.counts(),
    );
  }

  /** The collector of an id, as it was stored, or a new one. */
  of(id: string, kind: CollectorKind): Known | Promise<Known> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    let loading = this.loading.get(id);
    if (loading === undefined) {
      loading = this.load(id, kind).finally(() => this.loading.delete(id));
      this.loading.set(id, loading);
    }
    return loading;
  }

  /** The collector of an id, where it is in memory. */
  here(id: string): Known | undefined {
    return this.known.get(id);
  }

  /** A collector spoke; with other facts than before it is stored soon. */
  seen(collector: Known, facts: CollectorFacts, now: number): void {
    const isBack = collector.goneAt !== null;
    collector.seenAt = now;
    collector.goneAt = null;
    if (facts !== collector.facts || isBack || !this.storedAt.has(collector.id)) this.changed.add(collector);
    collector.facts = facts;
  }

  /** A collector said that it goes. */
  gone(collector: Known, now: number): void {
    collector.goneAt = now;
    this.changed.add(collector);
  }

  /** Calls back with collectors of which nothing is to be remembered. */
  onForget(listener: (id: string) => void): void {
    this.forgotten.push(listener);
  }

  /** Forgets a collector here; it comes back when it speaks again. */
  forget(id: string): void {
    const known = this.known.get(id);
    if (known !== undefined) this.changed.delete(known);
    this.known.delete(id);
    this.storedAt.delete(id);
    for (const listener of this.forgotten) listener(id);
  }

  /** Stores what waits; also called when somebody wants to read it. */
  flush(): Promise<void> {
    this.flushing = this.flushing
      .then(() => this.write())
      .then(
        () => {
          this.failing = false;
        },
        (error: unknown) => {
          if (!this.failing)
            this.log.warn(`collectors cannot be stored now (${error instanceof Error ? error.name : 'error'})`);
          this.failing = true;
        },
      );
    return this.flushing;
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    clearInterval(this.sweeper);
    await this.flush();
  }

  private async load(id: string, kind: CollectorKind): Promise<Known> {
    const row = (await this.read(id)).get(id);
    const facts = row === undefined ? NOTHING_KNOWN : factsOf(row);
    const rest = { transport: row?.transport ?? '', intervalSeconds: row?.intervalSeconds ?? 30 };
    const known: Known = { id, kind, ...rest, facts, seenAt: 0, goneAt: row?.offlineSince?.getTime() ?? null };
    if (this.known.size >= MAX_KNOWN) this.shed();
    if (this.known.size >= MAX_KNOWN) throw new Error(`there are ${MAX_KNOWN} collectors, and no room for more`);
    this.known.set(id, known);
    return known;
  }

  /** Who asks while a query runs is answered by the next one, together. */
  private read(id: string): ReturnType<PostgresCollectorStore['known']> {
    if (this.batch === null) {
      const ids = new Set<string>();
      const rows = Promise.all([this.reading, sleep(GATHER_MS)]).then(() => {
        this.batch = null;
        return this.store.known(TENANT, [...ids]);
      });
      this.reading = rows.catch(() => {});
      this.batch = { ids, rows };
    }
    this.batch.ids.add(id);
    return this.batch.rows;
  }

  private async write(): Promise<void> {
    const changed = [...this.changed];
    this.changed.clear();
    const times = changed.map(({ seenAt }) => seenAt);
    try {
      await this.store.put(TENANT, changed.map(entryOf));
    } catch (error) {
      for (const collector of changed) this.changed.add(collector);
      throw error;
    }
    for (const [i, { id }] of changed.entries()) this.storedAt.set(id, times[i]!);
    await this.touch();
  }

  private async touch(): Promise<void> {
    const seen = new Map<string, Date>();
    for (const { id, seenAt, goneAt } of this.known.values()) {
      const stored = this.storedAt.get(id);
      if (goneAt === null && stored !== undefined && seenAt - stored >= SEEN_MS) seen.set(id, new Date(seenAt));
    }
    // Somebody had these forgotten, in another process it may be.
    for (const id of await this.store.touch(TENANT, seen)) {
      this.forget(id);
      seen.delete(id);
    }
    for (const [id, at] of seen) this.storedAt.set(id, at.getTime());
  }

  private async sweep(): Promise<void> {
    try {
      await this.flush();
      await this.store.sweep();
      this.shed();
    } catch {
      // The next one does it.
    }
  }

  /** Leaves to the store who was silent for long; whoever speaks again is read again. */
  private shed(): void {
    const before = Date.now() - SILENT_MS;
    const silent = [...this.known.values()].filter((known) => known.seenAt < before && !this.changed.has(known));
    for (const { id } of silent) this.forget(id);
  }
}

function entryOf({ id, kind, transport, intervalSeconds, facts, seenAt, goneAt }: Known) {
  const offlineSince = goneAt === null ? null : new Date(goneAt);
  return { ...{ id, kind, transport, intervalSeconds, facts }, lastSeen: new Date(seenAt), offlineSince };
}
