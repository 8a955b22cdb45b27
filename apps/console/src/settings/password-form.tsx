import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { SESSIONS } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { useMe } from '../session/use-me.js';
import { Card } from './card.js';

const MIN_LENGTH = 8;

/** Another password; every other session of this person ends with it. */
export const PasswordForm = () => {
  const { user } = useMe();
  const queries = useQueryClient();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { old: '', new: '' },
    validate: (values) => ({
      ...(values.old === '' && { old: 'Needed to know that it is you.' }),
      ...(values.new.length < MIN_LENGTH && { new: `At least ${MIN_LENGTH} characters.` }),
    }),
    send: (values) => api.changePassword(values.old, values.new),
    done: () => {
      form.reset();
      void queries.invalidateQueries({ queryKey: SESSIONS });
      notifications.show({ title: 'Password changed', message: 'All your other sessions have ended.' });
    },
  });
  return (
    <Card title="Password" description="Changing it ends all your other sessions.">
      <form onSubmit={submit} aria-label="Change the password" noValidate>
        <Stack gap="sm" maw={420}>
          <input type="email" autoComplete="username" value={user.email} readOnly hidden />
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            withAsterisk
            {...form.getInputProps('old')}
          />
          <PasswordInput
            label="New password"
            description={`At least ${MIN_LENGTH} characters`}
            autoComplete="new-password"
            withAsterisk
            {...form.getInputProps('new')}
          />
          <FormProblem problem={problem} />
          <Group>
            <Button type="submit" loading={pending}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
};
