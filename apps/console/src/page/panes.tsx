import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './panes.module.css';

const TWO_PANES = '(min-width: 62em)';

/** Whether a list and what is looked at of it stand beside each other. */
export const useWide = (): boolean => useMediaQuery(TWO_PANES, undefined, { getInitialValueInEffect: false }) ?? true;

/** A list and the one that is looked at: beside each other, or one after the other where there is little room. */
export const Panes = ({
  list,
  detail,
  label,
  all,
  back,
}: {
  list: ReactNode;
  /** Null: nothing is looked at. */
  detail: ReactNode | null;
  /** What the detail is called. */
  label: string;
  /** What leads back to the list: `All violations`. */
  all: string;
  back: () => void;
}) => {
  const wide = useWide();
  return (
    <div className={`surface ${classes.panes}`} data-narrow={wide ? undefined : true}>
      {(wide || detail === null) && <div className={classes.pane}>{list}</div>}
      {detail !== null && (
        <section className={classes.pane} aria-label={label} tabIndex={wide ? 0 : -1}>
          {!wide && (
            <Button variant="subtle" m="xs" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={back}>
              {all}
            </Button>
          )}
          {detail}
        </section>
      )}
    </div>
  );
};
