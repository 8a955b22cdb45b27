import { Button, Group, Kbd, Stack, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { Link } from '@tanstack/react-router';
import { Check, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { FormProblem } from '../form/form-problem.js';
import { useMay } from '../session/use-me.js';
import { outcomeOf } from './approval.rules.js';
import classes from './approval.module.css';
import { AnswerForm } from './answer-form.js';
import { type Answer, useAnswer } from './use-answer.js';
import { useAnswerKeys } from './use-answer-keys.js';
import type { Edit } from './use-edit.js';

/** Why this person cannot answer, and what can be done about it. */
const Obstacle = ({ approval }: { approval: Approval }) => {
  const mayInvite = useMay('member.write');
  return (
    <Text size="sm" id={`obstacle-${approval.id}`}>
      {approval.cannot_decide_because ?? 'You cannot answer this one.'}{' '}
      {mayInvite && (
        <Link to="/settings/members" className={classes.inline}>
          Add an approver
        </Link>
      )}
    </Text>
  );
};

const Key = ({ name }: { name: string }) => (
  <Kbd size="xs" visibleFrom="sm" aria-hidden>
    {name}
  </Kbd>
);

interface Answering {
  approval: Approval;
  edit: Edit;
  answer: Answer;
}

const Buttons = ({ approval, edit, answer: { choose, left } }: Answering) => {
  const disabled = !approval.can_decide;
  const described = disabled ? `obstacle-${approval.id}` : undefined;
  const isEditing = edit.text !== null;
  return (
    <Group gap="sm" grow preventGrowOverflow={false}>
      <Button
        px="sm"
        leftSection={<Check size={16} aria-hidden />}
        rightSection={!isEditing && <Key name="A" />}
        disabled={disabled || (isEditing && edit.draft?.kind !== 'edited')}
        autoFocus={left === 'approve'}
        aria-describedby={described}
        onClick={() => choose('approve')}
      >
        {isEditing ? 'Approve as edited' : 'Approve'}
      </Button>
      <Button
        px="sm"
        variant="outline"
        color="red"
        leftSection={<X size={16} aria-hidden />}
        rightSection={!isEditing && <Key name="R" />}
        disabled={disabled}
        autoFocus={left === 'reject'}
        aria-describedby={described}
        onClick={() => choose('reject')}
      >
        Reject
      </Button>
    </Group>
  );
};

/** How it ended; where the focus goes when there is nothing left to press. */
const Outcome = ({ status, takeFocus }: { status: Approval['status']; takeFocus: boolean }) => {
  const { words, colour } = outcomeOf(status);
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (takeFocus) place.current?.focus();
  }, [takeFocus]);
  return (
    <Text fw={600} c={colour} role="status" ref={place} tabIndex={-1} className={classes.heading}>
      {words}
    </Text>
  );
};

/**
 * Where an approval is answered, and where it says why it cannot be. First the answer is chosen, then it is sent, by its
 * own button or Ctrl Enter: no single key or click decides.
 */
export const Decision = ({
  approval,
  edit,
  answered,
}: {
  approval: Approval;
  edit: Edit;
  answered: (answer: Approval) => void;
}) => {
  const answer = useAnswer(approval, edit, answered);
  useAnswerKeys(approval, edit, answer);
  if (approval.status !== 'pending') {
    return (
      <Stack gap="xs" className={classes.dock}>
        <FormProblem problem={answer.problem} />
        <Outcome status={approval.status} takeFocus={answer.given} />
      </Stack>
    );
  }
  return (
    <Stack gap="xs" className={classes.dock}>
      <FormProblem problem={answer.problem} />
      {!approval.can_decide && <Obstacle approval={approval} />}
      {answer.decision && approval.can_decide ? (
        <AnswerForm approval={approval} edit={edit} answer={answer} />
      ) : (
        <Buttons approval={approval} edit={edit} answer={answer} />
      )}
    </Stack>
  );
};
