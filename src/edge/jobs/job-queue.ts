import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createPostgresBackend, type Job, type JobsOptions, Queue, Worker, withBackend } from 'bullmq';
import type { Config } from '../../config.js';
import { Metrics } from '../metrics.js';
import { MAX_ATTEMPTS } from '../store/subscription-store.js';
import { CONFIG, DATABASE_URL } from '../tokens.js';
import type { JobData, JobHandlers, JobName } from './job.js';

const QUEUE = 'spanwarden';
/** The schema of the queue's tables, where the queue is in PostgreSQL. */
const SCHEMA = 'bullmq';
const KEEP: JobsOptions = { removeOnComplete: true, removeOnFail: { count: 1000 } };
const RETRY: JobsOptions = { attempts: 5, backoff: { type: 'exponential', delay: 2_000, jitter: 0.5 } };

const postgres = withBackend(createPostgresBackend);

/** BullMQ, on PostgreSQL or, where REDIS_URL is set, on Redis. */
@Injectable()
export class JobQueue implements OnApplicationShutdown {
  private readonly log = new Logger('Jobs');
  private readonly queue: Pick<
    Queue,
    'add' | 'upsertJobScheduler' | 'removeJobScheduler' | 'removeDeduplicationKey' | 'close' | 'waitUntilReady'
  >;
  private worker: Pick<Worker, 'close'> | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DATABASE_URL) private readonly databaseUrl: string,
    private readonly metrics: Metrics,
  ) {
    const queue =
      config.redisUrl === null
        ? new postgres.Queue(QUEUE, { connection: this.postgres() })
        : new Queue(QUEUE, { connection: { url: config.redisUrl, enableOfflineQueue: false } });
    queue.on('error', (error: Error) => this.log.warn(`queue: ${error.message}`));
    this.queue = queue as unknown as JobQueue['queue'];
  }

  ready(): Promise<unknown> {
    return this.queue.waitUntilReady();
  }

  /**
   * @param once a name under which at most one such job waits at a time
   */
  async add<Name extends JobName>(name: Name, data: JobData[Name], once?: string): Promise<void> {
    const deduplication = once === undefined ? {} : { deduplication: { id: once }, delay: 1_000 };
    await this.queue.add(name, data, { ...KEEP, ...this.retry(name), ...deduplication });
  }

  /** Deliveries wait for receivers that may be down for a night. */
  private retry(name: JobName): JobsOptions {
    const delay = this.config.deliveryRetry * 1000;
    return name === 'deliver'
      ? { attempts: MAX_ATTEMPTS, backoff: { type: 'exponential', delay, jitter: 0.2 } }
      : RETRY;
  }

  async unschedule(id: string): Promise<void> {
    await this.queue.removeJobScheduler(id);
  }

  /**
   * Runs a job again and again; scheduling it anew replaces its schedule.
   *
   * @param id of the schedule, where there are several of one job
   */
  async schedule<Name extends JobName>(
    name: Name,
    data: JobData[Name],
    when: { readonly every: number } | { readonly pattern: string; readonly tz: string },
    id: string = name,
  ): Promise<void> {
    await this.queue.upsertJobScheduler(id, when, { name, data, opts: { ...KEEP, ...RETRY } });
  }

  /** Begins to run jobs. */
  work(handlers: JobHandlers): void {
    const run = async (job: Pick<Job, 'name' | 'data' | 'opts'>): Promise<void> => {
      // What is added from now on may be about what this run does not see any more. A delivery stays the only one, though,
      // until it is through with its attempts.
      const once = job.opts.deduplication?.id;
      if (once !== undefined && job.name !== 'deliver') await this.queue.removeDeduplicationKey(once);
      const handler = handlers[job.name as JobName] as ((data: unknown) => Promise<void>) | undefined;
      if (handler === undefined) throw new Error(`no handler for the job ${job.name}`);
      await handler(job.data);
    };
    const options = { concurrency: 2, lockDuration: 60_000 };
    const worker =
      this.config.redisUrl === null
        ? new postgres.Worker(QUEUE, run, { ...options, connection: this.postgres() })
        : new Worker(QUEUE, run, { ...options, connection: { url: this.config.redisUrl, maxRetriesPerRequest: null } });
    worker.on('error', (error: Error) => this.log.warn(`worker: ${error.message}`));
    worker.on('completed', (job: { name: string }) => this.metrics.jobs.inc({ job: job.name, outcome: 'completed' }));
    worker.on('failed', (job: { name: string } | undefined, error: Error) => {
      this.metrics.jobs.inc({ job: job?.name ?? 'unknown', outcome: 'failed' });
      this.log.error(`the job ${job?.name ?? ''} failed: ${error.message}`);
    });
    this.worker = worker;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.worker?.close();
    await this.queue.close();
  }

  private postgres(): { connectionString: string; schema: string; migrate: boolean; max: number } {
    return { connectionString: this.databaseUrl, schema: SCHEMA, migrate: true, max: 3 };
  }
}
