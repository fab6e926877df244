import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { advanceRollouts, type RolloutPorts } from '../../flow/rollouts.js';
import { PostgresRollouts, policyFindings, reportingCollectors } from '../policy/rollout-ports.js';
import { PostgresEvidenceStore } from '../store/evidence-store.js';
import { PostgresFindingHistory } from '../store/finding-history.js';
import { PostgresPolicyLife } from '../store/policy-life.js';
import { PostgresPolicySetStore } from '../store/policy-set-store.js';
import { PostgresPolicyStore } from '../store/policy-store.js';
import { PostgresSimulationStore } from '../store/simulation-store.js';

/** Takes roll-outs further and looks after active policies. */
@Injectable()
export class RolloutJob {
  private readonly ports: RolloutPorts;

  constructor(
    dataSource: DataSource,
    policies: PostgresPolicyStore,
    life: PostgresPolicyLife,
    sets: PostgresPolicySetStore,
    evidence: PostgresEvidenceStore,
    history: PostgresFindingHistory,
    simulations: PostgresSimulationStore,
  ) {
    this.ports = {
      rollouts: new PostgresRollouts(policies, life, sets),
      evidence,
      collectors: reportingCollectors(dataSource, sets),
      simulations,
      findings: policyFindings(dataSource, history),
    };
  }

  async run(tenant: string): Promise<void> {
    await advanceRollouts(tenant, Date.now(), this.ports);
  }
}
