import type { Approval } from '#client/browser';
import { useQuery } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { EXECUTION } from '../data/keys.js';
import { useMay } from '../session/use-me.js';

export interface Told {
  sentence: string;
  severity?: 'low' | 'medium' | 'high' | 'critical';
}

const readFindings = async ({ execution_id, step, index }: Approval): Promise<Told[]> => {
  if (step === 0) {
    const { prediction } = await api.executions.get(execution_id);
    return (prediction?.warnings ?? []).map((sentence) => ({ sentence }));
  }
  const { items } = await api.executions.steps(execution_id, { after: step - 1, limit: 1 });
  const key = `${execution_id}/${step}/${index}`;
  return items.flatMap(({ actions }) => actions).find((action) => action.key === key)?.predicted?.findings ?? [];
};

/** What was foreseen about the action: the sentences behind its risk. */
export const useFindings = (approval: Approval) =>
  useQuery({
    queryKey: [...EXECUTION, approval.execution_id, 'findings', approval.step, approval.index],
    queryFn: () => readFindings(approval),
    enabled: useMay('execution.read'),
  });
