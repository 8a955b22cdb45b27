import { Button, Group, Kbd, Stack, Text, Textarea } from '@mantine/core';
import type { Approval } from '#client/browser';
import type { KeyboardEvent } from 'react';
import { NOT_RECOMMENDED } from '../risk/risk.rules.js';
import { stillNeeded } from './approval.rules.js';
import { type Answer, MAX_REASON } from './use-answer.js';

/** What has to be known at the moment of saying yes. */
const Consequence = ({ approval }: { approval: Approval }) => {
  const others = stillNeeded(approval) - 1;
  const risky = typeof approval.risk === 'number' && approval.risk >= NOT_RECOMMENDED;
  if (others <= 0 && !risky) return null;
  return (
    <Text size="sm">
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

/** The reason, and sending it. Enter is a new line; only Ctrl Enter and the button send. */
export const AnswerForm = ({ approval, answer }: { approval: Approval; answer: Answer }) => {
  const { decision, form, submit, pending, choose } = answer;
  const words = WORDS[decision!];
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
        {decision === 'approve' && <Consequence approval={approval} />}
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
