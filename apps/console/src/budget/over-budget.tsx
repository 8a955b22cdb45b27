import { Alert, Button, Group, Text } from '@mantine/core';
import type { Execution } from '#client/browser';
import { Link } from '@tanstack/react-router';
import { Wallet } from 'lucide-react';
import { Foreign } from '../page/foreign.js';
import { useMay } from '../session/use-me.js';
import { nameOf, spentText } from './budget.rules.js';
import { useSpentBudgets } from './use-budgets.js';

/** Of a run that waits for its budget: which one, and where it is raised. */
export const OverBudget = ({ execution }: { execution: Pick<Execution, 'id' | 'agent_id'> }) => {
  const spent = useSpentBudgets(execution).data ?? [];
  const mayRead = useMay('budget.read');
  const mayRaise = useMay('budget.write');
  const [first] = spent;
  return (
    <Alert
      role="status"
      color="yellow"
      variant="light"
      icon={<Wallet size={20} aria-hidden />}
      title="Waits for its budget"
    >
      <Group justify="space-between" gap="sm">
        <div>
          {spent.map((budget) => (
            <Text key={budget.id} size="sm" component="div">
              <Foreign text={nameOf(budget)} />: {spentText(budget)}.
            </Text>
          ))}
          <Text size="sm">
            {spent.length === 0 && 'It looks again within a minute. '}
            {mayRaise
              ? 'Raise the limit and it goes on where it was; Resume lets this run alone go beyond it.'
              : 'It goes on where it was once an admin raises the limit, or resumes it.'}
          </Text>
        </div>
        {mayRead && (
          <Button
            size="xs"
            variant="default"
            renderRoot={(props) => (
              <Link
                to="/settings/budgets"
                search={first ? { scope: first.scope, ...(first.target && { target: first.target }) } : {}}
                {...props}
              />
            )}
          >
            {mayRaise ? 'Raise the limit' : 'To the budget'}
          </Button>
        )}
      </Group>
    </Alert>
  );
};
