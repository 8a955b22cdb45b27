import type { Approval } from '#client';

/** What is asked for, in one line: the tool and what it is to act on. */
export const actionText = ({ tool, arguments: args }: Pick<Approval, 'tool' | 'arguments'>): string => {
  const { path, argv } = args as { path?: unknown; argv?: unknown };
  if (typeof path === 'string') return `${tool} ${path}`;
  if (Array.isArray(argv)) return `${tool} ${argv.join(' ')}`;
  return `${tool} ${JSON.stringify(args)}`;
};

/** What came of an answer, for whoever gave it. */
export const answerText = (approval: Approval): string => {
  const action = actionText(approval);
  if (approval.status === 'rejected') return `Rejected: ${action}.`;
  if (approval.status !== 'pending') return `Approved: ${action}.`;
  const yes = approval.votes.filter(({ decision }) => decision === 'approve').length;
  return `Your yes to ${action} counts; ${yes} of ${approval.approvers_needed} approvers so far.`;
};
