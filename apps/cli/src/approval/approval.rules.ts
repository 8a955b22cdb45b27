import type { Approval } from '#client';

/** What is asked for, in one line: the tool and what it is to act on. */
export const actionText = ({ tool, arguments: args }: Pick<Approval, 'tool' | 'arguments'>): string => {
  const { path, argv } = args as { path?: unknown; argv?: unknown };
  if (typeof path === 'string') return `${tool} ${path}`;
  if (Array.isArray(argv)) return `${tool} ${argv.join(' ')}`;
  return `${tool} ${JSON.stringify(args)}`;
};

/** The yes of so many people counts for what is there now. */
const approversOf = ({ votes }: Approval): string[] =>
  votes.filter(({ decision, is_void }) => decision === 'approve' && !is_void).map(({ by }) => by.name);

/** What came of an answer, for whoever gave it. */
export const answerText = (approval: Approval): string => {
  const action = actionText(approval);
  if (approval.status === 'rejected') return `Rejected: ${action}.`;
  if (approval.status !== 'pending') return `Approved: ${action}.`;
  const yes = approversOf(approval).length;
  return `Your yes to ${action} counts; ${yes} of ${approval.approvers_needed} approvers so far.`;
};

/** What a terminal obeys instead of showing, but for the tab: control characters and marks that turn text. */
const COMMANDS = /(?!\t)[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const LABEL = 12;

const field = (label: string, text: string): string => label.padEnd(LABEL) + text.replaceAll(/\s+/g, ' ');

type Change = NonNullable<Approval['preview']>[number];

/** The digests of both sides, the diff line by line as it is, and what it does not show. */
const changeLines = ({ path, change, before, after, diff, note }: Change): string[] => [
  '',
  `${change[0]!.toUpperCase()}${change.slice(1)}`.padEnd(LABEL) + path,
  ...(before ? [field('  before', before)] : []),
  ...(after ? [field('  after', after)] : []),
  ...(note ? [field('  note', note)] : []),
  ...(diff ? diff.replace(/\n$/, '').split('\n') : []),
];

/** Whose the arguments are, and what they were before. */
const editLines = ({ by, at, before, before_digest }: Approval['edits'][number]): string[] => [
  '',
  field('Edited by', `${by.name}, ${at}; before (${before_digest}):`),
  ...JSON.stringify(before, null, 2).split('\n'),
];

const ELSEWHERE =
  'its agent runs elsewhere: no hold, no sandbox, nobody here looks at what it does or can take it back';

/** Everything an approver needs to see of a question, in lines that a terminal only shows. */
export const approvalLines = (approval: Approval): string[] => {
  const { requested_by, on_behalf_of, preview, risk, edits, same_as } = approval;
  const yes = approversOf(approval);
  const behind = on_behalf_of.id === requested_by.id ? '' : ` for ${on_behalf_of.name}`;
  const lines = [
    field('Action', actionText(approval)),
    field('Digest', approval.digest),
    field('Run', `${approval.execution_id}, step ${approval.step}`),
    ...(approval.task_description ? [field('Task', approval.task_description)] : []),
    field('Asked by', requested_by.name + behind),
    ...(approval.runs_elsewhere ? [field('Elsewhere', ELSEWHERE)] : []),
    field('Why', [...approval.reasons, `(${approval.determining_policies.join(', ')})`].join(' ')),
    field('Risk', risk === null || risk === undefined ? 'unknown' : risk.toFixed(2)),
    field(
      'Status',
      `${approval.status}, ${yes.length} of ${approval.approvers_needed} approvers ${yes.join(', ')}`.trim(),
    ),
    field('Deadline', `${approval.expires_at}`),
    ...(approval.escalated_at ? [field('Escalated', `${approval.escalated_at}, to admins`)] : []),
    ...(same_as.length > 0 ? [field('Same as', same_as.join(' '))] : []),
    field('You', approval.cannot_decide_because ?? 'can approve or reject it.'),
    '',
    ...JSON.stringify(approval.arguments, null, 2).split('\n'),
    ...edits.flatMap(editLines),
    ...(preview ? preview.flatMap(changeLines) : ['', 'What it changes cannot be foreseen.']),
  ];
  return lines.map((line) => line.replaceAll(COMMANDS, '\ufffd'));
};
