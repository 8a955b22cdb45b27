import type { Execution } from '#client/browser';
import {
  Ban,
  CircleCheck,
  CircleDot,
  CircleHelp,
  CirclePause,
  CircleSlash,
  CircleX,
  Hand,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  ScanSearch,
  TimerOff,
  TriangleAlert,
  Undo2,
} from 'lucide-react';
import type { CSSProperties } from 'react';
import { statusWords } from './status.rules.js';
import classes from './status-badge.module.css';

const ICONS: Record<Execution['status'], LucideIcon> = {
  submitted: CircleDot,
  denied: Ban,
  awaiting_approval: Hand,
  queued: Hourglass,
  running: LoaderCircle,
  paused: CirclePause,
  verifying: ScanSearch,
  succeeded: CircleCheck,
  rolled_back: Undo2,
  partially_rolled_back: Undo2,
  rollback_failed: TriangleAlert,
  unverifiable: CircleHelp,
  failed: CircleX,
  cancelled: CircleSlash,
  expired: TimerOff,
};

/** The status of an execution: a word with an icon, never a colour alone; what it means is the title. */
export const StatusBadge = ({
  status,
  pausedReason = null,
  size,
  past,
}: {
  status: Execution['status'];
  pausedReason?: Execution['paused_reason'];
  size?: 'large';
  /** It was so once: nothing moves. */
  past?: boolean;
}) => {
  const { word, tone, meaning } = statusWords(status, pausedReason);
  const Icon = status === 'paused' && pausedReason === 'approval' ? Hand : ICONS[status];
  return (
    <span
      className={classes.badge}
      data-large={size === 'large' || undefined}
      data-moves={(status === 'running' && !past) || undefined}
      style={{ '--tone': `var(--${tone})` } as CSSProperties}
      title={meaning}
    >
      <Icon size={size === 'large' ? 16 : 13} aria-hidden />
      {word}
    </span>
  );
};
