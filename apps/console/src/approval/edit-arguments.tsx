import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import type { Approval } from '#client/browser';
import { argumentsDiff } from './arguments-diff.js';
import classes from './approval.module.css';
import { DiffView } from './diff-view.js';
import { hasHidden } from './edit.rules.js';
import type { Edit } from './use-edit.js';

const Changed = ({ approval, edit }: { approval: Approval; edit: Edit }) => {
  if (edit.draft?.kind !== 'edited') {
    return (
      <Text size="xs" c="dimmed">
        {edit.draft?.kind === 'same' ? 'Nothing is changed yet.' : 'Nothing can be compared yet.'}
      </Text>
    );
  }
  return (
    <div className={classes.change}>
      <DiffView path="the arguments" diff={argumentsDiff(approval.arguments, edit.draft.arguments)} />
    </div>
  );
};

/** The arguments as JSON that a reviewer may change, and what that changes. */
export const EditArguments = ({ approval, edit }: { approval: Approval; edit: Edit }) => (
  <Stack gap="xs">
    <Textarea
      label="Arguments"
      description={
        hasHidden(approval.arguments)
          ? 'JSON. What is shown as [redacted:…] or cut off, and left alone, stays as it really is.'
          : 'JSON. The tool checks them, and policy decides about them again.'
      }
      value={edit.text ?? ''}
      onChange={({ currentTarget }) => edit.write(currentTarget.value)}
      error={edit.draft?.kind === 'invalid' ? edit.draft.message : undefined}
      autosize
      minRows={4}
      maxRows={18}
      autoFocus
      spellCheck={false}
      classNames={{ input: classes.editor }}
    />
    <Changed approval={approval} edit={edit} />
    <Group justify="flex-end">
      <Button size="compact-sm" variant="default" onClick={edit.leave}>
        Leave them as they are
      </Button>
    </Group>
  </Stack>
);
