import { Injectable } from '@nestjs/common';
import { type CollectorKind, type ConfigStatus, type Labels, withReport } from '../../engine/model/collector.js';
import { TextGuard } from '../rules/text-guard.js';
import { TENANT } from '../serve/tenant.js';
import { Inventory, type Known } from './inventory.js';
import { MAX_ERROR, StorableMessages } from './storable-message.js';

/** Who asks for policies over HTTP, as far as it says so in the query: `collector=<id>&label=<name>=<value>`. */
export interface Asking {
  readonly id: string;
  /** As they were given, before anybody looked at them. */
  readonly labels: readonly (readonly [string, string])[];
}

/** What an agent beside a collector says of the policies that it pulled. */
export interface PullReport extends Asking {
  readonly hash: string;
  readonly status: ConfigStatus;
  readonly error: string;
  readonly version: string;
  readonly intervalSeconds: number | undefined;
}

export const COLLECTOR_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$/;

/** Reads who asks out of a query; null where it does not say so in a way that can be kept. Never an error. */
export function askingIn(query: unknown): Asking | null {
  const { collector, label } = (query ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof collector !== 'string' || !COLLECTOR_ID.test(collector)) return null;
  return { id: collector, labels: labelsIn(label) };
}

/** Labels of a parameter that is given once or more often, each as `name=value`. */
export function labelsIn(parameter: unknown): [string, string][] {
  const given = Array.isArray(parameter) ? parameter : [parameter];
  return given.flatMap((text): [string, string][] => {
    const at = typeof text === 'string' ? text.indexOf('=') : -1;
    return at < 1 ? [] : [[(text as string).slice(0, at), (text as string).slice(at + 1)]];
  });
}

/** Collectors that pull their policies: they are in the inventory like those that speak OpAMP. */
@Injectable()
export class Pulls {
  private readonly messages: StorableMessages;
  /** Labels as they were given, by collector: most ask with the same all the time. */
  private readonly given = new WeakMap<Known, string>();

  constructor(
    private readonly inventory: Inventory,
    private readonly guard: TextGuard,
  ) {
    this.messages = new StorableMessages(guard, TENANT);
  }

  /** Whether an id can be kept: a name may be anything. */
  isStorable(id: string): boolean {
    return COLLECTOR_ID.test(id) && !this.guard.findsIn(TENANT, id);
  }

  /** The labels that count for who asks. */
  labels(asking: Asking): Labels {
    return this.messages.labels(asking.labels, Date.now());
  }

  /** Takes down that a collector asked, and what it is to have. */
  async asked(asking: Asking, policySet: string, wantedHash: string): Promise<void> {
    const collector = await this.collector(asking, 'pull');
    if (collector === null) return;
    const { facts } = collector;
    const isSame = facts.wantedHash === wantedHash && facts.policySet === policySet;
    this.inventory.seen(collector, isSame ? facts : { ...facts, wantedHash, policySet }, Date.now());
  }

  async reported(report: PullReport): Promise<void> {
    const collector = await this.collector(report, 'agent');
    if (collector === null) return;
    const now = Date.now();
    const { hash, status, intervalSeconds } = report;
    const version = this.messages.text('service.version', report.version, 64, now) || collector.facts.version;
    const error = this.messages.text('error', report.error, MAX_ERROR, now);
    collector.kind = 'agent';
    collector.intervalSeconds = intervalSeconds ?? collector.intervalSeconds;
    const facts = withReport({ ...collector.facts, version }, { hash, status, error, at: now });
    this.inventory.seen(collector, facts, now);
  }

  private async collector(asking: Asking, kind: CollectorKind): Promise<Known | null> {
    const known = this.inventory.here(asking.id);
    if (known === undefined && !this.isStorable(asking.id)) return null;
    const collector = known ?? (await this.inventory.of(asking.id, kind));
    const given = JSON.stringify(asking.labels);
    if (this.given.get(collector) !== given) {
      this.given.set(collector, given);
      const labels = this.labels(asking);
      if (asking.labels.length > 0 && JSON.stringify(labels) !== JSON.stringify(collector.facts.labels)) {
        this.inventory.seen(collector, { ...collector.facts, labels }, Date.now());
      }
    }
    return collector;
  }
}
