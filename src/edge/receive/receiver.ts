import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config.js';
import type { GroupCommit } from '../../flow/group-commit.js';
import { ingest, type Receipt } from '../../flow/ingest.js';
import type { ReceivedRequest, RequestAnalyser } from '../../flow/ports.js';
import { Senders } from '../auth/senders.js';
import { Metrics } from '../metrics.js';
import { ANALYSER, COMMITS, CONFIG } from '../tokens.js';
import { Admission } from './admission.js';
import { sourceOf } from './source.js';

/** How long a shutdown waits for requests that are in work; whoever was not answered then sends again. */
export const GRACE_MS = 10_000;

/** What every OTLP transport does with a request that it has read. */
@Injectable()
export class Receiver {
  readonly admission: Admission;
  private closing = false;

  constructor(
    @Inject(CONFIG) readonly config: Config,
    @Inject(ANALYSER) private readonly analyser: RequestAnalyser,
    @Inject(COMMITS) private readonly commits: GroupCommit,
    readonly senders: Senders,
    readonly metrics: Metrics,
  ) {
    this.admission = new Admission(config.maxPendingBytes);
    metrics.gauge(
      'spanwarden_ingest_pending_bytes',
      'Bytes of OTLP requests in work',
      () => this.admission.pendingBytes,
    );
  }

  /** Whether new requests are taken; false while the process shuts down. */
  get open(): boolean {
    return !this.closing;
  }

  close(): void {
    this.closing = true;
  }

  /** @param header a header of HTTP or metadata of gRPC, by its name in lower case */
  async receive(
    request: Omit<ReceivedRequest, 'tenant' | 'receivedAt' | 'source'>,
    header: (name: string) => string | undefined,
  ): Promise<Receipt> {
    const { source, ignored } = sourceOf(header);
    for (const { where } of ignored) this.metrics.ignoredHeaders.inc({ header: where });
    const stop = this.metrics.seconds.startTimer();
    const receipt = await ingest(
      { ...request, tenant: 'default', receivedAt: Date.now(), source },
      this.analyser,
      this.commits,
    );
    stop();
    if (receipt.refused !== null) return receipt;
    this.metrics.spans.inc(receipt.accepted);
    this.metrics.bytes.inc(receipt.bytes);
    if (receipt.rejected > 0) this.metrics.discarded.inc({ reason: 'bad_span' }, receipt.rejected);
    return { ...receipt, warnings: [...ignored, ...receipt.warnings] };
  }
}
