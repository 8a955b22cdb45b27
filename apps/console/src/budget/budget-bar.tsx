import type { Budget } from '#client/browser';
import { barOf, limitsText, spentText, standingOf } from './budget.rules.js';
import classes from './budget.module.css';

/** What is spent and reserved of a budget, against its limits; in words below it. */
export const BudgetBar = ({ budget, label }: { budget: Budget; label: string }) => {
  const { used, reserved, soft } = barOf(budget);
  return (
    <div>
      <div
        className={classes.bar}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.min(100, Math.round(used + reserved))}
        aria-valuetext={`${spentText(budget)}; ${limitsText(budget)}`}
        data-tone={standingOf(budget).tone}
      >
        <span className={classes.used} style={{ width: `${used}%` }} />
        <span className={classes.reserved} style={{ width: `${reserved}%` }} />
        {soft !== null && <span className={classes.soft} style={{ insetInlineStart: `${soft}%` }} />}
      </div>
      <div className={classes.said}>
        <span>{spentText(budget)}</span>
        <span className={classes.limits}>{limitsText(budget)}</span>
      </div>
    </div>
  );
};
