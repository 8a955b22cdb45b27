import { Box, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { titleOfPage } from './title.js';

/** One page: its heading, what can be done on it, and its content. */
export const Page = ({
  title,
  description,
  actions,
  wide,
  children,
}: {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  /** Uses the whole width: lists and monitors. */
  wide?: boolean;
  children: ReactNode;
}) => {
  useEffect(() => titleOfPage(title), [title]);
  return (
    <Stack gap="md" maw={wide ? undefined : 1100} mx="auto" w="100%">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Box miw={0} flex="1 1 280px">
          <Title order={1} size="h2" className="foreign">
            {title}
          </Title>
          {description && (
            <Text component="div" c="dimmed" size="sm">
              {description}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
};
