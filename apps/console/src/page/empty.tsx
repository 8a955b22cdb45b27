import { Center, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** Nothing is here yet: what would be, and what to do next. */
export const Empty = ({ icon: Icon, title, children }: { icon: LucideIcon; title: string; children?: ReactNode }) => (
  <Center py={64} px="md">
    <Stack align="center" gap="sm" maw={460}>
      <ThemeIcon size={52} radius="xl" variant="light">
        <Icon size={26} aria-hidden />
      </ThemeIcon>
      <Title order={2} size="h4" ta="center">
        {title}
      </Title>
      <Text component="div" c="dimmed" ta="center" size="sm">
        {children}
      </Text>
    </Stack>
  </Center>
);
