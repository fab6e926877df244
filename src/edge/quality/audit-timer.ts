import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { TraceAudits } from '../../flow/audit.js';

const SAVE_MS = 5_000;

/** Lets the audit of traces go on as time goes by, and writes what is there when the process ends in order. */
export class AuditTimer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger('Quality');
  private timer: NodeJS.Timeout | null = null;

  constructor(readonly audits: TraceAudits) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.attempt(this.audits.save(Date.now())), SAVE_MS);
  }

  /** Called when nothing is received any more, and while the database is still there. */
  async onApplicationShutdown(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.attempt(this.audits.close(Date.now()));
  }

  private async attempt(saving: Promise<void>): Promise<void> {
    await saving.catch((error: Error) => this.log.warn(`counts of traces are not written yet: ${error.message}`));
  }
}
