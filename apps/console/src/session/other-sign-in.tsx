import { Alert, Button, Divider, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '../data/api.js';
import { SIGN_IN_METHODS } from '../data/keys.js';
import { visible } from '../page/foreign.rules.js';
import { signInRefusal } from './sign-in-refusal.rules.js';

/** Of the page as it was opened: the first redirect of the router forgets it. */
const refusal = signInRefusal(location.search);

/** Signing in by an account elsewhere, where the installation has set that up. */
export const OtherSignIn = () => {
  const { data } = useQuery({ queryKey: SIGN_IN_METHODS, queryFn: () => api.signInMethods() });
  if (!data?.oidc && refusal === null) return null;
  return (
    <Stack>
      {refusal !== null && (
        <Alert color="red" variant="light" role="alert">
          {refusal}
        </Alert>
      )}
      {data?.oidc && (
        <>
          <Divider label="or" />
          <Button component="a" href={data.oidc.start} variant="default">
            Sign in with {visible(data.oidc.name)}
          </Button>
        </>
      )}
    </Stack>
  );
};
