import { Group, Text } from '@mantine/core';
import { Hourglass } from 'lucide-react';
import { countdownOf, type Urgency } from './countdown.rules.js';
import { useNow } from './use-now.js';

const COLOURS: Record<Urgency, string> = {
  calm: 'dimmed',
  soon: 'var(--medium)',
  urgent: 'var(--critical)',
  over: 'var(--critical)',
};
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The time left until an unanswered approval is a no. */
export const Countdown = ({ to }: { to: string }) => {
  const { words, urgency } = countdownOf(Date.parse(to), useNow());
  return (
    <Group gap={4} wrap="nowrap" c={COLOURS[urgency]} component="span" display="inline-flex">
      <Hourglass size={13} aria-hidden />
      <Text span size="xs" fw={urgency === 'calm' ? 400 : 600} c="inherit" className="tabular">
        <time dateTime={to} title={`Until ${exact.format(new Date(to))}; unanswered it is a no`}>
          {words}
        </time>
      </Text>
    </Group>
  );
};
