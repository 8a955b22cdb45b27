import { Fieldset, Select, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { visible } from '../page/foreign.rules.js';
import { Read } from '../page/read.js';
import type { Declaration, Raw } from './playbook-inputs.rules.js';
import { rawIn } from './run-draft.rules.js';
import type { Run, RunForm } from './use-run.js';

/** A field for every input that the playbook's file declares, with its default in it. */
export const PlaybookInputs = ({ form, version }: { form: RunForm; version: Run['version'] }) => {
  if (form.values.playbook === null) return null;
  return (
    <Read query={version} rows={2}>
      {({ declarations }) =>
        declarations.length === 0 ? (
          <Text size="xs" c="dimmed">
            This playbook takes no inputs.
          </Text>
        ) : (
          <Fieldset legend="Inputs" p="md">
            <Stack gap="md">
              {declarations.map((declaration) => (
                <Input key={declaration.name} form={form} declaration={declaration} />
              ))}
            </Stack>
          </Fieldset>
        )
      }
    </Read>
  );
};

const KINDS: Record<Declaration['type'], string> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  list: 'list',
  map: 'map',
};

/** What a field can say without a value: `null` for an input that is neither required nor defaulted. */
const emptyWords = ({ required, ...declaration }: Declaration): string => {
  if (required) return 'required';
  return 'default' in declaration ? `default ${JSON.stringify(declaration.default)}` : 'left empty: null';
};

const Input = ({ form, declaration }: { form: RunForm; declaration: Declaration }) => {
  const { name, type, required, description } = declaration;
  const raw = rawIn(form.values)(declaration);
  const path = `inputs.${name}`;
  const change = (value: Raw): void => {
    form.setFieldValue('inputs', { ...form.values.inputs, [name]: value });
    form.clearFieldError(path);
  };
  const about = {
    label: name,
    description: describe(description, `${KINDS[type]}, ${emptyWords(declaration)}`),
    required,
    error: form.errors[path],
    'data-path': path,
  };
  if (Array.isArray(raw)) {
    return (
      <TagsInput
        {...about}
        value={raw}
        onChange={change}
        placeholder="Add with Enter"
        acceptValueOnBlur
        allowDuplicates
      />
    );
  }
  if (type === 'boolean') {
    return (
      <Select
        {...about}
        data={['true', 'false']}
        value={raw === '' ? null : raw}
        onChange={(value) => change(value ?? '')}
        clearable={!required}
      />
    );
  }
  const typed = {
    value: raw,
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => change(currentTarget.value),
  };
  if (type === 'list' || type === 'map') {
    return (
      <Textarea
        {...about}
        {...typed}
        autosize
        minRows={1}
        maxRows={8}
        spellCheck={false}
        classNames={{ input: 'mono' }}
      />
    );
  }
  return <TextInput {...about} {...typed} inputMode={type === 'string' ? 'text' : 'decimal'} />;
};

const describe = (said: string | undefined, facts: string): ReactNode => (said ? `${visible(said)} (${facts})` : facts);
