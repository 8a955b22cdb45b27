import type { Approval, Execution } from '#client/browser';
import { statusWords } from '../execution/status.rules.js';

export interface Activity {
  /** RFC 3339. */
  at: string;
  key: string;
  kind: 'submitted' | 'ended' | 'asked' | 'answered';
  sentence: string;
  about: string;
  execution_id: string;
  approval_id?: string;
}

const ofExecution = ({
  id,
  task_description: about,
  created_at,
  finished_at,
  status,
  principal,
}: Execution): Activity[] => [
  {
    at: created_at,
    key: `${id} submitted`,
    kind: 'submitted',
    sentence: `${principal.name} submitted`,
    about,
    execution_id: id,
  },
  ...(finished_at
    ? [
        {
          at: finished_at,
          key: `${id} ${finished_at}`,
          kind: 'ended' as const,
          sentence: statusWords(status).word,
          about,
          execution_id: id,
        },
      ]
    : []),
];

const ofApproval = ({ id, execution_id, requested_at, decided_at, status, tool, votes }: Approval): Activity[] => {
  const where = { about: tool, execution_id, approval_id: id };
  const by = votes.at(-1)?.by.name;
  const word = status === 'claimed' ? 'approved' : status;
  const byPerson = by && (word === 'approved' || word === 'rejected');
  return [
    { at: requested_at, key: `${id} asked`, kind: 'asked', sentence: 'asks for approval', ...where },
    ...(decided_at
      ? [
          {
            at: decided_at,
            key: `${id} answered`,
            kind: 'answered' as const,
            sentence: byPerson ? `${word} by ${by}` : word,
            ...where,
          },
        ]
      : []),
  ];
};

/** What happened last, newest first, from what the lists hold. */
export const activityOf = (executions: Execution[], approvals: Approval[], most: number): Activity[] =>
  [...executions.flatMap(ofExecution), ...approvals.flatMap(ofApproval)]
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, most);
