import type { Action, Step } from '#client/browser';
import { ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { visible } from '../page/foreign.rules.js';
import { ActionDetail } from './action-detail.js';
import type { ActionTimes } from './chronicle.rules.js';
import { FactStrip } from './fact-strip.js';
import classes from './trace.module.css';
import { isDeviating, isFailed, isWaiting } from './trace.rules.js';

const SHOWN_CHARACTERS = 300;

const markOf = (action: Action, step: Pick<Step, 'observation'>): 'bad' | 'asks' | undefined => {
  if (isWaiting(action, step)) return 'asks';
  return isDeviating(action) || isFailed(action) ? 'bad' : undefined;
};

const argumentsInLine = (action: Action): string =>
  visible(JSON.stringify(action.arguments ?? {}).slice(0, SHOWN_CHARACTERS));

export interface ActionLineProps {
  action: Action;
  /** Of the step: null while its turn is not over. */
  observation: Step['observation'];
  open: boolean;
  times: ActionTimes | undefined;
  toggle: (key: string) => void;
}

/** One action: the call, its five facts, and everything there is to know of it once it is opened. */
export const ActionLine = memo(({ action, observation, open, times, toggle }: ActionLineProps) => {
  const { key } = action;
  return (
    <div className={classes.action} data-mark={markOf(action, { observation })} data-action={key}>
      <button type="button" className={classes.call} aria-expanded={open} onClick={() => toggle(key)}>
        <ChevronRight size={14} aria-hidden className={classes.chevron} />
        <span className={`mono ${classes.tool}`}>{visible(action.tool ?? 'a call')}</span>
        <span className={`mono ${classes.arguments}`}>{argumentsInLine(action)}</span>
      </button>
      <FactStrip action={action} />
      {open && <ActionDetail action={action} times={times} />}
    </div>
  );
});
ActionLine.displayName = 'ActionLine';
