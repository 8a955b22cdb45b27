import type { Playbook } from '#client/browser';
import { Group, Select, Stack, Text } from '@mantine/core';
import { Foreign } from '../page/foreign.js';
import type { Run, RunForm } from './use-run.js';

const SHOWN = 50;
const DIGEST_CHARACTERS = 19;

const stepsOf = ({ steps }: Playbook): string => `${steps} ${steps === 1 ? 'step' : 'steps'}`;

/** What was filled in for one playbook means nothing to another. */
export const choosePlaybook = (form: RunForm, name: string | null): void => {
  form.setValues({ playbook: name, inputs: {}, given: {}, repeats: null });
  form.clearFieldError('playbook');
};

export const PlaybookField = ({
  form,
  playbooks,
  version,
}: {
  form: RunForm;
  playbooks: Playbook[];
  version: Run['version'];
}) => {
  const byName = new Map(playbooks.map((playbook) => [playbook.name, playbook]));
  const chosen = version.data?.playbook ?? byName.get(form.values.playbook ?? '');
  return (
    <Stack gap={6}>
      <Select
        label="Playbook"
        placeholder="Choose a playbook"
        data={[...byName.keys()]}
        searchable
        limit={SHOWN}
        required
        allowDeselect={false}
        nothingFoundMessage="No playbook of this name"
        renderOption={({ option }) => <Choice playbook={byName.get(option.value)!} />}
        {...form.getInputProps('playbook')}
        onChange={(name) => choosePlaybook(form, name)}
      />
      {chosen && (
        <div>
          {chosen.description && (
            <Text size="sm" component="div">
              <Foreign text={chosen.description} />
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {stepsOf(chosen)} ·{' '}
            <span className="mono" title={chosen.digest}>{`${chosen.digest.slice(0, DIGEST_CHARACTERS)}…`}</span>
          </Text>
        </div>
      )}
    </Stack>
  );
};

const Choice = ({ playbook }: { playbook: Playbook }) => (
  <div>
    <Group gap="xs">
      <Text size="sm" fw={600}>
        {playbook.name}
      </Text>
      <Text size="xs" c="dimmed">
        {stepsOf(playbook)}
      </Text>
    </Group>
    {playbook.description && (
      <Text size="xs" c="dimmed" component="div">
        <Foreign text={playbook.description} clamp={2} />
      </Text>
    )}
  </div>
);
