import { Stack, Text } from '@mantine/core';
import { createTwoFilesPatch } from 'diff';
import { useMemo } from 'react';
import { DiffView } from '../approval/diff-view.js';
import classes from './policy.module.css';
import { type Change, changesOf, type Files } from './policy.rules.js';

const CONTEXT_LINES = 3;
const WORDS: Record<Change['kind'], string> = { added: 'a new file', changed: 'changed', removed: 'removed' };

const FileDiff = ({ change: { file, kind }, before, after }: { change: Change; before: string; after: string }) => {
  const diff = useMemo(
    () => createTwoFilesPatch('before', 'after', before, after, undefined, undefined, { context: CONTEXT_LINES }),
    [before, after],
  );
  return (
    <Stack gap={4}>
      <Text size="sm" component="div">
        <span className="mono">{file}</span>{' '}
        <Text span size="xs" c="dimmed">
          {WORDS[kind]}
        </Text>
      </Text>
      <div className={classes.change}>
        <DiffView path={file} diff={diff} />
      </div>
    </Stack>
  );
};

/** What of a bundle differs from another one, file by file. `same`: what to say when nothing does. */
export const BundleDiff = ({ before, after, same }: { before: Files; after: Files; same: string }) => {
  const changes = changesOf(before, after);
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {same}
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      {changes.map((change) => (
        <FileDiff
          key={change.file}
          change={change}
          before={before[change.file] ?? ''}
          after={after[change.file] ?? ''}
        />
      ))}
    </Stack>
  );
};
