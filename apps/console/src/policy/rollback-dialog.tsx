import { Button, Group, List, Modal, Stack, Textarea } from '@mantine/core';
import type { Policy } from '#client/browser';
import { api } from '../data/api.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { usePolicyChanged } from './use-policies.js';

const MAX_REASON = 2_000;

/** Asks for the content of a bundle that was in force. */
export const RollbackDialog = ({
  policy,
  close,
  asked,
}: {
  policy: Policy;
  close: () => void;
  asked: (policy: Policy) => void;
}) => {
  const changed = usePolicyChanged();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { reason: '' },
    validate: ({ reason }) => (reason.trim() === '' ? { reason: 'Say why it has to come back.' } : {}),
    send: ({ reason }) => api.policies.rollback(policy.id, reason.trim()),
    done: (back) => asked(changed(back)),
  });
  return (
    <Modal opened onClose={close} title={`Bring epoch ${policy.epoch} back?`} size="lg">
      <form onSubmit={submit} aria-label="Bring it back" noValidate>
        <Stack>
          <List size="sm" spacing={6}>
            <List.Item>
              Its content comes into force under a new epoch; what is in force now stays in the history.
            </List.Item>
            <List.Item>One person other than you has to approve. It is checked again, and not replayed.</List.Item>
          </List>
          <Textarea
            label="Reason"
            description="Whoever approves reads it; kept in the record"
            withAsterisk
            maxLength={MAX_REASON}
            autosize
            minRows={2}
            maxRows={6}
            data-autofocus
            {...form.getInputProps('reason')}
          />
          <FormProblem problem={problem} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close} disabled={pending}>
              Leave it
            </Button>
            <Button type="submit" loading={pending}>
              Ask for it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
