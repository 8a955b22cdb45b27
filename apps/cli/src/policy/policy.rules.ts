import type { Policy, PolicyOverview } from '#client';

type Check = NonNullable<Policy['check']>;
type Shadow = NonNullable<Policy['shadow']>;
type Summary = PolicyOverview['items'][number];
type Flip = Shadow['flips'][number];

const SHOWN_GROUPS = 20;

const FILES = /^(?:schema\.cedarschema|path-classes\.yaml|[^/]+\.cedar|tests\/[^/]+\.yaml)$/;

/** Whether a file of a folder belongs to its bundle; its README does not. */
export const isBundleFile = (name: string): boolean => FILES.test(name);

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What came of a validation, problems first. */
export const checkLines = ({ ok, problems, policies, tests_passed, tests_failed }: Check): string[] => [
  ...problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)),
  ok
    ? `Valid: ${plural(policies, 'policy').replace('policys', 'policies')}, ${plural(tests_passed, 'test')} passed.`
    : `Not valid: ${plural(problems.length, 'problem')}; ${plural(tests_passed, 'test')} passed, ${tests_failed} failed.`,
];

const by = (outcome: string, policies: readonly string[]): string =>
  `${outcome} (${policies.length > 0 ? policies.join(', ') : 'no policy'})`;

/** What decides before and after; of a replay that did not keep them apart, who makes the difference. */
const turnText = ({ from, to, policies, from_policies, to_policies }: Flip): string =>
  from_policies && to_policies
    ? `${by(from, from_policies)} -> ${by(to, to_policies)}`
    : `${from} -> ${by(to, policies)}`;

const toolOf = ({ tool, summary }: Flip): string => tool ?? summary.split(' ', 1)[0]!;

/** Actions with one tool that the same policies decide in the same way, before and after: how many, and one of them. */
const groupLines = (flips: readonly Flip[]): string[] => {
  const groups = Map.groupBy(flips, (flip) => `${toolOf(flip)}: ${turnText(flip)}`);
  const sorted = [...groups].sort(([, one], [, other]) => other.length - one.length);
  const left = sorted.slice(SHOWN_GROUPS);
  const actions = left.reduce((sum, [, { length }]) => sum + length, 0);
  return [
    ...sorted
      .slice(0, SHOWN_GROUPS)
      .flatMap(([text, [example, ...more]]) => [`${more.length + 1} x ${text}`, `    such as ${example!.summary}`]),
    ...(left.length > 0 ? [`and ${left.length} more, of ${plural(actions, 'action')}`] : []),
  ];
};

/** What would be decided otherwise. */
export const shadowLines = ({ against, replayed, inexact, flipped, kinds, flips }: Shadow): string[] => [
  `${plural(replayed, 'recorded decision')} replayed against epoch ${against}; ${flipped} would be decided otherwise.`,
  ...(inexact > 0 ? [`${inexact} of them were recorded with only the first of their paths.`] : []),
  ...kinds.map(({ from, to, count }) => `  ${from} -> ${to}: ${count}`),
  ...(flips.length < flipped ? [`Of the newest ${flips.length} of them:`] : []),
  ...groupLines(flips),
];

/** By when they came into force, the others by when they were written. */
export const newestFirst = (items: readonly Summary[]): Summary[] => {
  // RFC 3339 in UTC, all with milliseconds: the order of the texts is that of the moments.
  const at = ({ published_at, created_at }: Summary): string => published_at ?? created_at;
  const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
  return items.toSorted((one, other) => order(at(other), at(one)) || (other.epoch ?? 0) - (one.epoch ?? 0));
};

/** What its author says of it. */
export const aboutText = ({ note, returns_to }: Pick<Summary, 'note' | 'returns_to'>): string =>
  [...(typeof returns_to === 'number' ? [`brings back epoch ${returns_to}`] : []), ...(note ? [note] : [])].join(': ');

/** What came of a bundle. `inForce`: the id of the one that is; null: the shipped one is. */
export const statusText = ({ id, status }: Pick<Summary, 'id' | 'status'>, inForce: string | null): string => {
  if (id === inForce) return 'IN FORCE';
  return status === 'published' ? 'was in force' : status.replaceAll('_', ' ');
};

/** Where a bundle stands, and what has to happen next. */
export const standingText = (policy: Policy): string => {
  const { id, status, epoch, approvers_needed, votes } = policy;
  const yes = votes.filter(({ decision }) => decision === 'approve').length;
  switch (status) {
    case 'published':
      return `${id} is in force as epoch ${epoch}.`;
    case 'awaiting_approval':
      return `${id} waits for people: ${yes} of ${approvers_needed} approvers so far, its author is none.`;
    default:
      return `${id} is ${status}.`;
  }
};
