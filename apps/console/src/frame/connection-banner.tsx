import { Alert } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { WifiOff } from 'lucide-react';
import classes from './connection-banner.module.css';
import { useLiveState } from '../live/use-live-state.js';

const BLINK_MS = 1_200;

const WORDS = {
  connecting: 'Connecting to live updates …',
  reconnecting: 'Connection lost. Trying to reconnect …',
  offline: 'You are offline. What you see is what was known; it goes on by itself when the network is back.',
} as const;

/** Says when what is shown may be old; a blink of the connection is not worth a word. */
export const ConnectionBanner = () => {
  const state = useLiveState();
  const [lasting] = useDebouncedValue(state, BLINK_MS);
  if (state === 'live' || lasting === 'live') return <div role="status" aria-live="polite" />;
  return (
    <div role="status" aria-live="polite" className={classes.banner}>
      <Alert
        role="presentation"
        color="yellow"
        variant="light"
        mb="md"
        py="xs"
        icon={<WifiOff size={16} aria-hidden />}
      >
        {WORDS[lasting]}
      </Alert>
    </div>
  );
};
