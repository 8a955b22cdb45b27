import { List, Text } from '@mantine/core';
import type { Approval } from '#client/browser';
import { Link } from '@tanstack/react-router';
import classes from './approval.module.css';
import { Section } from './section.js';

const SHOWN = 5;

/** The other requests for exactly this action that wait, each a decision of its own. */
export const Same = ({ same_as: same }: Pick<Approval, 'same_as'>) => {
  if (same.length === 0) return null;
  return (
    <Section title={`Asked for ${same.length + 1} times`}>
      <Text size="sm">
        Exactly the same action, down to its digest, waits {same.length === 1 ? 'once' : `${same.length} times`} more.
        Each is answered and used by itself.
      </Text>
      <List size="xs" spacing={2} mt={4}>
        {same.slice(0, SHOWN).map((id) => (
          <List.Item key={id}>
            <Link to="." search={(now) => ({ ...now, approval: id })} className={`${classes.inline} mono`}>
              {id}
            </Link>
          </List.Item>
        ))}
      </List>
      {same.length > SHOWN && (
        <Text size="xs" c="dimmed">
          and {same.length - SHOWN} more
        </Text>
      )}
    </Section>
  );
};
