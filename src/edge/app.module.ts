import { type DynamicModule, Logger, Module, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { TraceAudits } from '../flow/audit.js';
import { GroupCommit } from '../flow/group-commit.js';
import { accessProviders, auditProviders, REQUEST_AUDIT } from './access.providers.js';
import { AnalysisPool } from './analysis/pool.js';
import { Keyring } from './auth/keyring.js';
import type { Secrets } from './auth/secrets.js';
import { Deliverer } from './deliver/deliverer.js';
import { RULES_DIR, type RuleSet } from './files/rule-files.js';
import { JobQueue } from './jobs/job-queue.js';
import { Jobs } from './jobs/jobs.js';
import { ReportMaker } from './jobs/report-maker.js';
import { ReportSchedules } from './jobs/report-schedules.js';
import { RolloutJob } from './jobs/rollout-job.js';
import { SamplingJobs } from './jobs/sampling-jobs.js';
import { WatchJobs } from './jobs/watch-jobs.js';
import { Metrics } from './metrics.js';
import { opampProviders } from './opamp/opamp.providers.js';
import { policyProviders } from './policy/providers.js';
import { AuditTimer } from './quality/audit-timer.js';
import { OtlpGrpcReceiver } from './receive/otlp-grpc.js';
import { OtlpHttpReceiver } from './receive/otlp-http.js';
import { Receiver } from './receive/receiver.js';
import { patternCompiler } from './regex/index.js';
import { CustomerRules } from './rules/customer-rules.js';
import { RuleChecker } from './rules/rule-checker.js';
import type { SwitchedOffEvent } from './rules/tenant-rules.js';
import { TextGuard } from './rules/text-guard.js';
import { AccessGuard } from './serve/access.guard.js';
import { API_CONTROLLERS, PROCESS_CONTROLLERS } from './serve/controllers/index.js';
import { FindingChangeReader } from './serve/finding-change.js';
import { FindingsShown } from './serve/findings-shown.js';
import { OpenApiController } from './serve/openapi.controller.js';
import { PolicyDrafts } from './serve/policy-draft.js';
import { PolicySets } from './serve/policy-sets.js';
import { ProblemFilter } from './serve/problems.js';
import { RemoteSamplingGrpc } from './serve/remote-sampling-grpc.js';
import { RemoteSamplingHttp } from './serve/remote-sampling-http.js';
import { SamplingStrategies } from './serve/sampling-strategies.js';
import { UsageMetrics } from './serve/usage-metrics.js';
import { LiveSimulations } from './simulation/live-simulations.js';
import { PostgresAccessTokenStore } from './store/access-token-store.js';
import { AttributeDays } from './store/attribute-days.js';
import { PostgresAttributeStore } from './store/attribute-store.js';
import { PostgresAuditStore } from './store/audit-store.js';
import { PostgresBudgetStore } from './store/budget-store.js';
import { PostgresCanaryStore } from './store/canary-store.js';
import { PostgresCollectorStore } from './store/collector-store.js';
import { PostgresEvidenceStore } from './store/evidence-store.js';
import { PostgresExclusionStore } from './store/exclusion-store.js';
import { PostgresFindingHistory } from './store/finding-history.js';
import { PostgresFindingStore } from './store/finding-store.js';
import { PostgresNamingStore } from './store/naming-store.js';
import { PostgresNotificationStore } from './store/notification-store.js';
import { PostgresPolicyStore } from './store/policy-store.js';
import { PostgresQualityStore } from './store/quality-store.js';
import { PostgresReportFactStore } from './store/report-fact-store.js';
import { PostgresReportStore } from './store/report-store.js';
import { PostgresRollupStore } from './store/rollup-store.js';
import { PostgresRuleStore } from './store/rule-store.js';
import { PostgresRuleVersionStore } from './store/rule-version-store.js';
import { SamplingStore } from './store/sampling-store.js';
import { PostgresSavingStore } from './store/saving-store.js';
import { PostgresSessionStore } from './store/session-store.js';
import { PostgresSimulationStore } from './store/simulation-store.js';
import { PostgresSpanNameStore } from './store/span-name-store.js';
import { PostgresSubscriptionStore } from './store/subscription-store.js';
import { PostgresUsageStore } from './store/usage-store.js';
import { PostgresWatchStore } from './store/watch-store.js';
import { ANALYSER, COMMITS, CONFIG, DATABASE_URL, PROCESS, type ProcessInfo, RULES, SECRETS } from './tokens.js';

/** What the process made before Nest puts the rest together. */
export interface AppParts {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly dataSource: DataSource;
  readonly secrets: Secrets;
  readonly rules: RuleSet;
  readonly process: ProcessInfo;
}

const STORES = [
  PostgresFindingStore,
  PostgresFindingHistory,
  PostgresPolicyStore,
  PostgresReportStore,
  PostgresReportFactStore,
  PostgresSessionStore,
  PostgresAccessTokenStore,
  PostgresAuditStore,
  PostgresUsageStore,
  PostgresAttributeStore,
  AttributeDays,
  PostgresRuleStore,
  PostgresExclusionStore,
  PostgresSpanNameStore,
  PostgresNamingStore,
  PostgresQualityStore,
  PostgresBudgetStore,
  PostgresEvidenceStore,
  PostgresSimulationStore,
  PostgresCollectorStore,
  PostgresCanaryStore,
  SamplingStore,
  PostgresSavingStore,
  PostgresWatchStore,
  PostgresRuleVersionStore,
];

const SAMPLING_SERVERS = [SamplingStrategies, RemoteSamplingHttp, RemoteSamplingGrpc];

/** Requests that share a transaction at most. */
const MAX_GROUP = 256;

/** One process: what all roles need, and then what its roles are. */
@Module({})
export class AppModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  static of(parts: AppParts): DynamicModule {
    const { roles } = parts.config;
    return {
      module: AppModule,
      controllers: [...PROCESS_CONTROLLERS, ...(roles.has('api') ? [...API_CONTROLLERS, OpenApiController] : [])],
      providers: [
        { provide: CONFIG, useValue: parts.config },
        { provide: DATABASE_URL, useValue: parts.databaseUrl },
        { provide: DataSource, useValue: parts.dataSource },
        { provide: SECRETS, useValue: parts.secrets },
        { provide: RULES, useValue: parts.rules },
        { provide: PROCESS, useValue: parts.process },
        { provide: Metrics, useFactory: () => new Metrics() },
        ...accessProviders(parts),
        ...STORES.map((store): Provider => ({ provide: store, useFactory: () => new store(parts.dataSource) })),
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        JobQueue,
        {
          provide: CustomerRules,
          useFactory: (rules: PostgresRuleStore, exclusions: PostgresExclusionStore) =>
            CustomerRules.start(rules, exclusions, patternCompiler().compiler),
          inject: [PostgresRuleStore, PostgresExclusionStore],
        },
        ...(roles.has('ingest') ? ingestProviders(parts) : []),
        ...(roles.has('api') ? [PolicySets, PolicyDrafts, FindingChangeReader, RuleChecker] : []),
        ...(roles.has('api') ? [PolicySets, FindingChangeReader, RuleChecker, ...opampProviders()] : []),
        ...(roles.has('api') ? [PolicySets, FindingChangeReader, RuleChecker, ...SAMPLING_SERVERS] : []),
        ...(roles.has('api') || roles.has('jobs') ? [TextGuard] : []),
        ...(roles.has('api') ? [PolicySets, FindingChangeReader, RuleChecker] : []),
        ...(roles.has('api') || roles.has('jobs') ? [TextGuard, ...auditProviders(parts), ...policyProviders()] : []),
        ...(roles.has('api') ? [PolicySets, FindingChangeReader, RuleChecker, ...REQUEST_AUDIT] : []),
        ...(roles.has('api') || roles.has('jobs') ? [TextGuard, ...auditProviders(parts)] : []),
        ...(roles.has('api') ? [PolicySets, FindingChangeReader, RuleChecker, UsageMetrics] : []),
        ...(roles.has('api') || roles.has('jobs') ? [TextGuard, FindingsShown] : []),
        {
          provide: PostgresSubscriptionStore,
          useFactory: () => {
            const keys = new Keyring(parts.secrets.masterKey);
            return new PostgresSubscriptionStore(parts.dataSource, (tenant) => keys.sealing(tenant));
          },
        },
        {
          provide: PostgresNotificationStore,
          useFactory: () => {
            const keys = new Keyring(parts.secrets.masterKey);
            return new PostgresNotificationStore(parts.dataSource, (tenant) => keys.sealing(tenant));
          },
        },
        ReportSchedules,
        ...(roles.has('jobs') ? [Deliverer, ReportMaker, RolloutJob, Jobs] : []),
        ...(roles.has('jobs') ? [Deliverer, ReportMaker, SamplingJobs, Jobs] : []),
        ...(roles.has('jobs') ? [Deliverer, ReportMaker, WatchJobs, Jobs] : []),
      ],
    };
  }

  /** Last of all: receivers and jobs have stopped when this is called. */
  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

function ingestProviders({ config, secrets, dataSource }: AppParts): Provider[] {
  const { conventionsDir, maxRequestBytes, simulationPercent, ownerKeys } = config;
  const limits = { maxRequestBytes, simulationPercent };
  const keys = { masterKey: secrets.masterKey, ...(ownerKeys !== null && { ownerKeys }) };
  const setup = { rulesDir: RULES_DIR, conventionsDir, ...keys, ...limits };
  return [
    {
      provide: ANALYSER,
      useFactory: async (metrics: Metrics, rules: CustomerRules) => {
        const log = new Logger('Analysis');
        const onLost = ({ name }: Error): void => {
          metrics.lostThreads.inc();
          // Only the kind of the error: its message could hold what was being analysed.
          log.error(`a thread died (${name}); another takes its place`);
        };
        const onSwitchedOff = (event: SwitchedOffEvent): void => {
          if (!rules.switchOff(event)) return;
          metrics.switchedOffRules.inc();
          log.warn(`detector ${event.detector} ${event.reason}; it is switched off until its rules change`);
        };
        const pool = await AnalysisPool.start(config.analysisThreads, setup, onLost, onSwitchedOff);
        rules.onChange((changed) => pool.setRules(changed));
        return pool;
      },
      inject: [Metrics, CustomerRules],
    },
    {
      provide: COMMITS,
      useFactory: (metrics: Metrics, queue: JobQueue, { audits }: AuditTimer) =>
        new GroupCommit(new PostgresRollupStore(dataSource), {
          maxBatches: MAX_GROUP,
          onCounted: (batch, services) => audits.counted(batch, services),
          onCommit: ({ newFindings, duplicates }) => {
            metrics.duplicates.inc(duplicates);
            metrics.newFindings.inc(newFindings);
            // Without the queue suggestions come later, by schedule.
            if (newFindings > 0) queue.add('suggest', { tenant: 'default' }, 'suggest default').catch(() => {});
          },
        }),
      inject: [Metrics, JobQueue, AuditTimer],
    },
    {
      provide: AuditTimer,
      useFactory: (quality: PostgresQualityStore) => {
        const startedAt = Date.now();
        const limits = { idleMs: config.traceIdleSeconds * 1000 };
        return new AuditTimer(new TraceAudits(quality.sink(new Date(startedAt)), startedAt, limits));
      },
      inject: [PostgresQualityStore],
    },
    {
      provide: LiveSimulations,
      useFactory: (pool: AnalysisPool, simulations: PostgresSimulationStore) =>
        new LiveSimulations(simulations, pool, config.traceIdleSeconds * 1000),
      inject: [ANALYSER, PostgresSimulationStore],
    },
    Receiver,
    OtlpHttpReceiver,
    OtlpGrpcReceiver,
  ];
}
