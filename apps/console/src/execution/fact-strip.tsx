import type { Action } from '#client/browser';
import { Check, CircleDashed, Hand, LoaderCircle, type LucideIcon, Minus, TriangleAlert, Undo2, X } from 'lucide-react';
import { memo } from 'react';
import { visible } from '../page/foreign.rules.js';
import { cellsOf, type FactCell, type FactState } from './facts.rules.js';
import classes from './trace.module.css';

const ICONS: Record<FactState, LucideIcon> = {
  good: Check,
  back: Undo2,
  bad: X,
  asks: Hand,
  note: TriangleAlert,
  runs: LoaderCircle,
  open: CircleDashed,
  none: Minus,
};

const Cell = ({ fact, state, tone, text, more, whole }: FactCell) => {
  const Icon = ICONS[state];
  const [words, rest] = [visible(text), more && visible(more)];
  const title = [words, rest, whole && visible(whole)].filter(Boolean).join('\n');
  return (
    <div className={classes.cell} data-fact={fact} data-state={state} data-tone={tone}>
      <dt>{fact}</dt>
      <dd title={title}>
        <Icon size={13} aria-hidden className={state === 'runs' ? classes.spins : undefined} />
        <span className={classes.words}>{words}</span>
      </dd>
      {rest && <dd className={classes.more}>{rest}</dd>}
    </div>
  );
};

/** The five facts of an action side by side: predicted, decided, done, verified, undone. */
export const FactStrip = memo(({ action }: { action: Action }) => (
  <dl className={classes.strip}>
    {cellsOf(action).map((cell) => (
      <Cell key={cell.fact} {...cell} />
    ))}
  </dl>
));
FactStrip.displayName = 'FactStrip';
