import { Autocomplete, Button, Group, NumberInput, Radio, Select, Stack, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { Budget } from '#client/browser';
import { useQuery } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { EXECUTIONS } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { useRecent } from '../run/use-recent.js';
import {
  type BudgetDraft,
  DIMENSIONS,
  draftOf,
  nameOf,
  NEW_BUDGET,
  PERIODS,
  problemsOf,
  removalOf,
  requestOf,
} from './budget.rules.js';
import { useBudgetChanged } from './use-budgets.js';

/** Beside each other the inputs stay in line, however long the words are. */
const WORDS_BELOW: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];
const MAX_AGENT = 200;
const MOST_RUNS = 100;
const TASK_CHARACTERS = 80;
/** The API's most, 2^50 of its units. */
const MOST = 2 ** 50;

const SCOPES = [
  { scope: 'team', label: 'The team', what: 'Everything that runs in it, together.' },
  { scope: 'agent', label: 'One agent', what: 'All runs of it, together.' },
  { scope: 'execution', label: 'One run', what: 'That is under way now.' },
] as const;

type Form = UseFormReturnType<BudgetDraft>;

const RunField = ({ form }: { form: Form }) => {
  const runs = useQuery({
    queryKey: [...EXECUTIONS, 'to limit'],
    queryFn: () => api.executions.list({ phase: 'running', limit: MOST_RUNS }),
  });
  return (
    <Select
      label="Run"
      description={runs.data?.items.length === 0 ? 'No run is under way' : 'By its task or its id'}
      data={(runs.data?.items ?? []).map(({ id, task_description }) => ({
        value: id,
        label: `${visible(task_description.slice(0, TASK_CHARACTERS))} · ${id}`,
      }))}
      searchable
      withAsterisk
      {...form.getInputProps('target')}
    />
  );
};

const TargetField = ({ form }: { form: Form }) => {
  const { scope } = form.values;
  const { agents } = useRecent();
  if (scope === 'team') return null;
  if (scope === 'execution') return <RunField form={form} />;
  return (
    <Autocomplete
      label="Agent"
      description="As its runs name it"
      data={agents}
      limit={50}
      maxLength={MAX_AGENT}
      withAsterisk
      {...form.getInputProps('target')}
    />
  );
};

/** What tells a budget from others: it stays as it is once there is one. */
const Identity = ({ form }: { form: Form }) => {
  const scope = form.getInputProps('scope');
  return (
    <>
      <Radio.Group
        label="Of whom"
        {...scope}
        onChange={(to: string) => {
          // A run's id is no agent.
          form.setFieldValue('target', '');
          scope.onChange(to);
        }}
      >
        <Stack gap="xs" mt={6}>
          {SCOPES.map((one) => (
            <Radio key={one.scope} value={one.scope} label={one.label} description={one.what} />
          ))}
        </Stack>
      </Radio.Group>
      <TargetField form={form} />
      <Group grow align="flex-start">
        <Select
          label="Of what"
          description={DIMENSIONS[form.values.dimension].what}
          data={Object.entries(DIMENSIONS).map(([value, { label }]) => ({ value, label }))}
          allowDeselect={false}
          inputWrapperOrder={WORDS_BELOW}
          {...form.getInputProps('dimension')}
        />
        <Select
          label="Begins anew"
          description="What is spent is counted for so long"
          data={Object.entries(PERIODS).map(([value, { label }]) => ({ value, label }))}
          allowDeselect={false}
          inputWrapperOrder={WORDS_BELOW}
          {...form.getInputProps('period')}
        />
      </Group>
    </>
  );
};

const Limits = ({ form }: { form: Form }) => {
  const { unit, per, decimals } = DIMENSIONS[form.values.dimension];
  const field = {
    suffix: ` ${unit}`,
    min: 0,
    max: MOST / per,
    thousandSeparator: ',',
    decimalScale: decimals,
    allowDecimal: decimals > 0,
    allowNegative: false,
    placeholder: 'none',
  };
  return (
    <Group grow align="flex-start">
      <NumberInput label="Soft limit" description="Passing it is told" {...field} {...form.getInputProps('soft')} />
      <NumberInput label="Hard limit" description="At it runs wait" {...field} {...form.getInputProps('hard')} />
    </Group>
  );
};

/** A new budget, or the limits of one there is. */
export const BudgetForm = ({ budget, done }: { budget: Budget | null; done: () => void }) => {
  const changed = useBudgetChanged();
  const { form, submit, pending, problem } = useServerForm<BudgetDraft, Budget>({
    initialValues: budget ? draftOf(budget) : NEW_BUDGET,
    validate: problemsOf,
    send: (draft) => api.budgets.put(requestOf(draft)),
    done: () => {
      changed();
      done();
    },
  });
  return (
    <form onSubmit={submit} aria-label="Budget" noValidate>
      <Stack>
        {budget ? (
          <Text size="sm" component="div">
            <Foreign text={nameOf(budget)} />. What is spent stays; runs that wait for it look again.
          </Text>
        ) : (
          <Identity form={form} />
        )}
        <Limits form={form} />
        <FormProblem problem={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={done} disabled={pending}>
            Cancel
          </Button>
          <Button type="submit" loading={pending}>
            {budget ? 'Change the limits' : 'Set the budget'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

export const RemovalForm = ({ budget, done }: { budget: Budget; done: () => void }) => {
  const changed = useBudgetChanged();
  const { submit, pending, problem } = useServerForm({
    initialValues: {},
    send: () => api.budgets.put(removalOf(budget)),
    done: () => {
      changed();
      done();
    },
  });
  return (
    <form onSubmit={submit} aria-label="Remove the budget">
      <Stack>
        <Text size="sm" component="div">
          <Foreign text={nameOf(budget)} /> has no limit then, and runs that wait for it go on. What is spent is not
          forgotten: a limit set later counts on from there.
        </Text>
        <FormProblem problem={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={done} disabled={pending}>
            Keep it
          </Button>
          <Button type="submit" loading={pending} color="red" data-autofocus>
            Remove the budget
          </Button>
        </Group>
      </Stack>
    </form>
  );
};
