import { Button, Checkbox, Code, Group, Stack, Text } from '@mantine/core';
import type { NewMember } from '#client/browser';
import { useState } from 'react';
import { CopyText } from '../page/copy-text.js';
import { Foreign } from '../page/foreign.js';

/** The one time it can be read: it goes when whoever reads it says that it was passed on. */
export const OneTimePassword = ({ member, done }: { member: NewMember; done: () => void }) => {
  const [passedOn, setPassedOn] = useState(false);
  return (
    <Stack>
      <Text size="sm">
        <Foreign text={member.user.email} /> signs in with this password once, within 7 days, and then chooses their
        own. It is shown this once.
      </Text>
      <Group gap="xs" wrap="nowrap">
        <Code fz="md" p="xs" flex={1} className="foreign">
          {member.one_time_password}
        </Code>
        <CopyText text={member.one_time_password!} label="Copy the one-time password" />
      </Group>
      <Checkbox
        label="I have passed it on"
        checked={passedOn}
        onChange={(event) => setPassedOn(event.currentTarget.checked)}
      />
      <Button disabled={!passedOn} onClick={done}>
        Close
      </Button>
    </Stack>
  );
};
