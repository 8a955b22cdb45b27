import type { Policy } from '#client';

type Check = NonNullable<Policy['check']>;
type Shadow = NonNullable<Policy['shadow']>;

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

/** What would be decided otherwise. */
export const shadowLines = ({ against, replayed, inexact, flipped, kinds, flips }: Shadow): string[] => [
  `${plural(replayed, 'recorded decision')} replayed against epoch ${against}; ${flipped} would be decided otherwise.`,
  ...(inexact > 0 ? [`${inexact} of them were recorded with only the first of their paths.`] : []),
  ...kinds.map(({ from, to, count }) => `  ${from} -> ${to}: ${count}`),
  ...flips.map(({ from, to, summary, policies }) => {
    const by = policies.length > 0 ? ` (${policies.join(', ')})` : '';
    return `${from} -> ${to}  ${summary}${by}`;
  }),
];

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
