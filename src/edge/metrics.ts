import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What spanwarden says of itself, for Prometheus. Labels are bounded; nothing of the spans is in them. */
export class Metrics {
  readonly registry = new Registry();

  readonly requests = this.counter('spanwarden_ingest_requests_total', 'OTLP requests', ['protocol', 'code']);
  readonly spans = this.counter('spanwarden_ingest_spans_total', 'Spans taken in', []);
  readonly bytes = this.counter('spanwarden_ingest_bytes_total', 'Bytes taken in, after decompression', []);
  readonly discarded = this.counter('spanwarden_discarded_spans_total', 'Spans refused', ['reason']);
  readonly ignoredHeaders = this.counter('spanwarden_ignored_headers_total', 'Headers of OTLP that are not valid', [
    'header',
  ]);
  readonly duplicates = this.counter('spanwarden_ledger_duplicates_total', 'Requests that had been counted before', []);
  readonly newFindings = this.counter('spanwarden_new_findings_total', 'Findings seen for the first time', []);
  readonly lostThreads = this.counter('spanwarden_analysis_threads_lost_total', 'Analysis threads that died', []);
  readonly switchedOffRules = this.counter(
    'spanwarden_rules_switched_off_total',
    'Detectors of customers that took too long',
    [],
  );
  readonly policyFetches = this.counter('spanwarden_policy_fetch_total', 'Requests for a policy set', ['code']);
  readonly opampMessages = this.counter('spanwarden_opamp_messages_total', 'Messages of OpAMP agents', [
    'transport',
    'outcome',
  ]);
  readonly samplingFetches = this.counter('spanwarden_sampling_fetch_total', 'Requests for sampling strategies', [
    'protocol',
    'code',
  ]);
  readonly jobs = this.counter('spanwarden_jobs_total', 'Jobs that ended', ['job', 'outcome']);
  readonly seconds = new Histogram({
    name: 'spanwarden_ingest_seconds',
    help: 'Time from the end of a request to its answer',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A gauge that is asked when it is read. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const collect = async (): Promise<void> => gauge.set(await read());
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect });
  }

  /** Gauges that are asked when they are read, one for each value of a label. */
  gaugeBy(name: string, help: string, label: string, read: () => Promise<ReadonlyMap<string, number>>): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help, labelNames: [label], registers: [this.registry] },
      async collect() {
        const values = await read().catch(() => new Map<string, number>());
        gauge.reset();
        for (const [value, n] of values) gauge.set({ [label]: value }, n);
      },
    });
  }

  private counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }
}
