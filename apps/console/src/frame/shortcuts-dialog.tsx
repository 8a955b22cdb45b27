import { Group, Kbd, Modal, Stack, Text, Title } from '@mantine/core';
import { Fragment } from 'react';
import { useMe } from '../session/use-me.js';
import { PLACES } from './navigation.js';

/** Keys pressed together stand in one text (`Ctrl K`), keys pressed after each other in several. */
interface Shortcut {
  keys: string[];
  does: string;
}

const EVERYWHERE: Shortcut[] = [
  { keys: ['Ctrl K'], does: 'Search everything, or go to a page' },
  { keys: ['/'], does: 'Search this page; where it has no search, everything' },
  { keys: ['?'], does: 'Show these shortcuts' },
  { keys: ['Esc'], does: 'Close what is open' },
];
const STOP: Shortcut = { keys: ['!'], does: 'Stop agents' };
const LISTS: Shortcut[] = [
  { keys: ['j'], does: 'Into the list, then one row down' },
  { keys: ['k'], does: 'One row up' },
  { keys: ['Home'], does: 'First row' },
  { keys: ['End'], does: 'Last row that was read' },
  { keys: ['Enter'], does: 'Open the row' },
];
const RUN: Shortcut[] = [{ keys: ['Ctrl Enter'], does: 'Predict the risk of the task' }];

export const ShortcutsDialog = ({ opened, close }: { opened: boolean; close: () => void }) => {
  const { permissions } = useMe();
  const places = PLACES.filter(({ needs }) => !needs || permissions.includes(needs)).map(
    ({ label, key }): Shortcut => ({ keys: ['g', key], does: label }),
  );
  return (
    <Modal opened={opened} onClose={close} title="Keyboard shortcuts" size="lg">
      <Stack gap="lg">
        <Section
          title="Everywhere"
          shortcuts={permissions.includes('kill.write') ? [...EVERYWHERE, STOP] : EVERYWHERE}
        />
        <Section title="Go to" shortcuts={places} />
        <Section title="Lists" shortcuts={LISTS} />
        {permissions.includes('execution.submit') && <Section title="Run" shortcuts={RUN} />}
      </Stack>
    </Modal>
  );
};

const Section = ({ title, shortcuts }: { title: string; shortcuts: Shortcut[] }) => (
  <div>
    <Title order={3} size="h6" mb={6}>
      {title}
    </Title>
    <Stack gap={6} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {shortcuts.map(({ keys, does }) => (
        <Group key={does} component="li" justify="space-between" wrap="nowrap">
          <Text size="sm">{does}</Text>
          <Group gap={4} wrap="nowrap">
            {keys.map((key, at) => (
              <Fragment key={key}>
                {at > 0 && (
                  <Text size="xs" c="dimmed">
                    then
                  </Text>
                )}
                <Kbd size="xs">{key}</Kbd>
              </Fragment>
            ))}
          </Group>
        </Group>
      ))}
    </Stack>
  </div>
);
