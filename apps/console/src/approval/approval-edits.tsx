import { Group, Stack, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { Pencil } from 'lucide-react';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { argumentsDiff } from './arguments-diff.js';
import classes from './approval.module.css';
import { DiffView } from './diff-view.js';
import { Section } from './section.js';

/** Who has put other arguments in the place of which. */
export const Edits = ({ edits }: Pick<Approval, 'edits'>) => {
  if (edits.length === 0) return null;
  return (
    <Section title="Edited by reviewers">
      <Stack gap="xs">
        {edits.map(({ by, before, after, after_digest, at }, index) => (
          <div key={`${index} ${after_digest}`} className={classes.change}>
            <Group gap={8} wrap="nowrap" px="sm" py={6} c="var(--info)">
              <Pencil size={14} aria-hidden />
              <Text size="sm" c="var(--mantine-color-text)" miw={0}>
                <Foreign text={by.name} /> changed the arguments{' '}
                <Text span size="xs" c="dimmed">
                  <Ago at={at} />
                </Text>
              </Text>
            </Group>
            <DiffView path="the arguments" diff={argumentsDiff(before, after)} />
          </div>
        ))}
      </Stack>
    </Section>
  );
};
