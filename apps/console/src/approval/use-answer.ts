import { notifications } from '@mantine/notifications';
import type { UseFormReturnType } from '@mantine/form';
import type { Approval } from '#client/browser';
import { type FormEvent, useRef, useState } from 'react';
import { api } from '../data/api.js';
import { useServerForm } from '../form/use-server-form.js';
import { afterwards } from './approval.rules.js';
import { useAnswered } from './use-approvals.js';

export const MAX_REASON = 2_000;

export interface Answer {
  /** What is about to be answered; null: not chosen yet. */
  decision: 'approve' | 'reject' | null;
  choose: (decision: 'approve' | 'reject' | null) => void;
  /** What was chosen before it was taken back. */
  left: 'approve' | 'reject' | null;
  form: UseFormReturnType<{ reason: string }>;
  submit: (event: FormEvent<HTMLFormElement>) => void;
  pending: boolean;
  problem: Error | null;
  /** True once it is given. */
  given: boolean;
}

/** One person's answer to one approval. However often it is sent, one request is under way, and after a success none. */
export const useAnswer = ({ id, execution_id }: Approval, answered: (answer: Approval) => void): Answer => {
  const [decision, setDecision] = useState<Answer['decision']>(null);
  const [left, setLeft] = useState<Answer['left']>(null);
  const choose = (to: Answer['decision']): void => {
    if (decision) setLeft(decision);
    setDecision(to);
  };
  const sent = useRef(false);
  const spread = useAnswered();
  const { form, submit, pending, problem, answer } = useServerForm({
    initialValues: { reason: '' },
    validate: ({ reason }) =>
      decision === 'reject' && reason.trim() === '' ? { reason: 'Say why: a rejection needs a reason.' } : {},
    send: async ({ reason }) => {
      const said = reason.trim();
      try {
        return await (decision === 'reject'
          ? api.approvals.reject(id, said)
          : api.approvals.approve(id, said || undefined));
      } catch (error) {
        sent.current = false;
        // Refused, or nobody knows: either way what is shown may be old.
        spread({ id, execution_id });
        throw error;
      }
    },
    done: (given) => {
      choose(null);
      spread(given, given);
      notifications.show({ ...afterwards(given), color: given.status === 'rejected' ? 'gray' : 'teal' });
      answered(given);
    },
  });
  const submitOnce = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (sent.current || decision === null) return;
    if (!form.validate().hasErrors) sent.current = true;
    submit(event);
  };
  return { decision, choose, left, form, submit: submitOnce, pending, problem, given: answer !== undefined };
};
