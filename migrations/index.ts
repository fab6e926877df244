import { CreateTenant1795392000000 } from './1795392000000-create-tenant.js';
import { CreateLedger1795392100000 } from './1795392100000-create-ledger.js';
import { CreateUsage1795392200000 } from './1795392200000-create-usage.js';
import { CreateAttributeRollup1795392300000 } from './1795392300000-create-attribute-rollup.js';
import { CreateFinding1795392400000 } from './1795392400000-create-finding.js';
import { CreateServiceOwner1795392500000 } from './1795392500000-create-service-owner.js';
import { CreatePolicy1795392600000 } from './1795392600000-create-policy.js';
import { CreateReport1795392700000 } from './1795392700000-create-report.js';
import { CreateSession1795392800000 } from './1795392800000-create-session.js';
import { AddFindingState1795392900000 } from './1795392900000-add-finding-state.js';
import { CreateFindingEvent1795393000000 } from './1795393000000-create-finding-event.js';
import { CreateFindingDay1795393100000 } from './1795393100000-create-finding-day.js';
import { CreateRuleSet1795394000000 } from './1795394000000-create-rule-set.js';
import { CreateExclusion1795394100000 } from './1795394100000-create-exclusion.js';
import { CreateAttributeDaily1795400000000 } from './1795400000000-create-attribute-daily.js';
import { CreateAttributeGrowth1795400010000 } from './1795400010000-create-attribute-growth.js';
import { AddExclusionTeam1795400100000 } from './1795400100000-add-exclusion-team.js';
import { CreateNamingOverride1795400110000 } from './1795400110000-create-naming-override.js';
import { AddSpanNameShapes1795400200000 } from './1795400200000-add-span-name-shapes.js';
import { CreateQuality1795400300000 } from './1795400300000-create-quality.js';
import { AddUsageEstimates1795401000000 } from './1795401000000-add-usage-estimates.js';
import { CreateUsageSettings1795401100000 } from './1795401100000-create-usage-settings.js';
import { AddReportReaders1795401200000 } from './1795401200000-add-report-readers.js';
import { CreateSubscription1795401210000 } from './1795401210000-create-subscription.js';
import { AddOwnerDates1795402000000 } from './1795402000000-add-owner-dates.js';
import { CreateCostSplit1795402010000 } from './1795402010000-create-cost-split.js';
import { CreateNotification1795402100000 } from './1795402100000-create-notification.js';
import { CreateBudget1795405000000 } from './1795405000000-create-budget.js';
import { CreateCollector1795406000000 } from './1795406000000-create-collector.js';
import { AddCollectorHealth1795406100000 } from './1795406100000-add-collector-health.js';
import { CreateSimulation1795406200000 } from './1795406200000-create-simulation.js';
import { CreateSampling1795406300000 } from './1795406300000-create-sampling.js';
import { CreatePolicyPromise1795406400000 } from './1795406400000-create-policy-promise.js';
import { CreateWatched1795406401000 } from './1795406401000-create-watched.js';
import { CreateRuleVersion1795406402000 } from './1795406402000-create-rule-version.js';
import { AddFindingCode1795406403000 } from './1795406403000-add-finding-code.js';
import { CreateAuditEvent1795406600000 } from './1795406600000-create-audit-event.js';
import { CreateAccessToken1795406610000 } from './1795406610000-create-access-token.js';
import { CreateEvidence1795406700000 } from './1795406700000-create-evidence.js';
import { AddPolicyLife1795406800000 } from './1795406800000-add-policy-life.js';
import { AddCollectorPolicySet1795406810000 } from './1795406810000-add-collector-policy-set.js';

/** All migrations, in the order in which they run. */
export const MIGRATIONS = [
  CreateTenant1795392000000,
  CreateLedger1795392100000,
  CreateUsage1795392200000,
  CreateAttributeRollup1795392300000,
  CreateFinding1795392400000,
  CreateServiceOwner1795392500000,
  CreatePolicy1795392600000,
  CreateReport1795392700000,
  CreateSession1795392800000,
  AddFindingState1795392900000,
  CreateFindingEvent1795393000000,
  CreateFindingDay1795393100000,
  CreateRuleSet1795394000000,
  CreateExclusion1795394100000,
  CreateAttributeDaily1795400000000,
  CreateAttributeGrowth1795400010000,
  AddExclusionTeam1795400100000,
  CreateNamingOverride1795400110000,
  AddSpanNameShapes1795400200000,
  CreateQuality1795400300000,
  AddUsageEstimates1795401000000,
  CreateUsageSettings1795401100000,
  AddReportReaders1795401200000,
  CreateSubscription1795401210000,
  AddOwnerDates1795402000000,
  CreateCostSplit1795402010000,
  CreateNotification1795402100000,
  CreateBudget1795405000000,
  CreateCollector1795406000000,
  AddCollectorHealth1795406100000,
  CreateSimulation1795406200000,
  CreateSampling1795406300000,
  CreatePolicyPromise1795406400000,
  CreateWatched1795406401000,
  CreateRuleVersion1795406402000,
  AddFindingCode1795406403000,
  CreateAuditEvent1795406600000,
  CreateAccessToken1795406610000,
  CreateEvidence1795406700000,
  AddPolicyLife1795406800000,
  AddCollectorPolicySet1795406810000,
];
