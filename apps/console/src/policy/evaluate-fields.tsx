import { Autocomplete, Checkbox, Group, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useKnownTools } from '../kill-switch/use-known-tools.js';
import { useRecent } from '../run/use-recent.js';
import { EFFECTS, type EvaluateForm, TAINTS } from './evaluate.rules.js';

const MAX_TOOL = 100;
const MAX_AGENT = 200;
const PEOPLE = [
  { value: '0', label: 'nobody' },
  { value: '1', label: 'one person' },
  { value: '2', label: 'two people' },
];

interface Fields {
  form: UseFormReturnType<EvaluateForm>;
}

const Odds = ({ form }: Fields) => (
  <Group grow align="flex-start" preventGrowOverflow={false}>
    <NumberInput
      label="Risk"
      placeholder="unknown"
      min={0}
      max={1}
      step={0.05}
      decimalScale={2}
      flex="1 1 100px"
      {...form.getInputProps('risk')}
    />
    <Select
      label="Effects"
      placeholder="as declared"
      data={[...EFFECTS]}
      clearable
      flex="1 1 140px"
      {...form.getInputProps('effects')}
    />
    <Select
      label="Approved by"
      data={PEOPLE}
      allowDeselect={false}
      flex="1 1 140px"
      {...form.getInputProps('approvers')}
    />
  </Group>
);

const Circumstances = ({ form }: Fields) => (
  <>
    <Group gap="lg">
      <Checkbox label="In the sandbox" {...form.getInputProps('sandbox', { type: 'checkbox' })} />
      <Checkbox label="With a hold before it" {...form.getInputProps('held', { type: 'checkbox' })} />
    </Group>
    <Checkbox.Group label="The run" {...form.getInputProps('taint')}>
      <Stack gap={6} mt={6}>
        {TAINTS.map(({ value, label }) => (
          <Checkbox key={value} value={value} label={label} />
        ))}
      </Stack>
    </Checkbox.Group>
  </>
);

/** An action that nobody is about to do. What is left empty is as an ordinary run would have it. */
export const EvaluateFields = ({ form }: Fields) => {
  const tools = useKnownTools(true);
  const { agents } = useRecent();
  return (
    <Stack gap="sm">
      <Autocomplete
        label="Tool"
        description="file.write, shell.run@v1; execution.submit for a run itself"
        data={tools}
        limit={50}
        maxLength={MAX_TOOL}
        withAsterisk
        {...form.getInputProps('tool')}
      />
      <Textarea
        label="Paths"
        description="In the workspace, one a line"
        autosize
        minRows={2}
        maxRows={8}
        {...form.getInputProps('paths')}
      />
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Autocomplete
          label="Agent"
          data={agents}
          limit={50}
          maxLength={MAX_AGENT}
          flex="1 1 140px"
          {...form.getInputProps('agent_id')}
        />
        <TextInput label="Host" placeholder="Sends nothing" flex="1 1 140px" {...form.getInputProps('host')} />
      </Group>
      <Odds form={form} />
      <Circumstances form={form} />
    </Stack>
  );
};
