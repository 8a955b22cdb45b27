import { Button, Checkbox, Group, Kbd, Stack, Text, Textarea } from '@mantine/core';
import type { Approval } from '#client/browser';
import type { KeyboardEvent } from 'react';
import { NOT_RECOMMENDED } from '../risk/risk.rules.js';
import { stillNeeded, yesCount } from './approval.rules.js';
import { type Answer, MAX_REASON } from './use-answer.js';
import type { Edit } from './use-edit.js';

/** What has to be known at the moment of saying yes. */
const Consequence = ({ approval, isEdited }: { approval: Approval; isEdited: boolean }) => {
  const others = (isEdited ? approval.approvers_needed : stillNeeded(approval)) - 1;
  const risky = typeof approval.risk === 'number' && approval.risk >= NOT_RECOMMENDED;
  if (others <= 0 && !risky && !isEdited) return null;
  return (
    <Text size="sm">
      {isEdited && 'You approve your own arguments instead of the agent’s; the record says so. '}
      {isEdited && yesCount(approval) > 0 && 'A yes that was given before no longer counts. '}
      {risky && (
        <Text span inherit fw={600} c="var(--critical)">
          Its predicted risk is high.{' '}
        </Text>
      )}
      {others === 1 && 'Another approver is still needed after you.'}
      {others > 1 && `${others} other approvers are still needed after you.`}
    </Text>
  );
};

const WORDS = {
  approve: { label: 'Reason', hint: 'Optional; kept with your answer', send: 'Approve this action', colour: undefined },
  reject: {
    label: 'Reason',
    hint: 'The run is told it; kept with your answer',
    send: 'Reject this action',
    colour: 'red',
  },
} as const;

/** Identical requests get the same answer unless that is taken back; an edit is of one alone. */
const AlsoSame = ({ approval, answer }: { approval: Approval; answer: Answer }) => {
  const others = approval.same_as.length;
  if (others === 0) return null;
  return (
    <Checkbox
      size="sm"
      label={`The same answer to the ${others === 1 ? 'identical request' : `${others} identical requests`}`}
      description="Each is answered, and used, by itself"
      {...answer.form.getInputProps('same', { type: 'checkbox' })}
    />
  );
};

interface AnswerFormProps {
  approval: Approval;
  edit: Edit;
  answer: Answer;
}

/** The reason, and sending it. Enter is a new line; only Ctrl Enter and the button send. */
export const AnswerForm = ({ approval, edit, answer }: AnswerFormProps) => {
  const { decision, form, submit, pending, choose } = answer;
  const isEdited = edit.draft?.kind === 'edited' && decision === 'approve';
  const words = isEdited ? { ...WORDS.approve, send: 'Approve the edited action' } : WORDS[decision!];
  const press = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      choose(null);
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    }
  };
  return (
    <form onSubmit={submit} aria-label={words.send} noValidate>
      <Stack gap="xs">
        {decision === 'approve' && <Consequence approval={approval} isEdited={isEdited} />}
        <Textarea
          label={words.label}
          description={words.hint}
          withAsterisk={decision === 'reject'}
          aria-required={decision === 'reject'}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={MAX_REASON}
          autoFocus
          // The first Escape leaves the answer, only the next one the dialog around it.
          data-mantine-stop-propagation="true"
          onKeyDown={press}
          {...form.getInputProps('reason')}
        />
        {!isEdited && <AlsoSame approval={approval} answer={answer} />}
        <Group justify="space-between" gap="xs">
          <Text size="xs" c="dimmed" visibleFrom="xs">
            <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd> sends
          </Text>
          <Group gap="xs" ml="auto">
            <Button variant="default" onClick={() => choose(null)} disabled={pending}>
              Back
            </Button>
            <Button type="submit" loading={pending} color={words.colour}>
              {words.send}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
};
