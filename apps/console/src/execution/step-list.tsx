import { StepRow, StepSkeleton } from './step-row.js';
import classes from './trace.module.css';
import type { Rows, VirtualSteps } from './use-virtual-steps.js';
import type { Trace } from './use-trace.js';

/** The steps in sight; the rest of the list is empty space of about the right height. */
export const StepList = ({
  trace: { store },
  rows,
  steps: { list, top, virtual, items },
  opened,
  target,
  toggle,
}: {
  trace: Trace;
  rows: Rows;
  steps: VirtualSteps;
  opened: ReadonlySet<string>;
  target: number | null;
  toggle: (key: string) => void;
}) => {
  const openOf = (number: number): string =>
    (store.step(number)?.actions ?? [])
      .map(({ key }) => key)
      .filter((key) => opened.has(key))
      .join(' ');
  return (
    <div ref={list} className={classes.list} style={{ height: virtual.getTotalSize() }} role="list" aria-label="Steps">
      {items.map(({ index, key, start }) => {
        const number = rows.step(index);
        const step = store.step(number);
        const open = openOf(number);
        return (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            className={classes.place}
            role="listitem"
            aria-posinset={index + 1}
            aria-setsize={rows.count}
            style={{ transform: `translateY(${start - top}px)` }}
          >
            {step ? (
              <StepRow
                step={step}
                open={open}
                target={number === target}
                chronicle={store.chronicle}
                findings={store.chronicle.findings.get(number)}
                risk={store.chronicle.risks.get(number)?.risk_score}
                toggle={toggle}
                tick={open === '' ? 0 : store.version()}
              />
            ) : (
              <StepSkeleton number={number} />
            )}
          </div>
        );
      })}
    </div>
  );
};
