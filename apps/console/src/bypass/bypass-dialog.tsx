import { Button, Group, List, Modal, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Bypass } from '#client/browser';
import { api } from '../data/api.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { visible } from '../page/foreign.rules.js';
import { bypassOf, bypassProblems, type BypassValues, DEFAULT_BYPASS, DURATIONS } from './bypass.rules.js';
import { useBypassesChanged } from './use-bypasses.js';

const MAX_REASON = 2_000;

/** What is known of it before it is filled in. */
export interface BypassStart {
  agent_id: string;
  tool: string;
  /** The question it is given beside; it covers what that one asks about. */
  approval_id?: string;
}

const Limits = () => (
  <List size="sm" spacing={4}>
    <List.Item>Only where policy asks for one approver: never for two, never for what it forbids.</List.Item>
    <List.Item>
      Only for the version of the agent that asked last: another playbook by the same name is asked about. Of an agent
      that runs elsewhere, only for whoever asked.
    </List.Item>
    <List.Item>Never for what you asked for yourself; that still needs somebody else.</List.Item>
    <List.Item>Every use is in the record of its action, with your name. You can revoke it at any time.</List.Item>
  </List>
);

const useBypassForm = ({ approval_id, ...start }: BypassStart, close: () => void) => {
  const changed = useBypassesChanged();
  return useServerForm<BypassValues, Bypass>({
    initialValues: { ...DEFAULT_BYPASS, ...start },
    validate: bypassProblems,
    send: (values) => api.bypasses.add({ ...bypassOf(values), ...(approval_id !== undefined && { approval_id }) }),
    done: ({ agent_id, tool, uses }) => {
      changed();
      const message = `${visible(agent_id)} may use ${visible(tool)} ${uses} times.`;
      notifications.show({ color: 'orange', title: 'Not asked for a while', message });
      close();
    },
  });
};

/** Lets one agent use one tool for a while without asking. */
export const BypassDialog = ({ start, close }: { start: BypassStart; close: () => void }) => {
  const { form, submit, pending, problem } = useBypassForm(start, close);
  return (
    <Modal opened onClose={close} title="Stop asking for a while" centered size="lg">
      <form onSubmit={submit} aria-label="Stop asking for a while" noValidate>
        <Stack gap="md">
          <Limits />
          <Group grow align="flex-start">
            <TextInput label="Agent" withAsterisk maxLength={200} {...form.getInputProps('agent_id')} />
            <TextInput label="Tool" withAsterisk maxLength={100} {...form.getInputProps('tool')} />
          </Group>
          <Group grow align="flex-start">
            <Select
              label="For"
              data={DURATIONS.map(({ minutes, label }) => ({ value: String(minutes), label }))}
              allowDeselect={false}
              {...form.getInputProps('minutes')}
            />
            <NumberInput label="Actions at most" min={1} allowDecimal={false} {...form.getInputProps('uses')} />
          </Group>
          <Textarea
            label="Reason"
            description="Kept in the record"
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
              Keep asking
            </Button>
            <Button type="submit" loading={pending} color="orange">
              Stop asking
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
