/** First words of query keys; a hint names what changed and these are what it makes stale. */
export const ME = ['me'] as const;
export const SIGN_IN_METHODS = ['sign-in-methods'] as const;
export const EXECUTIONS = ['executions'] as const;
export const EXECUTION = ['execution'] as const;
export const APPROVALS = ['approvals'] as const;
export const BYPASSES = ['bypasses'] as const;
export const ACTIVITY = ['activity'] as const;
export const PLAYBOOKS = ['playbooks'] as const;
export const MEMBERS = ['members'] as const;
export const TEAMS = ['teams'] as const;
export const SESSIONS = ['sessions'] as const;
export const API_KEYS = ['api-keys'] as const;
export const KILL_SWITCHES = ['kill-switches'] as const;
export const BUDGETS = ['budgets'] as const;
export const VIOLATIONS = ['violations'] as const;
export const API_KEY_CHOICES = ['api-key-choices'] as const;
export const POLICIES = ['policies'] as const;

export interface Hint {
  type: string;
  id: string;
}

/** Keys, or beginnings of keys, of what a hint makes stale. Unknown hints make nothing stale. */
export const staleBy = ({ type, id }: Hint): readonly (readonly unknown[])[] => {
  const [noun] = type.split('.', 1);
  switch (noun) {
    case 'execution':
      // Whatever runs spends.
      return [EXECUTIONS, ACTIVITY, BUDGETS, [...EXECUTION, id]];
    case 'approval':
      return [APPROVALS, ACTIVITY];
    case 'bypass':
      return [BYPASSES];
    case 'playbook':
      return [PLAYBOOKS];
    case 'member':
      return [MEMBERS, ME, APPROVALS, API_KEYS, API_KEY_CHOICES];
    case 'kill':
      return [KILL_SWITCHES];
    case 'budget':
      return [BUDGETS];
    case 'violation':
      return [VIOLATIONS];
    case 'policy':
      return [POLICIES];
    default:
      return [];
  }
};
