import { Button, Group, Stack } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { useEffect } from 'react';
import { Empty } from '../page/empty.js';
import { Failure } from '../page/failure.js';
import { titleOfPage } from '../page/title.js';

export const NotFoundPage = () => {
  useEffect(() => titleOfPage('Not found'), []);
  return (
    <Empty icon={Compass} title="There is nothing here">
      The address may be mistyped, or what it named is gone.{' '}
      <Button mt="md" variant="default" renderRoot={(props) => <Link to="/executions" {...props} />}>
        To the executions
      </Button>
    </Empty>
  );
};

/** What browsers say when a file of a page does not come. */
const UNLOADED = /dynamically imported module|module script failed/i;
const UPDATED =
  'This part of the console could not be loaded: the network failed, or SpecTrace was updated in the meantime.';

/** What a page could not go on with. The rest of the console still works, and so does a second try. */
export const CrashPage = ({ error, reset }: ErrorComponentProps) => {
  useEffect(() => titleOfPage('Something went wrong'), []);
  return (
    <Stack maw={640} mx="auto" py={64} px="md">
      <Failure
        error={error instanceof Error && UNLOADED.test(error.message) ? new Error(UPDATED) : error}
        retry={reset}
      />
      <Group justify="center">
        <Button variant="default" onClick={() => location.reload()}>
          Load the console again
        </Button>
      </Group>
    </Stack>
  );
};
