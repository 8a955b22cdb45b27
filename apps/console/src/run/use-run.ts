import { type RunPrediction, type SubmitExecution } from '#client/browser';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { api } from '../data/api.js';
import { EXECUTIONS } from '../data/keys.js';
import { fieldErrors } from '../form/use-server-form.js';
import { useMe } from '../session/use-me.js';
import { forgetDraft, keepDraft, keptDraft } from './kept-draft.js';
import { isAbout, questionOf } from './prediction.rules.js';
import { EMPTY_DRAFT, fieldOfRun, requestOf, type RunDraft } from './run-draft.rules.js';
import { usePlaybook } from './use-playbooks.js';

export type RunForm = UseFormReturnType<RunDraft>;

export interface Run {
  form: RunForm;
  version: ReturnType<typeof usePlaybook>;
  /** The newest prediction, for whatever task it was asked. */
  prediction: UseMutationResult<RunPrediction, Error, SubmitExecution>;
  submission: UseMutationResult<{ id: string }, Error, SubmitExecution>;
  /** The prediction is about the task as it stands now. */
  fresh: boolean;
  predict: () => void;
  proceed: () => void;
  clear: () => void;
}

const UNREAD = { errors: { playbook: 'Its inputs could not be read' } };

/** A task from its draft to the run: checked, predicted, submitted; what the server says lands on the fields. */
export const useRun = (): Run => {
  const me = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useForm<RunDraft>({ initialValues: keptDraft(me) });
  const left = useRef(false);
  const version = usePlaybook(form.values.playbook);
  const unread = form.values.playbook !== null && !version.data;
  const judged = unread ? UNREAD : requestOf(form.values, version.data?.declarations ?? []);
  useEffect(() => {
    if (!left.current) keepDraft(me, form.values);
  }, [me, form.values]);

  const refuse = (errors: Record<string, string>): void => {
    form.setErrors(errors);
    const [first] = Object.keys(errors);
    if (first) form.getInputNode(first)?.focus();
  };
  const refused = (failure: Error): void => refuse(fieldErrors(failure, fieldOfRun));
  const prediction = useMutation({
    mutationFn: (task: SubmitExecution) => api.predict(questionOf(task, version.data?.playbook)),
    onError: refused,
  });
  const submission = useMutation({
    mutationFn: (task: SubmitExecution): Promise<{ id: string }> => api.execute(task),
    onError: refused,
    onSuccess: ({ id }) => {
      left.current = true;
      forgetDraft(me);
      void queries.invalidateQueries({ queryKey: EXECUTIONS });
      return navigate({ to: '/executions/$id', params: { id } });
    },
  });
  const checked = async (send: (task: SubmitExecution) => void): Promise<void> => {
    const read = unread ? (await version.refetch()).data : undefined;
    const now = read ? requestOf(form.getValues(), read.declarations) : judged;
    if ('errors' in now) return refuse(now.errors);
    form.clearErrors();
    send(now.request);
  };
  return {
    form,
    version,
    prediction,
    submission,
    fresh: isAbout(prediction.variables, 'request' in judged ? judged.request : null),
    predict: () =>
      void checked((task) => {
        submission.reset();
        prediction.mutate(task);
      }),
    proceed: () => void checked(submission.mutate),
    clear: () => {
      form.setValues(EMPTY_DRAFT);
      form.clearErrors();
      prediction.reset();
      submission.reset();
    },
  };
};
