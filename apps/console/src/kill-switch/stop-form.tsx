import { Autocomplete, Button, Checkbox, Group, List, Radio, Stack, Text, Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { FormProblem } from '../form/form-problem.js';
import { Foreign } from '../page/foreign.js';
import { useRecent } from '../run/use-recent.js';
import { useMe } from '../session/use-me.js';
import { Aim } from './aim.js';
import { type StopDraft, unknownTarget } from './kill-switch.rules.js';
import { useKnownTools } from './use-known-tools.js';
import { Warning } from './warning.js';

const MAX_REASON = 1_000;
const MAX_AGENT = 200;
const MAX_TOOL = 100;

const SCOPES = [
  { scope: 'agent', label: 'One agent', what: 'Every run of it in this team, and of the playbook of that name.' },
  { scope: 'tool', label: 'One tool', what: 'Every run of this team that uses it, now or later.' },
  { scope: 'team', label: 'This team', what: 'Everything that runs in it.' },
  { scope: 'all', label: 'Every team', what: 'Everything that runs in this installation.' },
] as const;

export interface StopStep {
  form: UseFormReturnType<StopDraft>;
  pending: boolean;
  problem: Error | null;
  /** Where this step leads to. */
  back: () => void;
}

const TargetField = ({ form }: Pick<StopStep, 'form'>) => {
  const { scope } = form.values;
  const { agents } = useRecent();
  const tools = useKnownTools(scope === 'tool');
  if (scope === 'agent') {
    return (
      <Autocomplete
        label="Agent"
        description="As its runs name it"
        data={agents}
        limit={50}
        maxLength={MAX_AGENT}
        withAsterisk
        openOnFocus={false}
        data-autofocus={form.values.agent_id === '' || undefined}
        {...form.getInputProps('agent_id')}
      />
    );
  }
  if (scope !== 'tool') return null;
  return (
    <Autocomplete
      label="Tool"
      description="shell.run for all its versions, shell.run@v1 for one"
      data={tools}
      limit={50}
      maxLength={MAX_TOOL}
      withAsterisk
      {...form.getInputProps('tool')}
    />
  );
};

/** What is to be stopped, and why. */
export const StopFields = ({ form, pending, problem, back }: StopStep) => {
  const { roles } = useMe();
  const scopes = SCOPES.filter(({ scope }) => scope !== 'all' || roles.includes('installation_admin'));
  return (
    <Stack>
      <Radio.Group label="What is to be stopped" {...form.getInputProps('scope')}>
        <Stack gap="xs" mt={6}>
          {scopes.map(({ scope, label, what }) => (
            <Radio key={scope} value={scope} label={label} description={what} />
          ))}
        </Stack>
      </Radio.Group>
      <TargetField form={form} />
      <Textarea
        label="Reason"
        description="Whoever is refused reads it; kept in the record"
        maxLength={MAX_REASON}
        autosize
        minRows={2}
        maxRows={6}
        withAsterisk
        data-autofocus
        {...form.getInputProps('reason')}
      />
      <FormProblem problem={problem} />
      <Checkbox
        label="Rehearsal"
        description="Counts what would be stopped, and stops nothing"
        {...form.getInputProps('rehearsal', { type: 'checkbox' })}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={back} disabled={pending}>
          Cancel
        </Button>
        <Button type="submit" color={form.values.rehearsal ? undefined : 'red'} loading={pending}>
          {form.values.rehearsal ? 'Rehearse' : 'Stop …'}
        </Button>
      </Group>
    </Stack>
  );
};

/** Says what will happen, to what, before it does. */
export const StopConfirmation = ({ form, pending, problem, back }: StopStep) => {
  const { scope, agent_id, tool, reason } = form.values;
  const { agents } = useRecent();
  const tools = useKnownTools(scope === 'tool');
  const doubt = unknownTarget(form.values, { agents, tools });
  const about = { scope, agent_id: agent_id.trim(), tool: tool.trim() };
  return (
    <Stack>
      {doubt && <Warning text={doubt} />}
      <List size="sm" spacing={6}>
        <List.Item>
          Nothing new of{' '}
          <Text span inherit fw={600}>
            <Aim about={about} />
          </Text>{' '}
          begins, from half a second on.
        </List.Item>
        <List.Item>
          {scope === 'tool' ? 'Runs that use it, now or later, are cancelled' : 'Its runs are cancelled'}: what is under
          way is stopped and undone, what was verified stays.
        </List.Item>
        <List.Item>Approvals that wait are withdrawn.</List.Item>
        <List.Item>It stays so, over restarts too, until somebody releases it.</List.Item>
      </List>
      <Text size="sm" c="dimmed" component="div">
        Reason: <Foreign text={reason.trim()} clamp={4} />
      </Text>
      <FormProblem problem={problem} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={back} disabled={pending}>
          Back
        </Button>
        <Button type="submit" color="red" loading={pending} autoFocus>
          Stop it now
        </Button>
      </Group>
    </Stack>
  );
};
