import { Button, Group, List, Modal, Stack, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { KillSwitch } from '#client/browser';
import { api } from '../data/api.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { visible } from '../page/foreign.rules.js';
import { targetText } from './kill-switch.rules.js';
import { useSwitched } from './use-kill-switches.js';

const MAX_REASON = 1_000;

/** Lets in again by stages, once that is confirmed. */
export const ReleaseDialog = ({ one, close }: { one: KillSwitch; close: () => void }) => {
  const switched = useSwitched();
  const what = visible(targetText(one));
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { reason: '' },
    send: ({ reason }) => api.killSwitches.release(one.id, reason.trim() || undefined),
    done: () => {
      switched();
      notifications.show({ color: 'teal', message: `The release of ${what} has begun.` });
      close();
    },
  });
  return (
    <Modal opened onClose={close} title={`Release ${what}?`} size="lg">
      <form onSubmit={submit} aria-label="Release" noValidate>
        <Stack>
          <List size="sm" spacing={6}>
            <List.Item>A tenth of its runs is let in at once, then half, then all of them.</List.Item>
            <List.Item>What was cancelled stays cancelled: start again what is still wanted.</List.Item>
            <List.Item>Stopping it again takes the release back.</List.Item>
          </List>
          <Textarea
            label="Reason"
            description="Optional; kept in the record"
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
              Keep it stopped
            </Button>
            <Button type="submit" loading={pending}>
              Release
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
