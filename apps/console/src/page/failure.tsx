import { Alert, Button, Group, Text } from '@mantine/core';
import { ApiError, ConnectionError } from '#client/browser';
import { RotateCw, TriangleAlert, WifiOff } from 'lucide-react';

/** What happened, in words, and a way to try again. */
export const Failure = ({ error, retry }: { error: unknown; retry?: () => void }) => {
  const offline = error instanceof ConnectionError;
  const said = error instanceof Error ? error.message : 'Something went wrong.';
  return (
    <Alert
      color={offline ? 'yellow' : 'red'}
      variant="light"
      role="alert"
      icon={offline ? <WifiOff size={18} aria-hidden /> : <TriangleAlert size={18} aria-hidden />}
      title={offline ? 'SpecTrace does not answer' : said}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" className="foreign" component="div" flex="1 1 200px">
          {offline ? said : error instanceof ApiError && <Refusal error={error} />}
        </Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry} leftSection={<RotateCw size={14} aria-hidden />}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
};

/** What exactly was refused, and what finds it in the log. */
const Refusal = ({ error: { errors, code, request_id } }: { error: ApiError }) => (
  <>
    {errors.map(({ path, message }) => (
      <div key={path + message}>{path === '' ? message : `${path} ${message}`}</div>
    ))}
    <Text size="xs" c="dimmed">
      {request_id ? `${code}, request ${request_id}` : code}
    </Text>
  </>
);
