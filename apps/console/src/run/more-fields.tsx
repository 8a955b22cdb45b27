import { Autocomplete, NumberInput, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { MEMBERS } from '../data/keys.js';
import { useMe } from '../session/use-me.js';
import { PLAYBOOK } from './run-draft.rules.js';
import type { RunForm } from './use-run.js';

const MOST_MEMBERS = 200;
const MOST_STEPS = 1_000;

export const MoreFields = ({ form, agents }: { form: RunForm; agents: string[] }) => {
  const { roles } = useMe();
  const byPlaybook = form.values.agent_type === PLAYBOOK;
  return (
    <Stack gap="md" pt="sm">
      <Autocomplete
        label="Agent name"
        description="Its history counts in the prediction. Left empty: the name of the playbook."
        data={agents}
        maxLength={200}
        {...form.getInputProps('agent_id')}
      />
      {!byPlaybook && (
        <NumberInput
          label="Most steps"
          description="How many turns the model may take, 1 to 1000. Left empty: 10."
          min={1}
          max={MOST_STEPS}
          allowDecimal={false}
          {...form.getInputProps('max_steps')}
        />
      )}
      {roles.includes('admin') && <OnBehalfOf form={form} />}
    </Stack>
  );
};

const OnBehalfOf = ({ form }: { form: RunForm }) => {
  const { team } = useMe();
  const members = useQuery({
    queryKey: [...MEMBERS, team, 'names'],
    queryFn: () => api.members.list(team, { limit: MOST_MEMBERS }),
  });
  return (
    <Autocomplete
      label="On behalf of"
      description="Who is behind the run. Left empty: you. Naming somebody else is for admins, and stands in the record."
      data={[...new Set((members.data?.items ?? []).map(({ email }) => email))]}
      maxLength={200}
      {...form.getInputProps('on_behalf_of')}
    />
  );
};
