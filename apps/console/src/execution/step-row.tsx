import type { Step } from '#client/browser';
import { memo, useState } from 'react';
import { Foreign } from '../page/foreign.js';
import { RiskBadge } from '../risk/risk-badge.js';
import { ActionLine } from './action-line.js';
import type { Chronicle, Finding } from './chronicle.rules.js';
import { ClockTime } from './clock-time.js';
import { CopyButton } from './copy-button.js';
import { FindingList } from './finding-list.js';
import classes from './trace.module.css';
import { stopsOf } from './trace.rules.js';

/** A turn may have a thousand actions; so many more are shown at a time, and always those to stop at. */
const SHOWN_ACTIONS = 20;

/** A step that is on its way. */
export const StepSkeleton = ({ number }: { number: number }) => (
  <div className={`${classes.step} ${classes.skeleton}`} aria-busy>
    Step {number}
    <div className={classes.bar} style={{ width: '46%' }} />
    <div className={classes.bar} style={{ width: '82%' }} />
  </div>
);

const linkTo = (number: number): string => `${location.origin}${location.pathname}#step-${number}`;

const StepHead = ({ step, risk }: { step: Step; risk: number | undefined }) => (
  <header className={classes.stepHead}>
    <a className={classes.number} href={`#step-${step.step}`} aria-label={`Step ${step.step}, link to it`}>
      {step.step}
    </a>
    <h2 className={classes.thought} id={`thought-${step.step}`}>
      {step.thought ? (
        <Foreign text={step.thought} clamp={3} />
      ) : (
        <span className={classes.when}>no thought was given</span>
      )}
    </h2>
    <span className={classes.when}>
      {risk !== undefined && (
        <>
          <span title="the run's risk after this step">risk after</span> <RiskBadge risk={risk} compact />
          {' · '}
        </>
      )}
      {step.timestamp && <ClockTime at={step.timestamp} />}
      <CopyButton text={linkTo(step.step)} what={`the link to step ${step.step}`} />
    </span>
  </header>
);

export interface StepRowProps {
  step: Step;
  /** Keys of its actions that are open, in one text so that equal means the same. */
  open: string;
  target: boolean;
  chronicle: Chronicle;
  findings: Finding[] | undefined;
  risk: number | undefined;
  toggle: (key: string) => void;
  /** Changes when the moments of an open action may have; 0 while none is open. */
  tick: number;
}

/** One step: what the agent thought, what the analyser found, and its actions. */
export const StepRow = memo(({ step, open, target, chronicle, findings, risk, toggle }: StepRowProps) => {
  const [most, setMost] = useState(SHOWN_ACTIONS);
  const stops = step.actions.length > most ? new Set(stopsOf(step).map(({ key }) => key)) : null;
  const shown = stops ? step.actions.filter(({ key }, at) => at < most || stops.has(key)) : step.actions;
  const opened = open.split(' ');
  return (
    <article className={classes.step} aria-labelledby={`thought-${step.step}`} data-target={target || undefined}>
      <StepHead step={step} risk={risk} />
      {findings && <FindingList inStep findings={findings} />}
      {step.actions.length === 0 && <div className={classes.quiet}>Nothing to do in this step.</div>}
      {shown.map((action) => (
        <ActionLine
          key={action.key}
          action={action}
          observation={step.observation}
          open={opened.includes(action.key)}
          times={opened.includes(action.key) ? chronicle.times.get(action.key) : undefined}
          toggle={toggle}
        />
      ))}
      {shown.length < step.actions.length && (
        <button type="button" className={classes.rest} onClick={() => setMost(most + SHOWN_ACTIONS * 5)}>
          {shown.length} of {step.actions.length} actions shown. Show more
        </button>
      )}
    </article>
  );
});
StepRow.displayName = 'StepRow';
