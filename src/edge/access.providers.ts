import type { Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog } from './audit/audit-log.js';
import { Callers } from './auth/callers.js';
import { Keyring } from './auth/keyring.js';
import type { Secrets } from './auth/secrets.js';
import { Senders } from './auth/senders.js';
import { TextGuard } from './rules/text-guard.js';
import { PostgresAccessTokenStore } from './store/access-token-store.js';
import { PostgresSessionStore } from './store/session-store.js';

interface Parts {
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
export function auditProviders({ secrets }: Parts): Provider[] {
  const keys = new Keyring(secrets.masterKey);
  return [
    {
      provide: AuditLog,
      useFactory: (dataSource: DataSource, guard: TextGuard) =>
        new AuditLog(dataSource, (tenant) => keys.auditChain(tenant), guard),
      inject: [DataSource, TextGuard],
    },
  ];
}
