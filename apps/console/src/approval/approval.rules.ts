import type { Approval } from '#client/browser';

export const TABS = ['pending', 'answered', 'all', 'bypasses'] as const;
export type Tab = (typeof TABS)[number];

/** The tab of the inbox as it stands in the page's URL; the first one is not written. */
export const approvalTabOf = (search: Record<string, unknown>): { tab?: Tab } => {
  const tab = TABS.find((one) => one === search['tab']);
  return tab && tab !== 'pending' ? { tab } : {};
};

/** The most urgent first; of the same deadline the older one. */
export const byDeadline = (approvals: readonly Approval[]): Approval[] =>
  [...approvals].sort((a, b) => a.expires_at.localeCompare(b.expires_at) || a.id.localeCompare(b.id));

/** Different people whose yes is to what is there now. */
export const yesCount = ({ votes }: Pick<Approval, 'votes'>): number =>
  new Set(votes.filter(({ decision, is_void }) => decision === 'approve' && !is_void).map(({ by }) => by.id)).size;

type Counted = Pick<Approval, 'approvers_needed' | 'votes'>;

export const stillNeeded = (approval: Counted): number => Math.max(0, approval.approvers_needed - yesCount(approval));

/** `needs 2 approvers, 1 said yes` */
export const needsText = (approval: Counted): string => {
  const { approvers_needed: needed } = approval;
  const yes = yesCount(approval);
  const said = yes > 0 ? `, ${yes} said yes` : '';
  return `needs ${needed} ${needed === 1 ? 'approver' : 'approvers'}${said}`;
};

const OUTCOMES: Record<Approval['status'], { words: string; colour: string }> = {
  pending: { words: 'Waiting for an answer', colour: 'var(--medium)' },
  approved: { words: 'Approved', colour: 'var(--low)' },
  claimed: { words: 'Approved and used', colour: 'var(--low)' },
  rejected: { words: 'Rejected', colour: 'var(--critical)' },
  expired: { words: 'Expired: no answer in time is a no', colour: 'var(--neutral)' },
  withdrawn: { words: 'Withdrawn: its run has ended', colour: 'var(--neutral)' },
};

export const outcomeOf = (status: Approval['status']): { words: string; colour: string } => OUTCOMES[status];

export interface Wish {
  /** What the agent wants to do; what it wants to do it to is in `objects`, as it was written by others. */
  verb: string;
  objects: string[];
}

/** Nothing that only the detail has: a list says the same of it. */
type Asked = Pick<Approval, 'tool' | 'target' | 'arguments' | 'task_description'>;

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string' && one !== '');

/** `file.delete@v1` -> `file.delete` */
export const toolName = (tool: string): string => tool.replace(/@v\d+$/, '');

/** One word of a command; quoted when it would not be read as one. */
const word = (text: string): string => (/^[\w@%+=:,./~-]+$/.test(text) ? text : JSON.stringify(text));

/** What is asked for, as the beginning of a sentence. A tool that nobody has described yet is named. */
export const wishOf = (approval: Asked): Wish => {
  const { tool, target, arguments: given, task_description } = approval;
  const paths = texts(target['path']);
  switch (toolName(tool)) {
    case 'file.delete':
      return { verb: given['recursive'] === true ? 'delete, with everything in it,' : 'delete', objects: paths };
    case 'file.write':
      return { verb: 'write', objects: paths };
    case 'file.read':
      return { verb: 'read', objects: paths };
    case 'file.list':
      return { verb: 'list', objects: paths };
    case 'shell.run':
      return { verb: 'run', objects: [texts(given['argv']).map(word).join(' ')].filter((line) => line !== '') };
    case 'execution.submit':
      return { verb: 'start a run:', objects: texts(task_description) };
    default:
      return { verb: `use ${toolName(tool)} on`, objects: paths };
  }
};

/** What is said in the place of the changes, where there are none to show. */
export const unforeseen = ({ preview, runs_elsewhere }: Pick<Approval, 'preview' | 'runs_elsewhere'>): string => {
  if (runs_elsewhere) {
    return 'Its agent runs elsewhere, and nobody here can tell beforehand. There is no hold and no sandbox, nobody looks at what it does, and nobody here can take it back.';
  }
  return preview
    ? 'Nothing would change.'
    : 'The tool cannot tell beforehand. What it does is held, looked at and judged afterwards.';
};

/** The paths it names, most telling first. */
export const pathsOf = ({ target, preview }: Pick<Approval, 'target' | 'preview'>): string[] => [
  ...new Set([...texts(target['path']), ...(preview ?? []).map(({ path }) => path)]),
];

/** An argument as people can read it: a text of several lines as it is, everything else as JSON. */
export const argumentText = (value: unknown): string =>
  typeof value === 'string' && value.trimEnd().includes('\n')
    ? value
    : (JSON.stringify(value, null, 1) ?? 'null').replaceAll(/\n\s*/g, ' ');

/**
 * Which pending approval to look at when `left` has been answered: the one that comes after it and can be answered, else
 * the first such, else any other. Null: none is left.
 */
export const nextOf = (pending: readonly Pick<Approval, 'id' | 'can_decide'>[], left: string): string | null => {
  const at = pending.findIndex(({ id }) => id === left);
  const others = [...pending.slice(at + 1), ...pending.slice(0, Math.max(0, at))].filter(({ id }) => id !== left);
  return (others.find(({ can_decide }) => can_decide) ?? others[0])?.id ?? null;
};

/** How the answers to identical requests went, after the first one. */
export interface SameAnswers {
  answered: number;
  refused: number;
}

/** `2 identical requests got the same answer; 1 could not be answered.` */
export const sameText = ({ answered, refused }: SameAnswers): string => {
  const requests = (count: number): string => `${count} identical ${count === 1 ? 'request' : 'requests'}`;
  const said = answered > 0 ? `${requests(answered)} got the same answer` : '';
  const not = refused > 0 ? `${answered > 0 ? refused : requests(refused)} could not be answered` : '';
  const parts = [said, not].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` ${parts.join('; ')}.`;
};

/** What happens next, for whoever has just answered. */
export const afterwards = (
  answer: Counted & Pick<Approval, 'status' | 'runs_elsewhere'>,
): { title: string; message: string } => {
  switch (answer.status) {
    case 'rejected':
      return {
        title: 'Rejected',
        message: answer.runs_elsewhere
          ? 'The agent is told no when it asks again.'
          : 'The action is not done. Its run is told so, with your reason.',
      };
    case 'pending': {
      const needed = stillNeeded(answer);
      const who = needed === 1 ? 'Another approver is' : `${needed} other approvers are`;
      return { title: 'Your yes counts', message: `${who} still needed. Until then nothing is done.` };
    }
    case 'approved':
    case 'claimed':
      return {
        title: 'Approved',
        message: answer.runs_elsewhere
          ? 'The agent is told yes when it asks again, for exactly this action. Nobody here sees what it then does.'
          : 'The run goes on with exactly this action; if what it would change has changed meanwhile, it is not done.',
      };
    case 'expired':
    case 'withdrawn':
      return { title: outcomeOf(answer.status).words, message: 'Nothing is done.' };
  }
};
