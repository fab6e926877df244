import { useQuery } from '@tanstack/react-query';
import type { AuditPage, LatestCanaries, PolicyVersions } from '../../edge/serve/contract.js';
import { get } from '../api.js';
import { usePages } from '../queries.js';

const REFRESH_MS = 5_000;

/** All versions of a policy, the latest first; asked again and again, since a roll-out moves by itself. */
export function useVersions(id: string) {
  return useQuery({
    queryKey: ['policies', 'versions', id],
    queryFn: () => get<PolicyVersions>(`/policies/${encodeURIComponent(id)}/versions`),
    select: ({ data }) => data,
    refetchInterval: REFRESH_MS,
  });
}

/** What came of canaries last, by collector, in the last seven days. */
export function useCanaries(policy: string) {
  return useQuery({
    queryKey: ['policies', 'canaries', policy],
    queryFn: () => get<LatestCanaries>('/canaries', { policy }),
    select: ({ data }) => data,
    refetchInterval: REFRESH_MS,
  });
}

/** Steps of a policy's life, the latest first; administrators alone may ask. */
export function usePolicyHistory(id: string) {
  const query = { object: `policy/${id}`, limit: 50 };
  return usePages<AuditPage>('policy history', '/audit', query, () => true, REFRESH_MS);
}
