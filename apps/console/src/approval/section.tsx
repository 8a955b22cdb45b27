import { Box, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** One part of what there is to know about an approval. */
export const Section = ({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) => (
  <Box component="section" aria-label={title}>
    <Group justify="space-between" gap="xs" mb={6} mih={22}>
      <Text component="h3" size="xs" fw={600} c="dimmed" tt="uppercase">
        {title}
      </Text>
      {aside}
    </Group>
    {children}
  </Box>
);
