import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Detector } from '../../engine/rules/detector-document.js';
import type { PatternCompiler } from '../../engine/rules/pattern.js';
import type { PostgresExclusionStore } from '../store/exclusion-store.js';
import type { PostgresRuleStore } from '../store/rule-store.js';
import { NO_DOCUMENT, readCustomDetectors } from './custom-detectors.js';
import type { SwitchedOff, SwitchedOffEvent, TenantRules } from './tenant-rules.js';

/** A tenant's rules with what is read out of them. */
export interface CurrentRules extends TenantRules {
  readonly detectors: readonly Detector[];
  /** Detectors that do not run, those that took too long and those that became invalid. */
  readonly off: readonly SwitchedOff[];
}

const NOTHING = { version: 0, document: NO_DOCUMENT, switchedOff: [], exclusions: [], detectors: [], off: [] } as const;
/** How old what is in force may be when another process changed it. */
const FRESH_MS = 5_000;
const BROKEN = 'not valid in this version of spanwarden; check the document to see why';

/** What customers changed about the rules, in memory, and kept up to date. */
export class CustomerRules implements OnApplicationShutdown {
  private readonly log = new Logger('Rules');
  private readonly current = new Map<string, CurrentRules>();
  private stamps: ReadonlyMap<string, string> = new Map();
  private readonly listeners: ((rules: TenantRules) => void)[] = [];
  private reading: Promise<void> = Promise.resolve();
  private readonly timer = setInterval(() => this.poll(), FRESH_MS).unref();
  private failing = false;

  private constructor(
    private readonly store: PostgresRuleStore,
    private readonly exclusions: PostgresExclusionStore,
    private readonly compiler: PatternCompiler,
  ) {}

  /** Reads what there is. */
  static async start(
    store: PostgresRuleStore,
    exclusions: PostgresExclusionStore,
    compiler: PatternCompiler,
  ): Promise<CustomerRules> {
    const rules = new CustomerRules(store, exclusions, compiler);
    await rules.refresh();
    return rules;
  }

  of(tenant: string): CurrentRules {
    return this.current.get(tenant) ?? { ...NOTHING, tenant };
  }

  /** A customer's detector as it is now. */
  detector(tenant: string, id: string): Detector | undefined {
    return this.of(tenant).detectors.find((detector) => detector.id === id);
  }

  /** Calls with the rules that there are, and from then on with each that change. */
  onChange(listener: (rules: TenantRules) => void): void {
    this.listeners.push(listener);
    for (const rules of this.current.values()) listener(plain(rules));
  }

  /** Reads what has changed; called after a change in this process, and every few seconds. */
  refresh(): Promise<void> {
    const reading = this.reading.catch(() => {}).then(() => this.read());
    this.reading = reading;
    return reading;
  }

  /**
   * A detector took too long: it is switched off everywhere, until there is a new version of the document. False where
   * that was known.
   */
  switchOff({ tenant, version, detector, reason }: SwitchedOffEvent): boolean {
    const rules = this.of(tenant);
    if (rules.version !== version || rules.switchedOff.some((off) => off.detector === detector)) return false;
    const off = { detector, reason };
    this.put({ ...rules, switchedOff: [...rules.switchedOff, off], off: [...rules.off, off] });
    this.store.switchOff(tenant, version, off).catch(() => {
      this.log.warn(`that ${detector} is switched off could not be stored; it holds for this process`);
    });
    return true;
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.reading.catch(() => {});
  }

  private poll(): void {
    this.refresh().then(
      () => {
        this.failing = false;
      },
      () => {
        if (!this.failing) this.log.warn('rules of the customers cannot be read, so the last good ones stay in force');
        this.failing = true;
      },
    );
  }

  private async read(): Promise<void> {
    const stamps = await this.store.stamps();
    for (const [tenant, stamp] of stamps) {
      if (this.stamps.get(tenant) !== stamp) await this.readTenant(tenant);
    }
    this.stamps = stamps;
  }

  private async readTenant(tenant: string): Promise<void> {
    const [latest, inForce] = await Promise.all([this.store.get(tenant), this.exclusions.inForce(tenant)]);
    const version = latest?.version ?? 0;
    const document = latest?.document ?? NO_DOCUMENT;
    const stored = await this.store.switchedOff(tenant, version);
    const before = this.of(tenant);
    // What was switched off here may not be in the store yet.
    const known = before.version === version ? before.switchedOff : [];
    const switchedOff = [...stored, ...known.filter((off) => !stored.some((s) => s.detector === off.detector))];
    const isNew = before.version !== version;
    const read = isNew ? readCustomDetectors(document, () => this.compiler) : null;
    const broken = read?.broken.map((detector) => ({ detector, reason: BROKEN })) ?? before.off.filter(isBroken);
    this.put({
      tenant,
      version,
      document,
      switchedOff,
      // Which services a team has is known where findings are shown, not in the analysis.
      exclusions: inForce
        .filter(({ team }) => team === null)
        .map(({ detector, service, key, fingerprint, expiresAt }) => ({
          ...{ detector, service, key, fingerprint },
          expiresAt: expiresAt?.getTime() ?? null,
        })),
      detectors: read?.detectors ?? before.detectors,
      off: [...switchedOff, ...broken],
    });
  }

  private put(rules: CurrentRules): void {
    this.current.set(rules.tenant, rules);
    for (const listener of this.listeners) listener(plain(rules));
  }
}

function isBroken({ reason }: SwitchedOff): boolean {
  return reason === BROKEN;
}

function plain({ tenant, version, document, switchedOff, exclusions }: TenantRules): TenantRules {
  return { tenant, version, document, switchedOff, exclusions };
}
