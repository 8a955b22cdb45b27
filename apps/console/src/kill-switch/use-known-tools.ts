import { useQuery } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { APPROVALS, PLAYBOOKS } from '../data/keys.js';
import { useMay } from '../session/use-me.js';
import { toolChoices } from './kill-switch.rules.js';

/** Only one playbook at a time names its tools. */
const MOST_PLAYBOOKS = 20;
const MOST_APPROVALS = 100;
const FRESH_MS = 60_000;

const toolsOfPlaybooks = async (): Promise<string[]> => {
  const { items } = await api.playbooks.list({ limit: MOST_PLAYBOOKS });
  const all = await Promise.all(items.map(({ name }) => api.playbooks.get(name)));
  return all.flatMap(({ tools }) => tools ?? []);
};

/** Tools that the newest playbooks use or that people were asked about: suggestions, never a limit. */
export const useKnownTools = (wanted: boolean): string[] => {
  const playbooks = useQuery({
    queryKey: [...PLAYBOOKS, 'tools'],
    queryFn: toolsOfPlaybooks,
    staleTime: FRESH_MS,
    enabled: useMay('playbook.read') && wanted,
  });
  const asked = useQuery({
    queryKey: [...APPROVALS, 'tools'],
    queryFn: async () => (await api.approvals.list({ limit: MOST_APPROVALS })).items.map(({ tool }) => tool),
    staleTime: FRESH_MS,
    enabled: useMay('approval.read') && wanted,
  });
  return toolChoices([...(playbooks.data ?? []), ...(asked.data ?? [])]);
};
