import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import type { Policy } from '#client/browser';
import { Check, X } from 'lucide-react';
import { type KeyboardEvent, useState } from 'react';
import { api } from '../data/api.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { stillNeeded } from './policy.rules.js';
import { usePolicyChanged } from './use-policies.js';

const MAX_REASON = 2_000;
type Word = 'approve' | 'reject';

const consequenceOf = (policy: Policy, word: Word): string => {
  if (word === 'reject') return 'One no is enough; it can be written and proposed again.';
  const others = stillNeeded(policy) - 1;
  if (others > 0)
    return others === 1 ? 'One more person is needed after you.' : `${others} more people are needed after you.`;
  return `Yours is the last yes: it comes into force at once, under epoch ${policy.based_on + 1}.`;
};

const AnswerForm = ({ policy, word, back }: { policy: Policy; word: Word; back: () => void }) => {
  const changed = usePolicyChanged();
  const isNo = word === 'reject';
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { reason: '' },
    validate: ({ reason }) => (isNo && reason.trim() === '' ? { reason: 'Say why: a rejection needs a reason.' } : {}),
    send: ({ reason }) =>
      isNo
        ? api.policies.reject(policy.id, reason.trim())
        : api.policies.approve(policy.id, reason.trim() || undefined),
    done: (answered) => {
      changed(answered);
      back();
    },
  });
  const press = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Escape') back();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.currentTarget.form?.requestSubmit();
    }
  };
  return (
    <form onSubmit={submit} aria-label={isNo ? 'Reject' : 'Approve'} noValidate>
      <Stack gap="xs">
        <Text size="sm">{consequenceOf(policy, word)}</Text>
        <Textarea
          label="Reason"
          description={isNo ? 'The author reads it' : 'Optional; kept with your name'}
          withAsterisk={isNo}
          aria-required={isNo}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={MAX_REASON}
          autoFocus
          onKeyDown={press}
          {...form.getInputProps('reason')}
        />
        <FormProblem problem={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={back} disabled={pending}>
            Back
          </Button>
          <Button type="submit" color={isNo ? 'red' : undefined} loading={pending}>
            {isNo ? 'Send the rejection' : 'Send the approval'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

/** Where people answer: first chosen, then sent; no single click decides. */
export const PolicyAnswer = ({ policy }: { policy: Policy }) => {
  const [word, choose] = useState<Word | null>(null);
  const { id, can_decide, cannot_decide_because } = policy;
  if (word && can_decide) return <AnswerForm policy={policy} word={word} back={() => choose(null)} />;
  const described = can_decide ? undefined : `policy-obstacle-${id}`;
  return (
    <Stack gap="xs">
      {!can_decide && (
        <Text size="sm" id={described}>
          {cannot_decide_because ?? 'You cannot answer this one.'}
        </Text>
      )}
      <Group gap="sm">
        <Button
          leftSection={<Check size={16} aria-hidden />}
          disabled={!can_decide}
          aria-describedby={described}
          onClick={() => choose('approve')}
        >
          Approve
        </Button>
        <Button
          variant="outline"
          color="red"
          leftSection={<X size={16} aria-hidden />}
          disabled={!can_decide}
          aria-describedby={described}
          onClick={() => choose('reject')}
        >
          Reject
        </Button>
      </Group>
    </Stack>
  );
};
