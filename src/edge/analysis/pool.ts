import { Worker } from 'node:worker_threads';
import type { AnalysisResult, ReceivedRequest, RequestAnalyser } from '../../flow/ports.js';
import type { SwitchedOffEvent, TenantRules } from '../rules/tenant-rules.js';
import {
  type AnalyseMessage,
  type CollectedMessage,
  type CollectMessage,
  type PlansMessage,
  type ResultMessage,
  type RulesMessage,
  type SwitchedOffMessage,
  unpackRollup,
  type WorkerSetup,
} from './messages.js';
import type { CollectedSimulation, SimulationPlan } from './simulation-plan.js';

interface Pending {
  readonly resolve: (result: AnalysisResult) => void;
  readonly reject: (error: Error) => void;
}

/** How long to wait after a thread that could not even start. */
const RETRY_MS = 1_000;

/** Threads that analyse requests. A thread that dies fails the requests that it had, and is replaced. */
export class AnalysisPool implements RequestAnalyser {
  private readonly threads: AnalysisThread[] = [];
  private readonly rules = new Map<string, TenantRules>();
  private plans: readonly SimulationPlan[] = [];
  private closed = false;

  private constructor(
    private readonly setup: WorkerSetup,
    private readonly onLost: (error: Error) => void,
    private readonly onSwitchedOff: (event: SwitchedOffEvent) => void,
  ) {}

  /**
   * @param onLost told when a thread died
   * @param onSwitchedOff told when a customer's detector took too long in a thread; it may be told by several
   */
  static async start(
    threads: number,
    setup: WorkerSetup,
    onLost: (error: Error) => void,
    onSwitchedOff: (event: SwitchedOffEvent) => void = () => {},
  ): Promise<AnalysisPool> {
    const pool = new AnalysisPool(setup, onLost, onSwitchedOff);
    await Promise.all(Array.from({ length: threads }, () => pool.add()));
    return pool;
  }

  /** Requests that are in work. */
  get pending(): number {
    return this.threads.reduce((sum, thread) => sum + thread.pending, 0);
  }

  /** Analyses a request in the thread with the least to do. */
  analyse(request: ReceivedRequest): Promise<AnalysisResult> {
    const thread = this.threads.reduce<AnalysisThread | null>((a, b) => (a && a.pending <= b.pending ? a : b), null);
    return thread?.analyse(request) ?? Promise.reject(new Error('no analysis thread is running'));
  }

  /** Puts a tenant's rules into force: requests that come from now on are analysed by them, those in work are not. */
  setRules(rules: TenantRules): void {
    this.rules.set(rules.tenant, rules);
    for (const thread of this.threads) thread.setRules(rules);
  }

  /** Simulates these and no others, from the next request on. */
  setSimulations(plans: readonly SimulationPlan[]): void {
    this.plans = plans;
    for (const thread of this.threads) thread.setSimulations(plans);
  }

  /** What was done for simulations since the last time, by all threads; what a thread did that died is lost. */
  async collectSimulations(): Promise<CollectedSimulation[]> {
    return (await Promise.all(this.threads.map((thread) => thread.collect()))).flat();
  }

  /** Called when nothing is received any more. */
  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.map((thread) => thread.close()));
  }

  private async add(): Promise<void> {
    const onEnd = (error: Error): void => {
      this.threads.splice(this.threads.indexOf(thread), 1);
      if (this.closed) return;
      this.onLost(error);
      this.replace();
    };
    const thread = await AnalysisThread.start(this.setup, onEnd, this.onSwitchedOff);
    for (const rules of this.rules.values()) thread.setRules(rules);
    if (this.plans.length > 0) thread.setSimulations(this.plans);
    this.threads.push(thread);
    if (this.closed) await thread.close();
  }

  private replace(): void {
    if (this.closed) return;
    this.add().catch((error: Error) => {
      this.onLost(error);
      setTimeout(() => this.replace(), RETRY_MS).unref();
    });
  }
}

class AnalysisThread {
  private readonly requests = new Map<number, Pending>();
  private readonly collections = new Map<number, (collected: readonly CollectedSimulation[]) => void>();
  private lastNumber = 0;

  private constructor(private readonly worker: Worker) {}

  static start(
    setup: WorkerSetup,
    onEnd: (error: Error) => void,
    onSwitchedOff: (event: SwitchedOffEvent) => void,
  ): Promise<AnalysisThread> {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: setup });
    const thread = new AnalysisThread(worker);
    return new Promise((resolve, reject) => {
      let started = false;
      let cause: Error | null = null;
      worker.on('message', (message: ResultMessage | SwitchedOffMessage | CollectedMessage) => {
        if ('switchedOff' in message) onSwitchedOff(message.switchedOff);
        else if ('collected' in message) thread.collected(message);
        else if (message.number > 0) thread.answer(message);
        else {
          started = true;
          resolve(thread);
        }
      });
      worker.on('error', (error) => {
        cause = error;
      });
      worker.on('exit', (code) => {
        const error = cause ?? new Error(`an analysis thread ended with ${code}`);
        thread.lose(error);
        if (started) onEnd(error);
        else reject(error);
      });
    });
  }

  get pending(): number {
    return this.requests.size;
  }

  analyse(request: ReceivedRequest): Promise<AnalysisResult> {
    const number = ++this.lastNumber;
    const body = movable(request.body);
    return new Promise((resolve, reject) => {
      this.requests.set(number, { resolve, reject });
      this.worker.postMessage({ ...request, number, body } satisfies AnalyseMessage, [body.buffer]);
    });
  }

  setRules(rules: TenantRules): void {
    this.worker.postMessage({ rules } satisfies RulesMessage);
  }

  setSimulations(plans: readonly SimulationPlan[]): void {
    this.worker.postMessage({ plans } satisfies PlansMessage);
  }

  collect(): Promise<readonly CollectedSimulation[]> {
    const collect = ++this.lastNumber;
    return new Promise((resolve) => {
      this.collections.set(collect, resolve);
      this.worker.postMessage({ collect } satisfies CollectMessage);
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private collected({ to, collected }: CollectedMessage): void {
    this.collections.get(to)?.(collected);
    this.collections.delete(to);
  }

  private answer({ number, result }: ResultMessage): void {
    const request = this.requests.get(number);
    this.requests.delete(number);
    request?.resolve(result.refused === null ? { ...result, rollup: unpackRollup(result.rollup) } : result);
  }

  private lose(cause: Error): void {
    for (const request of this.requests.values()) request.reject(cause);
    this.requests.clear();
    for (const resolve of this.collections.values()) resolve([]);
    this.collections.clear();
  }
}

/** The body in memory of its own, which can move to another thread: small buffers share memory with others. */
function movable(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = body;
  const own = buffer instanceof ArrayBuffer && buffer.byteLength === body.byteLength;
  return own ? new Uint8Array(buffer) : new Uint8Array(body);
}
