import type { KillSwitch, Page } from '#client/browser';
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { EXECUTIONS, KILL_SWITCHES } from '../data/keys.js';
import { useMay } from '../session/use-me.js';
import { usePages } from '../table/use-pages.js';
import { paceMs } from './kill-switch.rules.js';

const MOST = 200;
const PAGE = 50;

/** Those that are not released. Hints say that one changed; what none tells is looked at while it moves. */
export const useOpenSwitches = (): UseQueryResult<Page<KillSwitch>> =>
  useQuery({
    queryKey: [...KILL_SWITCHES, 'open'],
    queryFn: () => api.killSwitches.list({ limit: MOST }),
    refetchInterval: ({ state }) => paceMs(state.data?.items ?? []),
    enabled: useMay('kill.read'),
  });

/** Those that are over, rehearsals among them, newest first. */
export const useReleasedSwitches = () =>
  usePages([...KILL_SWITCHES, 'released'], (cursor) =>
    api.killSwitches.list({ status: 'released', limit: PAGE, ...(cursor && { cursor }) }),
  );

/** One switch as it goes on; null: nobody has it any more. A rehearsal is over as soon as everything is counted. */
export const useKillSwitch = (begun: KillSwitch): UseQueryResult<KillSwitch | null> =>
  useQuery({
    queryKey: [...KILL_SWITCHES, 'one', begun.id],
    queryFn: async () => {
      const itself = ({ id }: KillSwitch): boolean => id === begun.id;
      const open = (await api.killSwitches.list({ limit: MOST })).items.find(itself);
      return open ?? (await api.killSwitches.list({ status: 'released', limit: PAGE })).items.find(itself) ?? null;
    },
    initialData: begun,
    refetchInterval: ({ state }) => paceMs(state.data ? [state.data] : []),
  });

/** Makes stale whatever a stop or a release changes. */
export const useSwitched = (): (() => void) => {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: KILL_SWITCHES });
    void queries.invalidateQueries({ queryKey: EXECUTIONS });
  };
};
