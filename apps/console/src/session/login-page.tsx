import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api, chooseTeam } from '../data/api.js';
import { ME } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { clientWords } from '../settings/session.rules.js';
import { OtherSignIn } from './other-sign-in.js';
import { SignInCard } from './sign-in-card.js';

export const LoginPage = ({ ended }: { ended?: boolean }) => {
  const queries = useQueryClient();
  const { form, submit, pending, problem } = useServerForm({
    initialValues: { email: '', password: '' },
    send: async ({ email, password }) => {
      chooseTeam(null);
      await api.login(email.trim(), password, clientWords(navigator.userAgent));
      // Nothing that somebody else has read in this tab is shown to whoever signs in now.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ME[0] });
      await queries.resetQueries({ queryKey: ME });
    },
  });
  return (
    <SignInCard title="Sign in">
      <form onSubmit={submit} aria-label="Sign in">
        <Stack>
          {ended && (
            <Text size="sm" role="status">
              Your session has ended. Sign in to go on where you were.
            </Text>
          )}
          <TextInput
            label="E-mail address"
            type="email"
            autoComplete="username"
            autoFocus
            required
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            {...form.getInputProps('password')}
          />
          <FormProblem problem={problem} />
          <Button type="submit" loading={pending}>
            Sign in
          </Button>
          <Text size="xs" c="dimmed">
            The first login is printed once by <code>npm start</code>. Others get a one-time password from an admin.
          </Text>
        </Stack>
      </form>
      <OtherSignIn />
    </SignInCard>
  );
};
