import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** One entry of a description list. */
export const Labelled = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <Text component="dt" size="sm" c="dimmed">
      {name}
    </Text>
    <Text component="dd" size="sm">
      {children}
    </Text>
  </>
);

/** A part of a page under a heading of its own. */
export const Panel = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="surface" aria-label={title}>
    <Stack gap="xs" p="md">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  </section>
);
