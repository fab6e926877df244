import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import {
  type JaegerStrategies,
  type JaegerStrategy,
  renderJaegerRemoteSampling,
} from '../../engine/policy/targets/jaeger-remote-sampling.js';
import { PostgresPolicyStore } from '../store/policy-store.js';
import { PolicySets } from './policy-sets.js';

/** The strategies of a policy set, as they are served. */
export interface ServedStrategies {
  /** The strategies file. */
  readonly json: string;
  readonly etag: string;
  /** What a service gets: its own strategy, or the default one. */
  strategyOf(service: string): JaegerStrategy;
}

/** How old what is served may be when another process changed a policy. */
const FRESH_MS = 2_000;
/** How long a reader waits for newer ones than the last good: a collector's extension gives up after a second. */
const PATIENCE_MS = 500;

interface Known {
  readonly served: ServedStrategies;
  readonly readAt: number;
}

/**
 * Strategies of Jaeger remote sampling, in memory. While the store cannot be read or is slow the last good ones are served;
 * before there are any, asking fails.
 */
@Injectable()
export class SamplingStrategies {
  private readonly log = new Logger('Sampling');
  private readonly known = new Map<string, Known>();
  private readonly reading = new Map<string, Promise<ServedStrategies>>();

  constructor(
    private readonly policies: PostgresPolicyStore,
    sets: PolicySets,
  ) {
    sets.onChange(() => {
      for (const [key, { served }] of this.known) this.known.set(key, { served, readAt: 0 });
    });
  }

  async get(tenant: string, set: string): Promise<ServedStrategies> {
    const key = `${tenant}\0${set}`;
    const known = this.known.get(key);
    if (known !== undefined && Date.now() - known.readAt < FRESH_MS) return known.served;
    let reading = this.reading.get(key);
    if (reading === undefined) {
      reading = this.read(tenant, set, key).finally(() => this.reading.delete(key));
      this.reading.set(key, reading);
    }
    return known === undefined ? reading : Promise.race([reading, sleep(PATIENCE_MS, known.served, { ref: false })]);
  }

  private async read(tenant: string, set: string, key: string): Promise<ServedStrategies> {
    const known = this.known.get(key);
    let served: ServedStrategies;
    try {
      served = serve(renderJaegerRemoteSampling(await this.policies.approved(tenant, set)).document, known?.served);
    } catch (error) {
      if (known === undefined) throw error;
      this.log.warn('the policies cannot be read, so the last good strategies are served');
      served = known.served;
    }
    this.known.set(key, { served, readAt: Date.now() });
    return served;
  }
}

function serve(document: JaegerStrategies, before: ServedStrategies | undefined): ServedStrategies {
  const json = `${JSON.stringify(document)}\n`;
  if (before?.json === json) return before;
  const byService = new Map(document.service_strategies.map((strategy) => [strategy.service, strategy]));
  return {
    json,
    etag: `"${hash('sha256', json, 'hex').slice(0, 32)}"`,
    strategyOf: (service) => byService.get(service) ?? document.default_strategy,
  };
}
