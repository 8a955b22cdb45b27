import { Button, Group, List, Loader, Modal, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { Execution, ExecutionResult } from '#client/browser';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../data/api.js';
import { EXECUTION, EXECUTIONS } from '../data/keys.js';
import { FormProblem } from '../form/form-problem.js';
import { useServerForm } from '../form/use-server-form.js';
import { type Request, requestWords } from './request.rules.js';
import { type Trace, useStore } from './use-trace.js';

const MAX_REASON = 1_000;
const SEND: Record<Request, (id: string, reason: string | undefined) => Promise<Execution>> = {
  pause: (id, reason) => api.executions.pause(id, reason),
  resume: (id, reason) => api.executions.resume(id, reason),
  cancel: (id) => api.executions.cancel(id),
  rollback: (id, reason) => api.executions.rollback(id, reason),
};

/** A rollback says how much it puts back, so the rest of the trace is read while its dialog is open. */
const useWholeTrace = ({ store, reader }: Trace, wanted: boolean): boolean => {
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!wanted) return undefined;
    let closed = false;
    reader.readAll(() => closed).catch(() => !closed && setFailed(true));
    return () => {
      closed = true;
    };
  }, [reader, wanted]);
  useStore(store);
  return wanted && !failed && store.undoable.unread > 0;
};

interface DialogProps {
  request: Request;
  trace: Trace;
  execution: ExecutionResult;
  close: () => void;
}

const useRequestForm = ({ request, execution, close }: DialogProps, taken: string) => {
  const queries = useQueryClient();
  return useServerForm({
    initialValues: { reason: '' },
    send: ({ reason }) => SEND[request](execution.id, reason.trim() || undefined),
    done: (answer) => {
      queries.setQueryData<ExecutionResult>([...EXECUTION, execution.id], (old) => old && { ...old, ...answer });
      void queries.invalidateQueries({ queryKey: [...EXECUTION, execution.id] });
      void queries.invalidateQueries({ queryKey: EXECUTIONS });
      notifications.show({ color: 'teal', message: taken });
      close();
    },
  });
};

/** Says exactly what will happen, and asks for it once that is confirmed. */
export const RequestDialog = (props: DialogProps) => {
  const { request, trace, execution, close } = props;
  const reading = useWholeTrace(trace, request === 'rollback');
  const words = requestWords(request, execution, trace.store.undoable);
  const { form, submit, pending, problem } = useRequestForm(props, words.taken);
  return (
    <Modal opened onClose={close} title={words.title} centered size="lg">
      <form onSubmit={submit}>
        <Stack gap="md">
          <List size="sm" spacing={6}>
            {words.says.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
          {reading && (
            <Text size="xs" c="dimmed" role="status">
              <Loader size={10} mr={6} aria-hidden />
              Reading the rest of the trace to count what would be put back. You need not wait for it.
            </Text>
          )}
          {request !== 'cancel' && (
            <Textarea
              label="Reason"
              description="Kept in the record, for whoever reads it later. You may leave it out."
              maxLength={MAX_REASON}
              autosize
              minRows={2}
              maxRows={6}
              data-autofocus
              {...form.getInputProps('reason')}
            />
          )}
          <FormProblem problem={problem} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Keep as it is
            </Button>
            <Button
              type="submit"
              loading={pending}
              color={request === 'rollback' || request === 'cancel' ? 'red' : undefined}
              data-autofocus={request === 'cancel' || undefined}
            >
              {words.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
