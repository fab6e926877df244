import { type AssemblerLimits, DEFAULT_ASSEMBLER_LIMITS, TraceAssembler } from '../engine/quality/assembler.js';
import type { OwnRow } from '../engine/quality/quality-book.js';
import type { AnalysedBatch } from './ports.js';

/** Where the counts of traces go. */
export interface QualitySink {
  /** Writes rows in the place of those that were written of them before; all of them or none. */
  save(tenant: string, rows: readonly OwnRow[]): Promise<void>;
}

/**
 * The audit of whole traces of one process: takes in what was counted, ends traces as time goes by, and writes what they
 * come to. What is in it is lost with the process; it is statistics of open traces, no totals.
 */
export class TraceAudits {
  private readonly assemblers = new Map<string, TraceAssembler>();
  private readonly limits: AssemblerLimits;
  private last: number;
  private saving: Promise<void> = Promise.resolve();

  /** @param startedAt since when spans come to this process, milliseconds since the epoch */
  constructor(
    private readonly sink: QualitySink,
    private readonly startedAt: number,
    limits: Partial<AssemblerLimits> = {},
  ) {
    this.limits = { ...DEFAULT_ASSEMBLER_LIMITS, ...limits };
    this.last = startedAt;
  }

  /** Takes in the spans of a batch that was committed, of the services that were counted with it. */
  counted({ tenant, audit }: AnalysedBatch, services: ReadonlySet<string>): void {
    if (audit === undefined || services.size === 0) return;
    // Batches are committed in another order than they were received, and time does not go back.
    this.last = Math.max(this.last, audit.receivedAt);
    this.of(tenant).add(audit.facts, (service) => services.has(service), this.last);
  }

  /** Ends what is over, and writes what changed; where that fails, it is written the next time. */
  save(now: number): Promise<void> {
    return this.write(now, (assembler) => assembler.advance(now));
  }

  /** Ends all traces, whole or not, and writes what they come to. */
  close(now: number): Promise<void> {
    return this.write(now, (assembler) => assembler.close(now));
  }

  private write(now: number, end: (assembler: TraceAssembler) => void): Promise<void> {
    const next = this.saving
      .catch(() => {})
      .then(async () => {
        for (const [tenant, assembler] of this.assemblers) {
          end(assembler);
          await this.saveRows(tenant, assembler, now);
        }
      });
    this.saving = next;
    return next;
  }

  private async saveRows(tenant: string, assembler: TraceAssembler, now: number): Promise<void> {
    const rows = assembler.take(now);
    if (rows.length === 0) return;
    try {
      await this.sink.save(tenant, rows);
    } catch (error) {
      assembler.giveBack(rows);
      throw error;
    }
  }

  private of(tenant: string): TraceAssembler {
    let assembler = this.assemblers.get(tenant);
    if (assembler === undefined) {
      assembler = new TraceAssembler(this.startedAt, this.limits);
      this.assemblers.set(tenant, assembler);
    }
    return assembler;
  }
}
