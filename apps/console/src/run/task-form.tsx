import type { Playbook } from '#client/browser';
import { Anchor, Autocomplete, Button, Collapse, Group, Kbd, Select, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { ChevronDown, ChevronRight, Gauge } from 'lucide-react';
import { FormProblem } from '../form/form-problem.js';
import { leftOver } from '../form/use-server-form.js';
import { MoreFields } from './more-fields.js';
import { PlaybookField } from './playbook-field.js';
import { PlaybookInputs } from './playbook-inputs.js';
import { fieldOfRun, LONGEST_TASK, PLAYBOOK } from './run-draft.rules.js';
import type { Run, RunForm } from './use-run.js';
import { useRecent } from './use-recent.js';

export const TaskForm = ({ run, playbooks }: { run: Run; playbooks: Playbook[] }) => {
  const { form, version } = run;
  const byPlaybook = form.values.agent_type === PLAYBOOK;
  const { agentTypes, agents, workspaces } = useRecent();
  return (
    <form
      aria-label="The task"
      className="surface"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        run.predict();
      }}
    >
      <Stack p="md" gap="md">
        <Repeats run={run} />
        <TaskText form={form} />
        <Select
          label="Agent type"
          description="Who does it: a playbook follows its file step by step."
          data={[...new Set([PLAYBOOK, ...agentTypes])]}
          allowDeselect={false}
          required
          {...form.getInputProps('agent_type')}
        />
        {byPlaybook && (
          <>
            <PlaybookField form={form} playbooks={playbooks} version={version} />
            <PlaybookInputs form={form} version={version} />
          </>
        )}
        <Autocomplete
          label="Workspace"
          description="The folder the run may see and change: an absolute path below a root that the operator allows."
          placeholder="/…"
          data={workspaces}
          required
          spellCheck={false}
          autoComplete="off"
          classNames={{ input: 'mono' }}
          {...form.getInputProps('workspace')}
        />
        <Rest form={form} agents={agents} />
        <FormProblem problem={leftOver(run.submission.error, fieldOfRun)} />
        <Foot run={run} />
      </Stack>
    </form>
  );
};

const Foot = ({ run }: { run: Run }) => (
  <Group justify="space-between" gap="sm">
    <Button
      type="submit"
      loading={run.prediction.isPending}
      leftSection={<Gauge size={16} aria-hidden />}
      rightSection={
        <Kbd size="xs" visibleFrom="sm" aria-hidden>
          Ctrl ↵
        </Kbd>
      }
      aria-keyshortcuts="Control+Enter"
      variant={run.fresh && run.prediction.data ? 'default' : 'filled'}
    >
      Predict risk
    </Button>
    <Button variant="subtle" color="gray" onClick={run.clear}>
      Clear
    </Button>
  </Group>
);

const TaskText = ({ form }: { form: RunForm }) => {
  const { length } = form.values.task_description;
  return (
    <div>
      <Textarea
        label="What is to be done"
        placeholder="Say it as you would to a colleague: what, where, and what must stay as it is."
        autosize
        minRows={3}
        maxRows={14}
        required
        autoFocus
        {...form.getInputProps('task_description')}
      />
      <Text
        size="xs"
        mt={4}
        ta="end"
        className="tabular"
        c={length > LONGEST_TASK ? 'var(--critical)' : 'dimmed'}
        role={length > LONGEST_TASK ? 'alert' : undefined}
      >
        {length.toLocaleString('en')} of {LONGEST_TASK.toLocaleString('en')} characters
      </Text>
    </div>
  );
};

/** What most runs leave as it is; open when something in it was said, or refused. */
const Rest = ({ form, agents }: { form: RunForm; agents: string[] }) => {
  const { agent_id, on_behalf_of, max_steps } = form.values;
  const said = agent_id !== '' || on_behalf_of !== '' || max_steps !== '';
  const refused = ['agent_id', 'on_behalf_of', 'max_steps'].some((name) => name in form.errors);
  const [opened, toggle] = useDisclosure(said);
  const open = opened || refused;
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        aria-expanded={open}
        leftSection={open ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
        onClick={toggle.toggle}
      >
        More
      </Button>
      <Collapse expanded={open}>
        <MoreFields form={form} agents={agents} />
      </Collapse>
    </div>
  );
};

const Repeats = ({ run: { form, version } }: { run: Run }) => {
  const { repeats } = form.values;
  if (!repeats) return null;
  const newer = version.data && repeats.digest !== null && version.data.playbook.digest !== repeats.digest;
  return (
    <Text size="sm" c="dimmed" role="note">
      The same task as{' '}
      <Anchor inherit renderRoot={(props) => <Link to="/executions/$id" params={{ id: repeats.id }} {...props} />}>
        an earlier run
      </Anchor>
      {newer ? '; its playbook has a newer version since, which this run will follow.' : '.'}
    </Text>
  );
};
