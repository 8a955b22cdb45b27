import { Center, Group, Image, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** The frame of everything that comes before the console itself. */
export const SignInCard = ({ title, children }: { title: string; children: ReactNode }) => (
  <Center mih="100vh" p="md" component="main">
    <Paper className="surface" p="xl" w="100%" maw={420}>
      <Stack gap="lg">
        <Group gap="sm" wrap="nowrap">
          <Image src="/icon.svg" w={36} h={36} alt="" />
          <div>
            <Text fw={700} size="lg">
              SpecTrace
            </Text>
            <Text size="xs" c="dimmed">
              predicted · decided · done · verified · undone
            </Text>
          </div>
        </Group>
        <Title order={1} size="h3">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  </Center>
);
