import { Alert, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import type { Policy } from '#client/browser';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import classes from './policy.module.css';
import { type Place, type Problem, problemsOf } from './policy.rules.js';

const plural = (count: number, what: string, many = `${what}s`): string => `${count} ${count === 1 ? what : many}`;

const ProblemList = ({ problems, goTo }: { problems: readonly Problem[]; goTo?: (place: Place) => void }) => (
  <ul className={classes.list} aria-label="Problems">
    {problems.map(({ place, message }, at) => (
      <li key={at}>
        {place && goTo && (
          <UnstyledButton className={classes.place} onClick={() => goTo(place)}>
            {place.file}, line {place.line}
          </UnstyledButton>
        )}
        {place && !goTo && (
          <Text span size="sm" fw={600}>
            {place.file}, line {place.line}
          </Text>
        )}
        <Text size="sm" component="div">
          <Foreign text={message} />
        </Text>
      </li>
    ))}
  </ul>
);

/** What a trial of a bundle came to: problems with their lines, and its own tests. `goTo` leads to a line. */
export const TrialReport = ({
  check,
  stale,
  goTo,
}: {
  check: NonNullable<Policy['check']>;
  /** The text has changed since. */
  stale?: boolean;
  goTo?: (place: Place) => void;
}) => {
  const problems = problemsOf(check);
  const { ok, tests_passed, tests_failed, policies } = check;
  const tests =
    tests_failed > 0
      ? `${tests_failed} of ${plural(tests_passed + tests_failed, 'test')} failed`
      : `${plural(tests_passed, 'test')} passed`;
  return (
    <Alert
      color={ok ? 'teal' : 'red'}
      variant="light"
      role="status"
      icon={ok ? <CircleCheck size={18} aria-hidden /> : <TriangleAlert size={18} aria-hidden />}
      title={ok ? `Valid: ${plural(policies, 'policy', 'policies')}, ${tests}` : plural(problems.length, 'problem')}
    >
      <Stack gap="xs">
        <Text size="sm" component="div">
          {!ok && tests_passed + tests_failed > 0 && `${tests}. `}
          Checked <Ago at={check.at} />
          {stale && ', before the text was changed'}
        </Text>
        {problems.length > 0 && <ProblemList problems={problems} {...(goTo && { goTo })} />}
      </Stack>
    </Alert>
  );
};

/** A refusal that comes with places in the text. */
export const LocatedRefusal = ({
  title,
  problems,
  goTo,
}: {
  title: string;
  problems: readonly Problem[];
  goTo: (place: Place) => void;
}) => (
  <Alert color="red" variant="light" role="alert" title={title}>
    <Group gap="xs">
      <ProblemList problems={problems} goTo={goTo} />
    </Group>
  </Alert>
);
