import { Button, Checkbox, Code, Group, MultiSelect, NumberInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ApiKey, ApiKeyChoice, NewApiKey } from '#client/browser';
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../data/api.js';
import { API_KEY_CHOICES, API_KEYS } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { CopyText } from '../page/copy-text.js';
import { Foreign } from '../page/foreign.js';
import { useMe } from '../session/use-me.js';
import { fitting, KEY_TYPES, type KeyDraft, problemsOf, requestOf, rolesOf, scopesOf } from './key.rules.js';
import { RoleChoice } from './role-choice.js';

const DRAFT: KeyDraft = {
  type: 'agent',
  name: '',
  role: 'operator',
  scopes: [],
  expires_in_days: 90,
  usage_limit: '',
};

const useChanged = () => {
  const queries = useQueryClient();
  return (): void => void queries.invalidateQueries({ queryKey: API_KEYS });
};

/** What this person can give a key, by its type. */
export const useKeyChoices = (): UseQueryResult<ApiKeyChoice[]> => {
  const { team } = useMe();
  return useQuery({
    queryKey: [...API_KEY_CHOICES, team],
    queryFn: async () => (await api.keys.choices()).items,
  });
};

/** Who acts by it, under which name. */
const Actor = ({
  form,
  change,
}: {
  form: UseFormReturnType<KeyDraft>;
  change: (values: Partial<KeyDraft>) => void;
}) => {
  const isPerson = form.values.type === 'person';
  return (
    <>
      <Radio.Group
        label="Who acts by it"
        {...form.getInputProps('type')}
        onChange={(value) => change({ type: value as KeyDraft['type'] })}
      >
        <Stack gap="xs" mt={6}>
          {KEY_TYPES.map(({ type, label, may }) => (
            <Radio key={type} value={type} label={label} description={may} />
          ))}
        </Stack>
      </Radio.Group>
      <TextInput
        label="Name"
        description={isPerson ? 'Optional; what the key is for' : 'Its own name, in every record of what it does'}
        maxLength={100}
        autoComplete="off"
        data-autofocus
        withAsterisk={!isPerson}
        {...form.getInputProps('name')}
      />
    </>
  );
};

/** How far and how long a key reaches. */
const Bounds = ({ form, scopes }: { form: UseFormReturnType<KeyDraft>; scopes: readonly string[] }) => (
  <>
    <MultiSelect
      label="Kept to"
      description="Optional; of what its role may do, this alone"
      data={scopes}
      clearable
      searchable
      {...form.getInputProps('scopes')}
    />
    <Group grow align="flex-start">
      <NumberInput
        label="Expires after"
        suffix=" days"
        min={1}
        max={366}
        allowDecimal={false}
        {...form.getInputProps('expires_in_days')}
      />
      <NumberInput
        label="Good for"
        placeholder="any number of requests"
        suffix=" requests"
        min={1}
        allowDecimal={false}
        allowNegative={false}
        {...form.getInputProps('usage_limit')}
      />
    </Group>
  </>
);

export const NewKeyForm = ({
  choices,
  made,
  cancel,
}: {
  choices: readonly ApiKeyChoice[];
  made: (key: NewApiKey) => void;
  cancel: () => void;
}) => {
  const changed = useChanged();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: fitting(choices, DRAFT),
    validate: problemsOf,
    send: (draft) => api.keys.create(requestOf(draft)),
    done: (key) => {
      changed();
      made(key);
    },
  });
  const { type, role } = form.values;
  /** Another type or role may hold less: what no longer fits goes. */
  const change = (values: Partial<KeyDraft>): void => form.setValues(fitting(choices, { ...form.values, ...values }));
  return (
    <form onSubmit={submit} aria-label="New API key" noValidate>
      <Stack>
        <Actor form={form} change={change} />
        <RoleChoice
          {...form.getInputProps('role')}
          offered={rolesOf(choices, type)}
          onChange={(value) => change({ role: value })}
        />
        <Bounds form={form} scopes={scopesOf(choices, { type, role })} />
        <FormProblem problem={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={cancel} disabled={pending}>
            Cancel
          </Button>
          <Button type="submit" loading={pending}>
            Make the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

/** The one time it can be read: it goes when whoever reads it says that it was kept. */
export const ShownKey = ({ made, done }: { made: NewApiKey; done: () => void }) => {
  const [kept, setKept] = useState(false);
  return (
    <Stack>
      <Text size="sm">
        Send it as the header <Code>X-API-Key</Code>, never in a URL. It is shown this once: only its fingerprint is
        kept.
      </Text>
      <Group gap="xs" wrap="nowrap">
        <Code fz="sm" p="xs" flex={1} className="foreign" style={{ overflowWrap: 'anywhere' }}>
          {made.api_key}
        </Code>
        <CopyText text={made.api_key} label="Copy the API key" />
      </Group>
      <Checkbox
        label="I have put it where it is needed"
        checked={kept}
        onChange={(event) => setKept(event.currentTarget.checked)}
      />
      <Button disabled={!kept} onClick={done}>
        Close
      </Button>
    </Stack>
  );
};

export const RevocationForm = ({ apiKey, done }: { apiKey: ApiKey; done: () => void }) => {
  const changed = useChanged();
  const { submit, pending, problem } = useServerForm({
    initialValues: {},
    send: () => api.keys.revoke(apiKey.id),
    done: () => {
      changed();
      done();
    },
  });
  return (
    <form onSubmit={submit} aria-label={`Revoke ${apiKey.name}`}>
      <Stack>
        <Text size="sm">
          <Foreign text={apiKey.name} /> is refused from its next request on, and its streams end. Nobody can undo that;
          runs that it started go on.
        </Text>
        <FormProblem problem={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={done} disabled={pending}>
            Cancel
          </Button>
          <Button type="submit" loading={pending} color="red">
            Revoke the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
};
