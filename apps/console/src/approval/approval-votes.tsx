import { Group, Stack, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { CircleCheck, CircleX } from 'lucide-react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { Section } from './section.js';

/** Who has answered what, when and why. */
export const Votes = ({ votes }: Pick<Approval, 'votes'>) => {
  if (votes.length === 0) return null;
  return (
    <Section title="Answers so far">
      <Stack gap={6}>
        {votes.map(({ by, decision, reason, at }) => {
          const yes = decision === 'approve';
          const Icon = yes ? CircleCheck : CircleX;
          return (
            <Group key={by.id} gap={8} wrap="nowrap" align="flex-start" c={yes ? 'var(--low)' : 'var(--critical)'}>
              <Icon size={16} aria-hidden />
              <Text size="sm" c="var(--mantine-color-text)" miw={0}>
                <Foreign text={by.name} /> {yes ? 'approved' : 'rejected'}{' '}
                <Text span size="xs" c="dimmed">
                  <Ago at={at} />
                </Text>
                {reason && (
                  <Text size="sm" c="dimmed" component="div">
                    <Foreign text={reason} />
                  </Text>
                )}
              </Text>
            </Group>
          );
        })}
      </Stack>
    </Section>
  );
};
