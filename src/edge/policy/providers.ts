import type { Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog } from '../audit/audit-log.js';
import { PostgresPolicyLife } from '../store/policy-life.js';
import { PostgresPolicySetStore } from '../store/policy-set-store.js';

/** The life of policies, where people or jobs decide on it. */
export function policyProviders(): Provider[] {
  return [PostgresPolicyLife, PostgresPolicySetStore].map((store) => ({
    provide: store,
    useFactory: (dataSource: DataSource, audit: AuditLog) => new store(dataSource, audit),
    inject: [DataSource, AuditLog],
  }));
}
