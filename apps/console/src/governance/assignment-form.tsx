import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import type { Violation } from '#client/browser';
import { api } from '../data/api.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import { useMay } from '../session/use-me.js';
import { dayOf, endOf } from './due.js';
import { useOwners, useViolationChanged } from './use-violations.js';
import { Due } from './violation-row.js';
import { type Assignment, changeOf } from './violation.rules.js';

const FIELDS: Record<string, string> = { owner: 'owner', due_at: 'due' };

const Form = ({ violation }: { violation: Violation }) => {
  const { members, nameOf } = useOwners();
  const changed = useViolationChanged();
  const before: Assignment = { owner: violation.owner ?? '', due: dayOf(violation.due_at) };
  const { form, submit, pending, problem } = useServerForm({
    initialValues: before,
    send: (now) => api.violations.change(violation.id, changeOf(before, now, endOf(now.due))),
    done: changed,
    field: (path) => FIELDS[path] ?? null,
  });
  const owners = members.map(({ id, name }) => ({ value: id, label: visible(name) }));
  // Somebody who has left the team since.
  const gone = before.owner !== '' && !owners.some(({ value }) => value === before.owner);
  const { owner, due } = form.values;
  return (
    <form onSubmit={submit} aria-label="Owner and date" noValidate>
      <Group align="flex-end" gap="sm">
        <Select
          label="Owner"
          placeholder="Nobody"
          data={gone ? [...owners, { value: before.owner, label: nameOf(before.owner) }] : owners}
          searchable
          clearable
          flex="1 1 200px"
          {...form.getInputProps('owner')}
          value={owner || null}
          onChange={(to) => form.setFieldValue('owner', to ?? '')}
        />
        <TextInput label="Due" type="date" max="9999-12-31" flex="1 1 150px" {...form.getInputProps('due')} />
        <Button
          type="submit"
          variant="default"
          loading={pending}
          disabled={owner === before.owner && due === before.due}
        >
          Save
        </Button>
      </Group>
      <FormProblem problem={problem} />
    </form>
  );
};

/** Whose it is, and by when: to be changed by whoever may. */
export const AssignmentForm = ({ violation }: { violation: Violation }) => {
  const may = useMay('violation.write');
  const { nameOf } = useOwners();
  const { owner, due_at } = violation;
  // What somebody else changed meanwhile is what one goes on from.
  if (may) return <Form key={`${owner} ${due_at}`} violation={violation} />;
  return (
    <Text size="sm" component="div">
      {owner ? <Foreign text={nameOf(owner)} /> : 'Nobody has taken it.'}
      {due_at && (
        <>
          {' · '}
          <Due {...violation} />
        </>
      )}
    </Text>
  );
};
