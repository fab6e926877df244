import type { DataSource } from 'typeorm';
import type { PolicyVersion } from '../../engine/model/policy.js';
import { SamplingStateRow } from './entities/sampling.js';

/** Versions with the probabilities that are in force now, where they follow the traffic. */
export async function withRatesInForce<Version extends PolicyVersion>(
  dataSource: DataSource,
  tenant: string,
  versions: readonly Version[],
): Promise<Version[]> {
  const isAdaptive = ({ policy: { action } }: PolicyVersion): boolean => action.kind === 'sample' && action.adaptive;
  if (!versions.some(isAdaptive)) return [...versions];
  const select = { policyId: true, version: true, rates: true } as const;
  const rows = await dataSource.getRepository(SamplingStateRow).find({ select, where: { tenantId: tenant } });
  return versions.map((one) => {
    const row = rows.find(({ policyId, version }) => policyId === one.id && version === one.version);
    const { action } = one.policy;
    if (!isAdaptive(one) || action.kind !== 'sample' || !row?.rates) return one;
    const { operations, otherwise } = row.rates;
    return { ...one, policy: { ...one.policy, action: { ...action, operations, otherwise } } };
  });
}
