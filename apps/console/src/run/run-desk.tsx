import type { Playbook } from '#client/browser';
import { useDisclosure } from '@mantine/hooks';
import { type KeyboardEvent, useEffect, useEffectEvent } from 'react';
import { NOT_RECOMMENDED } from '../risk/risk.rules.js';
import { choosePlaybook } from './playbook-field.js';
import { PredictionPanel } from './prediction-panel.js';
import { ProceedDialog } from './proceed-dialog.js';
import classes from './run.module.css';
import { TaskForm } from './task-form.js';
import { useRun } from './use-run.js';

/** The task on one side, what is foreseen of it on the other; Proceed stands with what is foreseen. A playbook just registered is the one chosen. */
export const RunDesk = ({ playbooks, registered }: { playbooks: Playbook[]; registered: Playbook | null }) => {
  const run = useRun();
  const choose = useEffectEvent((name: string) => choosePlaybook(run.form, name));
  useEffect(() => {
    if (registered) choose(registered.name);
  }, [registered]);
  const [asking, ask] = useDisclosure();
  const foreseen = run.fresh ? run.prediction.data : undefined;
  const proceed = (): void => {
    if (!foreseen || foreseen.predicted_risk >= NOT_RECOMMENDED) ask.open();
    else run.proceed();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run.predict();
  };
  return (
    <>
      <div className={classes.desk} onKeyDown={press}>
        <div className={classes.columns}>
          <TaskForm run={run} playbooks={playbooks} />
          <PredictionPanel run={run} proceed={proceed} />
        </div>
      </div>
      <ProceedDialog
        opened={asking}
        close={ask.close}
        prediction={foreseen ?? null}
        proceed={() => {
          ask.close();
          run.proceed();
        }}
      />
    </>
  );
};
