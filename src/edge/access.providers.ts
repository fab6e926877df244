import type { Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { AuditLog } from './audit/audit-log.js';
import { AuditVerifier } from './audit/audit-verifier.js';
import { CheckpointSigner } from './audit/checkpoint.js';
import { PendingChanges } from './audit/pending-changes.js';
import { RequestAudit } from './audit/request-audit.js';
import { Callers } from './auth/callers.js';
import { Keyring } from './auth/keyring.js';
import type { Secrets } from './auth/secrets.js';
import { Senders } from './auth/senders.js';
import { Metrics } from './metrics.js';
import { TextGuard } from './rules/text-guard.js';
import { AuditInterceptor } from './serve/audit.interceptor.js';
import { PostgresAccessTokenStore } from './store/access-token-store.js';
import { PostgresAuditStore } from './store/audit-store.js';
import { PostgresSessionStore } from './store/session-store.js';

interface Parts {
  readonly config: Config;
  readonly secrets: Secrets;
}

/** Who calls and who may send, in every process. */
export function accessProviders({ secrets }: Parts): Provider[] {
  return [
    {
      provide: Callers,
      useFactory: (tokens: PostgresAccessTokenStore, sessions: PostgresSessionStore) =>
        new Callers(secrets, tokens, sessions),
      inject: [PostgresAccessTokenStore, PostgresSessionStore],
    },
    { provide: Senders, useFactory: (callers: Callers) => new Senders(callers), inject: [Callers] },
  ];
}

/** The audit log, where there is something to record. */
export function auditProviders({ config, secrets }: Parts): Provider[] {
  const keys = new Keyring(secrets.masterKey);
  const keyOf = (tenant: string): Uint8Array => keys.auditChain(tenant);
  return [
    {
      provide: AuditLog,
      useFactory: (dataSource: DataSource, guard: TextGuard) => new AuditLog(dataSource, keyOf, guard),
      inject: [DataSource, TextGuard],
    },
    {
      provide: PendingChanges,
      useFactory: (dataSource: DataSource, log: AuditLog) => new PendingChanges(dataSource, log),
      inject: [DataSource, AuditLog],
    },
    {
      provide: AuditVerifier,
      useFactory: (dataSource: DataSource, events: PostgresAuditStore, log: AuditLog, metrics: Metrics) => {
        const signer = new CheckpointSigner(keys.auditSigner());
        return new AuditVerifier(config.home, dataSource, events, log, keyOf, signer, metrics);
      },
      inject: [DataSource, PostgresAuditStore, AuditLog, Metrics],
    },
  ];
}

/** Has requests to the API recorded. */
export const REQUEST_AUDIT: readonly Provider[] = [
  RequestAudit,
  { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
];
