import type { Execution, Page } from '#client/browser';
import { useQuery } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { EXECUTIONS } from '../data/keys.js';

const MOST = 200;
const FRESH_MS = 60_000;

interface Recent {
  agents: string[];
  agentTypes: string[];
  workspaces: string[];
}

const once = (texts: readonly (string | null | undefined)[]): string[] => [
  ...new Set(texts.filter((text): text is string => Boolean(text))),
];

const recentOf = ({ items }: Page<Execution>): Recent => ({
  agents: once(items.map(({ agent_id }) => agent_id)),
  agentTypes: once(items.map(({ agent_type }) => agent_type)),
  workspaces: once(items.map(({ workspace }) => workspace?.path)),
});

const NOTHING: Recent = { agents: [], agentTypes: [], workspaces: [] };

/** What the team's last runs used, newest first: suggestions, never a limit. */
export const useRecent = (): Recent =>
  useQuery({
    queryKey: [...EXECUTIONS, 'recent'],
    queryFn: () => api.executions.list({ limit: MOST }),
    select: recentOf,
    staleTime: FRESH_MS,
  }).data ?? NOTHING;
