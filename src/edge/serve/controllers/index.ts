import { ExclusionsController } from './exclusions.controller.js';
import { FindingsController } from './findings.controller.js';
import { HealthController } from './health.controller.js';
import { PoliciesController } from './policies.controller.js';
import { QualityController } from './quality.controller.js';
import { ReportsController } from './reports.controller.js';
import { RulesController } from './rules.controller.js';
import { ScoresController } from './scores.controller.js';
import { SessionController } from './session.controller.js';
import { StatusController } from './status.controller.js';
import { UsageController } from './usage.controller.js';

/** Controllers of the API; the OpenAPI document is made of them. */
export const API_CONTROLLERS = [
  FindingsController,
  UsageController,
  PoliciesController,
  ReportsController,
  StatusController,
  SessionController,
  RulesController,
  ExclusionsController,
  QualityController,
  ScoresController,
];

/** What every process serves. */
export const PROCESS_CONTROLLERS = [HealthController];
