import type { Playbook, PredictRun, RunPrediction, SubmitExecution } from '#client/browser';

/** What a run is predicted from: the same words and tools its submission is judged by, so that the record says the same number. */
export const questionOf = (
  { task_description, agent_type, max_steps, agent_id, playbook }: SubmitExecution,
  version?: Pick<Playbook, 'tools'>,
): PredictRun => ({
  task_description,
  agent_type,
  agent_id: agent_id ?? playbook?.name ?? agent_type,
  tools: version?.tools ?? [],
  ...(typeof max_steps === 'number' && { max_steps }),
});

/** Whether a prediction is about this task and no other; null: the form holds no complete task. */
export const isAbout = (asked: SubmitExecution | undefined, now: SubmitExecution | null): boolean =>
  asked !== undefined && now !== null && JSON.stringify(asked) === JSON.stringify(now);

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;

/** Lower and upper limit, 0..1; null when the server gives none. */
export const intervalOf = ({ interval }: Pick<RunPrediction, 'interval'>): [number, number] | null => {
  const [low, high] = Array.isArray(interval) ? (interval as unknown[]) : [];
  return isShare(low) && isShare(high) && low <= high ? [low, high] : null;
};

export interface SimilarRun {
  execution_id: string;
  task_description: string | null;
  status: string | null;
  /** 0..1. */
  similarity: number | null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Past runs near this one; entries without an execution are no runs. */
export const similarOf = ({ similar_executions }: Pick<RunPrediction, 'similar_executions'>): SimilarRun[] => {
  const entries: unknown[] = Array.isArray(similar_executions) ? similar_executions : [];
  return entries.flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const said = entry as Record<string, unknown>;
    const execution_id = textOf(said['execution_id'] ?? said['id']);
    if (execution_id === null) return [];
    const similarity = isShare(said['similarity']) ? said['similarity'] : null;
    return [
      { execution_id, task_description: textOf(said['task_description']), status: textOf(said['status']), similarity },
    ];
  });
};

/** `agent_prior` -> `agent prior`, `deception.hide_trace` -> `deception: hide trace`. */
export const factorWords = (name: string): string => name.replaceAll('_', ' ').replace('.', ': ');
