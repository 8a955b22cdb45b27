import { Center, Loader } from '@mantine/core';
import type { Me } from '#client/browser';
import { type ReactNode, useEffect, useState } from 'react';
import { api } from '../data/api.js';
import { Failure } from '../page/failure.js';
import { LoginPage } from './login-page.js';
import { NewPasswordPage } from './new-password-page.js';
import { MeContext, useWhoIsThere } from './use-me.js';

const REFRESH_MS = 10 * 60_000;

/** Nobody sees anything behind it without being signed in; what they wanted to see is there when they are. */
export const SessionGate = ({ children }: { children: ReactNode }) => {
  const { data: me, error, refetch, isPending } = useWhoIsThere();
  const signedIn = Boolean(me);
  const ended = useEnded(me);
  useEffect(() => {
    if (!signedIn) return undefined;
    const timer = setInterval(() => void api.refresh().catch(() => undefined), REFRESH_MS);
    return () => clearInterval(timer);
  }, [signedIn]);
  if (isPending) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (me === undefined) {
    return (
      <Center h="100vh" p="md">
        <Failure error={error} retry={() => void refetch()} />
      </Center>
    );
  }
  if (me === null) return <LoginPage ended={ended} />;
  if (me.password_change_required) return <NewPasswordPage issued={me.password_issued} />;
  return <MeContext value={me}>{children}</MeContext>;
};

/** Nobody is there where somebody was a moment ago; whoever signs out leaves by way of not being known. */
const useEnded = (me: Me | null | undefined): boolean => {
  const [before, setBefore] = useState(me);
  const [ended, setEnded] = useState(false);
  if (before !== me) {
    setBefore(me);
    setEnded(Boolean(before) && me === null);
  }
  return ended;
};
