import { ApiError } from '#client/browser';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { type FieldOf, placed } from './server-errors.rules.js';

interface ServerForm<V extends Record<string, unknown>, A> {
  form: UseFormReturnType<V>;
  submit: (event: FormEvent<HTMLFormElement>) => void;
  pending: boolean;
  /** What went wrong beside single fields. */
  problem: Error | null;
  answer: A | undefined;
}

const itself: FieldOf = (path) => path;

/** The failure as far as it is not told at fields; null: all of it is. */
export const leftOver = (failure: Error | null, field: FieldOf = itself): Error | null => {
  if (!(failure instanceof ApiError) || failure.errors.length === 0) return failure;
  return placed(failure.errors, field).rest.length > 0 ? failure : null;
};

/** By field: what the failure says about it. */
export const fieldErrors = (failure: Error, field: FieldOf = itself): Record<string, string> =>
  failure instanceof ApiError ? placed(failure.errors, field).fields : {};

/** A form whose fields show what the server says about them (`errors[{path, message}]`), wherever it says it. */
export const useServerForm = <V extends Record<string, unknown>, A = void>(spec: {
  initialValues: V;
  send: (values: V) => Promise<A>;
  validate?: (values: V) => Partial<Record<string, string>>;
  done?: (answer: A) => void;
  /** Where a field of the request stands in the form, when it is not the same; null: above the form. */
  field?: FieldOf;
}): ServerForm<V, A> => {
  const form = useForm<V>({
    initialValues: spec.initialValues,
    ...(spec.validate && { validate: (values: V) => spec.validate!(values) as never }),
  });
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: spec.send,
    onSuccess: spec.done,
    onError: (failure) => form.setErrors(fieldErrors(failure, spec.field)),
  });
  return {
    form,
    submit: form.onSubmit((values) => mutate(values)),
    pending: isPending,
    problem: leftOver(error, spec.field),
    answer: data,
  };
};
