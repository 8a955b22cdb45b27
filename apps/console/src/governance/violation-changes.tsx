import { Stack, Text } from '@mantine/core';
import type { Violation } from '#client/browser';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { dayOf } from './due.js';
import { useOwners } from './use-violations.js';
import { STATUS_WORDS } from './violation.rules.js';

/** Who made what of it, when and why; newest first. */
export const ViolationChanges = ({ changes }: Pick<Violation, 'changes'>) => {
  const { nameOf } = useOwners();
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nobody has changed anything yet.
      </Text>
    );
  }
  return (
    <Stack gap={8} component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
      {changes.toReversed().map(({ at, by, status, owner, due_at, note }) => (
        <Text key={at} size="sm" component="li">
          <Foreign text={by.name} />: {STATUS_WORDS[status].word}
          {', '}
          {owner ? (
            <>
              of <Foreign text={nameOf(owner)} />
            </>
          ) : (
            'of nobody'
          )}
          {due_at && `, due ${dayOf(due_at)}`}{' '}
          <Text span size="xs" c="dimmed">
            <Ago at={at} />
          </Text>
          {note && (
            <Text size="sm" c="dimmed" component="div">
              <Foreign text={note} />
            </Text>
          )}
        </Text>
      ))}
    </Stack>
  );
};
