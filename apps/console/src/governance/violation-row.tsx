import { Group, Text } from '@mantine/core';
import type { Violation } from '#client/browser';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { ToneBadge } from '../page/tone-badge.js';
import { useNow } from '../approval/use-now.js';
import { isOverdue, STATUS_WORDS, TYPE_WORDS } from './violation.rules.js';

/** How grave it is, what it broke, and what came of it: in words, never by colour alone. */
export const ViolationBadges = ({ severity, violation_type, status }: Violation) => (
  <Group gap={6}>
    <ToneBadge tone={severity === 'low' ? 'neutral' : severity} word={severity} meaning="How grave it is" />
    <ToneBadge tone="neutral" word={TYPE_WORDS[violation_type].label} meaning={TYPE_WORDS[violation_type].what} />
    <ToneBadge {...STATUS_WORDS[status]} />
  </Group>
);

/** The day by which it should be settled, and that it has passed. */
export const Due = (violation: Violation) => {
  const nowMs = useNow();
  const { due_at } = violation;
  if (!due_at) return null;
  const overdue = isOverdue(violation, Date.parse(due_at), nowMs);
  return (
    <Text span inherit c={overdue ? 'var(--critical)' : undefined} fw={overdue ? 600 : undefined}>
      {overdue ? 'overdue since' : 'due'} <Ago at={due_at} />
    </Text>
  );
};

/** One violation in the register. */
export const ViolationRow = ({ violation }: { violation: Violation }) => (
  <>
    <Text size="sm" fw={600} component="div">
      <Foreign text={violation.sentence} clamp={3} />
    </Text>
    <Group justify="space-between" gap="xs" wrap="nowrap">
      <Text size="xs" c="dimmed" miw={0} component="div">
        <Foreign text={violation.agent_id} clamp={1} />
      </Text>
      <Text size="xs" c="dimmed" component="div" style={{ whiteSpace: 'nowrap' }}>
        {violation.status === 'open' && violation.due_at ? <Due {...violation} /> : <Ago at={violation.occurred_at} />}
      </Text>
    </Group>
    <ViolationBadges {...violation} />
  </>
);
