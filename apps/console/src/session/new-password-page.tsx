import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { Me } from '#client/browser';
import { api } from '../data/api.js';
import { ME } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { PasswordIssued } from '../page/password-issued.js';
import { SignInCard } from './sign-in-card.js';

/** For somebody who came with a one-time password. */
export const NewPasswordPage = ({ issued }: { issued: Me['password_issued'] }) => {
  const queries = useQueryClient();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { old: '', new: '' },
    send: async (values) => {
      await api.changePassword(values.old, values.new);
      await queries.invalidateQueries({ queryKey: ME });
    },
  });
  return (
    <SignInCard title="Choose your password">
      <form onSubmit={submit} aria-label="Choose your password">
        <Stack>
          <Text size="sm">You signed in with a one-time password, which will end. Choose your own to go on.</Text>
          {issued && (
            <Text size="sm">
              <PasswordIssued issued={issued} /> Whoever else had it could have signed in as you.
            </Text>
          )}
          <PasswordInput
            label="One-time password"
            autoComplete="current-password"
            required
            {...form.getInputProps('old')}
          />
          <PasswordInput
            label="New password"
            description="At least 8 characters"
            autoComplete="new-password"
            required
            minLength={8}
            {...form.getInputProps('new')}
          />
          <FormProblem problem={problem} />
          <Button type="submit" loading={pending}>
            Save and go on
          </Button>
        </Stack>
      </form>
    </SignInCard>
  );
};
