import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Collector, CollectorDetail, CollectorPage, Status } from '../../edge/serve/contract.js';
import { get, type Query, send } from '../api.js';
import { usePages } from '../queries.js';

const REFRESH_MS = 5_000;
const SUMMARY_MS = 15_000;
/** Collectors that the summary counts. */
const MOST = 1_000;

/** Collectors by id, asked again and again: what they say changes by itself. */
export function useCollectors(filter: Query) {
  return usePages<CollectorPage>('collectors', '/collectors', { ...filter, limit: 100 }, () => true, REFRESH_MS);
}

/** The collectors without a filter, for figures and for labels to choose from. */
export function useAllCollectors() {
  return useQuery({
    queryKey: ['collectors', 'all'],
    queryFn: () => get<CollectorPage>('/collectors', { limit: MOST }),
    refetchInterval: SUMMARY_MS,
  });
}

export function useCollector(id: string) {
  return useQuery({
    queryKey: ['collectors', 'one', id],
    queryFn: () => get<CollectorDetail>(`/collectors/${encodeURIComponent(id)}`),
    refetchInterval: REFRESH_MS,
  });
}

/** Takes a collector off the list. */
export function useForget(onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Pick<Collector, 'id'>) => send('DELETE', `/collectors/${encodeURIComponent(id)}`),
    onSuccess: async (_, { id }) => {
      onDone();
      client.removeQueries({ queryKey: ['collectors', 'one', id] });
      await client.invalidateQueries({ queryKey: ['collectors'] });
    },
  });
}

/** Where collectors speak OpAMP to; null where nobody serves it. */
export function useOpampAddress() {
  return useQuery({ queryKey: ['status'], queryFn: () => get<Status>('/status'), select: ({ opamp }) => opamp });
}
