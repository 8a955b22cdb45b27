import { Group, Stack, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { CircleCheck, CircleX } from 'lucide-react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { stillNeeded } from './approval.rules.js';
import { Section } from './section.js';

type Vote = Approval['votes'][number];

/** A vote about arguments that were edited since counts no longer. */
const colourOf = ({ decision, is_void }: Vote): string => {
  if (is_void) return 'var(--neutral)';
  return decision === 'approve' ? 'var(--low)' : 'var(--critical)';
};

/** Who has answered what, when and why, and how many are still needed. */
export const Votes = ({ approval }: { approval: Approval }) => {
  const { votes, status } = approval;
  if (votes.length === 0) return null;
  const needed = stillNeeded(approval);
  return (
    <Section title="Answers so far">
      <Stack gap={6}>
        {votes.map((vote) => {
          const { by, decision, reason, at, is_void } = vote;
          const yes = decision === 'approve';
          const Icon = yes ? CircleCheck : CircleX;
          return (
            <Group key={`${by.id} ${at}`} gap={8} wrap="nowrap" align="flex-start" c={colourOf(vote)}>
              <Icon size={16} aria-hidden />
              <Text size="sm" c="var(--mantine-color-text)" miw={0}>
                <Foreign text={by.name} /> {yes ? 'approved' : 'rejected'}{' '}
                <Text span size="xs" c="dimmed">
                  <Ago at={at} />
                </Text>
                {is_void && (
                  <Text size="xs" c="dimmed" component="div">
                    The arguments were edited afterwards, so it no longer counts.
                  </Text>
                )}
                {reason && (
                  <Text size="sm" c="dimmed" component="div">
                    <Foreign text={reason} />
                  </Text>
                )}
              </Text>
            </Group>
          );
        })}
        {status === 'pending' && (
          <Text size="sm" c="dimmed">
            {needed === 1 ? 'One more approver is needed' : `${needed} more approvers are needed`}
            {approval.approvers_needed > 1 && ', and two are two different people'}.
          </Text>
        )}
      </Stack>
    </Section>
  );
};
