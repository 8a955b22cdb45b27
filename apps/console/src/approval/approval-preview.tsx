import { Box, Group, Stack, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { FileMinus, FilePen, FilePlus } from 'lucide-react';
import { Foreign } from '../page/foreign.js';
import { visible } from '../page/foreign.rules.js';
import classes from './approval.module.css';
import { DiffView } from './diff-view.js';
import { unforeseen } from './approval.rules.js';
import { Section } from './section.js';

type Change = NonNullable<Approval['preview']>[number];

const CHANGES = {
  created: { icon: FilePlus, words: 'would be created', colour: 'var(--low)' },
  modified: { icon: FilePen, words: 'would be changed', colour: 'var(--medium)' },
  deleted: { icon: FileMinus, words: 'would be deleted', colour: 'var(--critical)' },
} as const;
/** A folder's removal names what is in it; beyond these, names are enough to scroll through. */
const NAMED = 8;

const ChangeHead = ({ change }: { change: Change }) => {
  const { icon: Icon, words, colour } = CHANGES[change.change];
  return (
    <Group gap={8} wrap="nowrap" px="sm" py={6} align="flex-start">
      <Box c={colour} className={classes.icon}>
        <Icon size={16} aria-hidden />
      </Box>
      <Text size="sm" miw={0}>
        <Foreign text={change.path} mono />{' '}
        <Text span size="xs" c={colour}>
          {words}
        </Text>
        {change.note && (
          <Text size="xs" c="dimmed" component="div">
            <Foreign text={change.note} />
          </Text>
        )}
      </Text>
    </Group>
  );
};

/** What would change, told from the workspace as it was when the question was asked. */
export const Preview = ({ approval }: { approval: Pick<Approval, 'preview' | 'runs_elsewhere'> }) => {
  const { preview } = approval;
  if (!preview || preview.length === 0) {
    return (
      <Section title="What would change">
        <Text size="sm" c="dimmed">
          {unforeseen(approval)}
        </Text>
      </Section>
    );
  }
  const diffs = preview.filter(({ diff }) => diff !== null && diff !== undefined);
  const plain = preview.filter((change) => !diffs.includes(change));
  return (
    <Section title={`What would change (${preview.length})`}>
      <Stack gap="xs">
        {diffs.map((change) => (
          <div key={change.path} className={classes.change}>
            <ChangeHead change={change} />
            <DiffView path={change.path} diff={change.diff!} />
          </div>
        ))}
        {plain.length > 0 && (
          <div
            className={classes.change}
            data-many={plain.length > NAMED || undefined}
            {...(plain.length > NAMED && {
              tabIndex: 0,
              role: 'region',
              'aria-label': `What would change at ${visible(plain[0]!.path)} and below`,
            })}
          >
            {plain.map((change) => (
              <ChangeHead key={change.path} change={change} />
            ))}
          </div>
        )}
      </Stack>
    </Section>
  );
};
