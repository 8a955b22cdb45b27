import { Alert, List } from '@mantine/core';
import { ApiError } from '#client/browser';

/** What the server says about a form as a whole. */
export const FormProblem = ({ problem }: { problem: Error | null }) => {
  if (!problem) return null;
  const errors = problem instanceof ApiError ? problem.errors : [];
  return (
    <Alert color="red" variant="light" role="alert" title={problem.message}>
      {errors.length > 0 && (
        <List size="sm">
          {errors.map(({ path, message }) => (
            <List.Item key={path + message}>{path ? `${path}: ${message}` : message}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
};
