import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Config } from '../../config.js';
import { DEFAULT_SET } from '../../engine/model/rollout.js';
import { adaptSampling } from '../../flow/adapt-sampling.js';
import { suggestSampling } from '../../flow/suggest-sampling.js';
import type { RuleSet } from '../files/rule-files.js';
import { PostgresBudgetStore } from '../store/budget-store.js';
import { PostgresPolicyStore } from '../store/policy-store.js';
import { priceModels, usableModels } from '../store/price-models.js';
import { PostgresQualityStore } from '../store/quality-store.js';
import { SamplingStore } from '../store/sampling-store.js';
import { PostgresUsageStore } from '../store/usage-store.js';
import { CONFIG, RULES } from '../tokens.js';

/** What jobs do for sampling policies. */
@Injectable()
export class SamplingJobs {
  private readonly log = new Logger('Sampling');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RULES) private readonly rules: RuleSet,
    private readonly policies: PostgresPolicyStore,
    private readonly sampling: SamplingStore,
    private readonly quality: PostgresQualityStore,
    private readonly usage: PostgresUsageStore,
    private readonly budgets: PostgresBudgetStore,
  ) {}

  /** A round of the policies whose probabilities follow the traffic. */
  async adapt(tenant: string, now = new Date()): Promise<void> {
    const approved = await this.policies.approved(tenant, DEFAULT_SET);
    const models = usableModels(await priceModels(tenant, this.rules.prices, this.usage));
    const modelOf = (id: string) => models.get(id);
    const rounds = await adaptSampling(tenant, now, approved, this.sources(), this.sampling, modelOf);
    for (const { id, outcome, reason, changes } of rounds) {
      if (outcome === 'changed') this.log.log(`policy ${id}: ${changes.length} probabilities changed: ${reason}`);
      if (outcome === 'without_effect') this.log.warn(`policy ${id}: ${reason}`);
    }
  }

  /** Offers sampling where a budget is exceeded or a few operations are most of the traffic. */
  async suggest(tenant: string, now = new Date()): Promise<void> {
    const alerts = await this.budgets.raised(tenant, now);
    const models = usableModels(await priceModels(tenant, this.rules.prices, this.usage));
    const approved = await this.policies.approved(tenant, DEFAULT_SET);
    await suggestSampling(tenant, now, alerts, (id) => models.get(id), { ...this.sources(), approved }, this.sampling);
  }

  private sources() {
    return { quality: this.quality, usage: this.usage, tap: this.config.tap };
  }
}
