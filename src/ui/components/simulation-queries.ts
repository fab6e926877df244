import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Simulation, SimulationDetail, SimulationPage } from '../../edge/serve/contract.js';
import { get, send } from '../api.js';

const POLL_MS = 2_000;

/** The newest simulation of a policy, asked again and again while it runs; null where there is none. */
export function useNewestSimulation(policy: string) {
  return useQuery({
    queryKey: ['simulations', policy],
    queryFn: async () => {
      const { data } = await get<SimulationPage>(`/policies/${policy}/simulations`, { limit: 1 });
      return data[0] === undefined ? null : get<SimulationDetail>(`/simulations/${data[0].id}`);
    },
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? POLL_MS : false),
  });
}

/** Starts a simulation of so many seconds. */
export function useStart(policy: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (seconds: number) =>
      send<Simulation>('POST', `/policies/${policy}/simulations`, { body: { duration_seconds: seconds } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['simulations', policy] }),
  });
}

/** Ends the one of an id early. */
export function useStop(policy: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send<SimulationDetail>('DELETE', `/simulations/${id}`),
    onSuccess: (simulation) => client.setQueryData(['simulations', policy], simulation),
    onSettled: () => client.invalidateQueries({ queryKey: ['simulations', policy] }),
  });
}
