import type { Action } from '#client/browser';
import { FileMinus, FilePen, FilePlus } from 'lucide-react';
import { Foreign } from '../page/foreign.js';
import classes from './action-detail.module.css';

type Verified = NonNullable<Action['verified']>;
type Change = Verified['changes'][number];
type Deviation = Verified['deviations'][number];

const ICONS = { created: FilePlus, modified: FilePen, deleted: FileMinus } as const;

export const ChangeWord = ({ change }: { change: Change['change'] }) => {
  const Icon = ICONS[change];
  return (
    <span className={classes.change} data-change={change}>
      <Icon size={13} aria-hidden />
      {change}
    </span>
  );
};

/** What was observed to change; what the contract does not expect says why. */
export const ChangeList = ({
  changes,
  deviations,
  count,
}: {
  changes: readonly Change[];
  deviations: readonly Deviation[];
  count: number;
}) => {
  const reasons = new Map(deviations.map(({ path, reason }) => [path, reason]));
  const seen = new Set(changes.map(({ path }) => path));
  const elsewhere = deviations.filter(({ path }) => !path || !seen.has(path));
  return (
    <>
      {changes.length > 0 && (
        <ul className={classes.paths}>
          {changes.map(({ path, change }) => (
            <li key={path} data-deviates={reasons.has(path) || undefined}>
              <ChangeWord change={change} />
              <Foreign mono text={path} />
              {reasons.has(path) && (
                <span className={classes.reason}>
                  deviates: <Foreign text={reasons.get(path)!} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {count > changes.length && (
        <div>… and {count - changes.length} more, which the record counts and does not name.</div>
      )}
      <DeviationList title="Beside these" deviations={elsewhere} />
    </>
  );
};

export const DeviationList = ({ title, deviations }: { title: string; deviations: readonly Deviation[] }) => {
  if (deviations.length === 0) return null;
  return (
    <ul className={classes.paths} aria-label={title}>
      {deviations.map(({ path, change, reason }, at) => (
        <li key={at} data-deviates>
          {change ? <ChangeWord change={change} /> : <span />}
          <span>
            {path && (
              <>
                <Foreign mono text={path} />
                <br />
              </>
            )}
            <Foreign text={reason} />
          </span>
        </li>
      ))}
    </ul>
  );
};
