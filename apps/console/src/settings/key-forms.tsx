import { Button, Checkbox, Code, Group, MultiSelect, NumberInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ApiKey, NewApiKey } from '#client/browser';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../data/api.js';
import { API_KEYS } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { CopyText } from '../page/copy-text.js';
import { Foreign } from '../page/foreign.js';
import { useMe } from '../session/use-me.js';
import { KEY_TYPES, type KeyDraft, problemsOf, requestOf } from './key.rules.js';
import { RoleChoice } from './role-choice.js';
import { ROLES } from './role.rules.js';

const DRAFT: KeyDraft = {
  type: 'agent',
  name: '',
  role: 'viewer',
  scopes: [],
  expires_in_days: 90,
  usage_limit: '',
};

const useChanged = () => {
  const queries = useQueryClient();
  return (): void => void queries.invalidateQueries({ queryKey: API_KEYS });
};

/** What most keys need: to run things, as far as their maker may. */
const useUsualRole = (): KeyDraft['role'] => {
  const { roles } = useMe();
  if (roles.includes('admin')) return 'operator';
  return ROLES.find(({ role }) => roles.includes(role))?.role ?? 'viewer';
};

/** How far and how long a key reaches. */
const Bounds = ({ form }: { form: UseFormReturnType<KeyDraft> }) => {
  const { permissions } = useMe();
  return (
    <>
      <MultiSelect
        label="Kept to"
        description="Optional; of what its role may do, this alone"
        data={permissions}
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
          placeholder="any number of"
          suffix=" requests"
          min={1}
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps('usage_limit')}
        />
      </Group>
    </>
  );
};

export const NewKeyForm = ({ made, cancel }: { made: (key: NewApiKey) => void; cancel: () => void }) => {
  const role = useUsualRole();
  const changed = useChanged();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { ...DRAFT, role },
    validate: problemsOf,
    send: (draft) => api.keys.create(requestOf(draft)),
    done: (key) => {
      changed();
      made(key);
    },
  });
  return (
    <form onSubmit={submit} aria-label="New API key" noValidate>
      <Stack>
        <Radio.Group label="Who acts by it" {...form.getInputProps('type')}>
          <Stack gap="xs" mt={6}>
            {KEY_TYPES.map(({ type, label, may }) => (
              <Radio key={type} value={type} label={label} description={may} />
            ))}
          </Stack>
        </Radio.Group>
        <TextInput
          label="Name"
          description={
            form.values.type === 'person'
              ? 'Optional; what the key is for'
              : 'Its own name, in every record of what it does'
          }
          maxLength={100}
          autoComplete="off"
          data-autofocus
          withAsterisk={form.values.type !== 'person'}
          {...form.getInputProps('name')}
        />
        <RoleChoice {...form.getInputProps('role')} />
        <Bounds form={form} />
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
