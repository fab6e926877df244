import { AttributeBudgetsController } from './attribute-budgets.controller.js';
import { AttributesController } from './attributes.controller.js';
import { AuditController } from './audit.controller.js';
import { BudgetsController } from './budgets.controller.js';
import { CanariesController } from './canaries.controller.js';
import { CollectorsController } from './collectors.controller.js';
import { ConventionsController } from './conventions.controller.js';
import { CostSplitsController } from './cost-splits.controller.js';
import { CostsController } from './costs.controller.js';
import { ExclusionsController } from './exclusions.controller.js';
import { FindingsController } from './findings.controller.js';
import { HealthController } from './health.controller.js';
import { NamingDecisionsController } from './naming-decisions.controller.js';
import { NotificationRulesController } from './notification-rules.controller.js';
import { OwnersController } from './owners.controller.js';
import { PoliciesController } from './policies.controller.js';
import { PolicyLifeController } from './policy-life.controller.js';
import { PolicySetsController } from './policy-sets.controller.js';
import { QualityController } from './quality.controller.js';
import { ReportsController } from './reports.controller.js';
import { RulesController } from './rules.controller.js';
import { SamplingController } from './sampling.controller.js';
import { SavingsController } from './savings.controller.js';
import { ScoresController } from './scores.controller.js';
import { SessionController } from './session.controller.js';
import { SimulationsController } from './simulations.controller.js';
import { SpanNamesController } from './span-names.controller.js';
import { StatusController } from './status.controller.js';
import { SubscriptionsController } from './subscriptions.controller.js';
import { TokensController } from './tokens.controller.js';
import { UsageMetricsController } from './usage-metrics.controller.js';

/** Controllers of the API; the OpenAPI document is made of them. */
export const API_CONTROLLERS = [
  FindingsController,
  OwnersController,
  CostSplitsController,
  AttributesController,
  AttributeBudgetsController,
  CostsController,
  SavingsController,
  BudgetsController,
  PoliciesController,
  PolicyLifeController,
  PolicySetsController,
  SimulationsController,
  CollectorsController,
  SamplingController,
  ReportsController,
  StatusController,
  SessionController,
  RulesController,
  ExclusionsController,
  SpanNamesController,
  ConventionsController,
  NamingDecisionsController,
  QualityController,
  ScoresController,
  SubscriptionsController,
  NotificationRulesController,
  TokensController,
  AuditController,
  CanariesController,
  UsageMetricsController,
];

/** What every process serves. */
export const PROCESS_CONTROLLERS = [HealthController];
