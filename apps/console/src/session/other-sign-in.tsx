import { Alert, Button, Divider, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { SIGN_IN_METHODS } from '../data/keys.js';
import { visible } from '../page/foreign.rules.js';
import { signInRefusal } from './sign-in-refusal.rules.js';

/** Of the page as it was opened: the first redirect of the router forgets it. */
const { search } = location;

/** Signing in by an account elsewhere, where the installation has set that up. */
export const OtherSignIn = () => {
  const { data } = useQuery({ queryKey: SIGN_IN_METHODS, queryFn: () => api.signInMethods() });
  const provider = data?.oidc && visible(data.oidc.name);
  const refusal = signInRefusal(search, provider ?? undefined);
  if (!data?.oidc && refusal === null) return null;
  return (
    <Stack>
      {data?.oidc && <Divider label="or" />}
      {refusal !== null && (
        <Alert color="red" variant="light" role="alert">
          {refusal}
        </Alert>
      )}
      {data?.oidc && (
        <Button component="a" href={data.oidc.start} variant="default">
          Sign in with {provider}
        </Button>
      )}
    </Stack>
  );
};
