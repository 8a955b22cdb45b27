import { Modal } from '@mantine/core';
import type { Budget } from '#client/browser';
import { BudgetForm, RemovalForm } from './budget-form.js';

/** What is being done about budgets. */
export type BudgetTask = { kind: 'set' } | { kind: 'change'; budget: Budget } | { kind: 'remove'; budget: Budget };

const TITLES = { set: 'New budget', change: 'Change the budget', remove: 'Remove the budget?' } as const;

export const BudgetDialog = ({ task, close }: { task: BudgetTask | null; close: () => void }) => (
  <Modal opened={task !== null} onClose={close} title={task && TITLES[task.kind]} size="lg">
    {task?.kind === 'remove' && <RemovalForm budget={task.budget} done={close} />}
    {(task?.kind === 'set' || task?.kind === 'change') && (
      <BudgetForm budget={task.kind === 'change' ? task.budget : null} done={close} />
    )}
  </Modal>
);
