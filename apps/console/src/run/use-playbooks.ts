import type { Page, Playbook } from '#client/browser';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { PLAYBOOKS } from '../data/keys.js';
import { type Declaration, declarationsOf } from './playbook-inputs.rules.js';

const MOST = 200;

export const usePlaybooks = (): UseQueryResult<Page<Playbook>> =>
  useQuery({ queryKey: [...PLAYBOOKS, 'list'], queryFn: () => api.playbooks.list({ limit: MOST }) });

export interface PlaybookVersion {
  playbook: Playbook;
  declarations: Declaration[];
}

/** The newest version of a playbook with the inputs its file declares; the file was judged when it was registered. */
export const usePlaybook = (name: string | null): UseQueryResult<PlaybookVersion> =>
  useQuery({
    queryKey: [...PLAYBOOKS, 'version', name],
    queryFn: async () => {
      const [playbook, { parse }] = await Promise.all([api.playbooks.get(name!), import('yaml')]);
      return { playbook, declarations: declarationsOf(parse(playbook.source ?? '', { maxAliasCount: 0 })) };
    },
    enabled: name !== null,
  });
