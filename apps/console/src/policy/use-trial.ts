import type { Policy } from '#client/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { POLICIES } from '../data/keys.js';
import type { Step } from './draft.rules.js';
import type { DraftDesk } from './use-draft.js';
import { usePolicyChanged } from './use-policies.js';

const TAKE: Readonly<Record<Step, (id: string) => Promise<Policy>>> = {
  check: (id) => api.policies.validate(id),
  replay: (id) => api.policies.shadow(id),
  propose: (id) => api.policies.publish(id),
};

/**
 * Takes a step with the text as it is: it is kept as a draft first, and the same text is the same draft. `proposed` hears
 * what people are asked about.
 */
export const useTrial = ({ draft, write }: DraftDesk, proposed: (policy: Policy) => void) => {
  const queries = useQueryClient();
  const changed = usePolicyChanged();
  const { mutate, isPending, error, variables } = useMutation({
    mutationFn: async (step: Step): Promise<Policy> => {
      const { files, based_on, note } = draft;
      const { id } = await api.policies.draft({
        files: { ...files },
        based_on,
        ...(note.trim() && { note: note.trim() }),
      });
      write({ tried: id });
      return TAKE[step](id);
    },
    onSuccess: (policy, step) => {
      changed(policy);
      if (step === 'propose') proposed(policy);
    },
    // A replay that was refused has left what is wrong with the bundle.
    onError: () => queries.invalidateQueries({ queryKey: POLICIES }),
  });
  return { take: mutate, running: isPending ? (variables ?? null) : null, error };
};
