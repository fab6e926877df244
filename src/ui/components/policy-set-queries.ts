import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Policy, PolicyPage, PolicySet, PolicySetList } from '../../edge/serve/contract.js';
import { get, send } from '../api.js';

const REFRESH_MS = 30_000;
export const DEFAULT_SET = 'default';

/** What of a set can be set; what is left out stays. */
export type PolicySetFields = Partial<
  Pick<
    PolicySet,
    | 'description'
    | 'labels'
    | 'stages'
    | 'two_persons'
    | 'simulate_first'
    | 'advance'
    | 'soak_seconds'
    | 'mark_revision'
  >
>;

/** All sets, the default one first. */
export function usePolicySets() {
  return useQuery({
    queryKey: ['policies', 'sets'],
    queryFn: () => get<PolicySetList>('/policy-sets'),
    select: ({ data }) => data,
    refetchInterval: REFRESH_MS,
  });
}

export function usePolicySet(name: string): PolicySet | undefined {
  return usePolicySets().data?.find((set) => set.name === name);
}

/** Conflicts that a policy takes part in. */
export function useConflicts({ id, policy_set: name }: Policy): PolicySet['conflicts'] {
  return usePolicySet(name)?.conflicts.filter(({ policies }) => policies.includes(id)) ?? [];
}

/** Sets up a set; with an etag only if it is still the version that was read. */
export function usePutSet(onDone: (set: PolicySet) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, fields, etag }: { name: string; fields: PolicySetFields; etag: string | null }) =>
      send<PolicySet>('PUT', `/policy-sets/${encodeURIComponent(name)}`, {
        body: fields,
        ...(etag !== null && { ifMatch: etag }),
      }),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
}

export function useRemoveSet(onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name }: Pick<PolicySet, 'name'>) => send('DELETE', `/policy-sets/${encodeURIComponent(name)}`),
    onSuccess: onDone,
    onSettled: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
}

const MOST_TITLES = 200;

/** Titles of policies that are proposed or in force, by id. */
export function usePolicyTitles(): ReadonlyMap<string, string> {
  const { data } = useQuery({
    queryKey: ['policies', 'titles'],
    queryFn: () => get<PolicyPage>('/policies', { limit: MOST_TITLES }),
  });
  return new Map(data?.data.map(({ id, title }) => [id, title]));
}
