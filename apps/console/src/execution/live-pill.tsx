import { Radio, WifiOff } from 'lucide-react';
import { useLiveState } from '../live/use-live-state.js';
import classes from './status-badge.module.css';

const WORDS = {
  live: 'live',
  connecting: 'connecting …',
  reconnecting: 'reconnecting …',
  offline: 'offline',
} as const;

/** Whether what is shown follows the run as it happens. After a break it goes on where it was, without a gap. */
export const LivePill = () => {
  const state = useLiveState();
  const Icon = state === 'live' ? Radio : WifiOff;
  return (
    <span
      className={classes.badge}
      data-tone={state === 'live' ? 'low' : 'medium'}
      role="status"
      title={state === 'live' ? 'Every step shows as it happens' : 'It goes on by itself, without a gap'}
    >
      <Icon size={13} aria-hidden />
      {WORDS[state]}
    </span>
  );
};
